import { hash } from 'node:crypto';
import avro from 'avsc';
import { DefaultValues } from './default-values.js';
import { formOf, parseLiterally, SchemaSyntaxError } from './schema-form.js';

/** A named type from another subject. */
export interface SchemaReference {
  name: string;
  subject: string;
  version: number;
}

export interface AvroSchema {
  /** Compact JSON, as it was sent or normalized. */
  text: string;
  /** SHA-256: equal for the same schema, see `formOf`, with the same references. */
  identity: Buffer;
  type: avro.Type;
}

interface Decimal {
  precision: number;
  scale: number;
}

const decimals = new WeakMap<avro.Type, Decimal>();

/** What a `bytes` or `fixed` says of being a decimal; undefined for any other type and for an invalid one. */
export function decimalOf(type: avro.Type): Decimal | undefined {
  return decimals.get(type);
}

/**
 * Compiles a schema whose references are resolved: `referenced` are their texts, each after those that it needs itself.
 * Throws SchemaSyntaxError.
 */
export function compileSchema(
  text: string,
  { references = [], referenced = [], normalize = false }: CompileOptions = {},
): AvroSchema {
  try {
    const schema = parseLiterally(text);
    const form = formOf(schema);
    const places = references.map(({ name, subject, version }) => [name, subject, version]).sort();
    return {
      text: JSON.stringify(normalize ? form : schema),
      identity: Buffer.from(hash('sha256', JSON.stringify([form, places]), 'hex'), 'hex'),
      type: typeOf(text, referenced),
    };
  } catch (error) {
    if (error instanceof RangeError) throw new SchemaSyntaxError('it is nested too deep');
    throw error;
  }
}

export interface CompileOptions {
  references?: readonly SchemaReference[];
  referenced?: readonly string[];
  normalize?: boolean;
}

function typeOf(text: string, referenced: readonly string[]): avro.Type {
  // Without a prototype: a schema may use the name "constructor".
  const registry = Object.create(null) as { [name: string]: avro.Type };
  const defaults = new DefaultValues();
  try {
    for (const one of referenced) compile(one, registry, defaults);
    return compile(text, registry, defaults);
  } catch (error) {
    if (error instanceof SchemaSyntaxError) throw error;
    throw new SchemaSyntaxError((error as Error).message);
  }
}

function compile(text: string, registry: { [name: string]: avro.Type }, defaults: DefaultValues): avro.Type {
  // The leading dot keeps avsc from putting such a name into the namespace around it.
  const form = formOf(JSON.parse(text), (name) => `.${name}`);
  defaults.count(form);
  // Wrapped, avsc takes every union that the specification takes.
  return avro.Type.forSchema(form as avro.Schema, { registry, wrapUnions: 'always', typeHook: rememberDecimal });
}

/** Types of avsc do not say that they are decimals, unless a class of ours stands in for them. */
function rememberDecimal(schema: avro.Schema, options: avro.ForSchemaOptions): avro.Type | undefined {
  const { logicalType, precision, scale = 0, ...bare } = schema as unknown as Record<string, unknown>;
  if (logicalType !== 'decimal' || (bare.type !== 'bytes' && bare.type !== 'fixed')) return undefined;
  const type = avro.Type.forSchema(bare as unknown as avro.Schema, options);
  const isValid = isCount(precision) && isCount(scale) && precision > 0 && scale <= precision;
  if (isValid) decimals.set(type, { precision, scale });
  return type;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
