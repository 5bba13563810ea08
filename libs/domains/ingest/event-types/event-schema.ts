import { hash } from 'node:crypto';
import type { FieldError } from '../../../platform/kernel/problem.js';
import { type AvroSchema, compileSchema } from '../../../platform/registry/avro-schema.js';
import { SchemaSyntaxError } from '../../../platform/registry/schema-form.js';
import { avroCheck } from './avro-check.js';
import { judgeAvroSchema } from './avro-judge.js';
import { canonical } from './canonical.js';
import type { DataCheck } from './data-check.js';
import { type JsonSchemaDocument, readJsonSchema } from './json-schema.js';
import { jsonSchemaCheck } from './json-schema-check.js';
import { judgeJsonSchema } from './json-schema-judge.js';
import type { SchemaChange } from './schema-change.js';

export const FORMATS_OF_SCHEMAS = ['json_schema', 'avro'] as const;
export type SchemaFormat = (typeof FORMATS_OF_SCHEMAS)[number];

const MOST_BYTES = 64 * 1024;

/** The schema of a version of an event type. */
export interface EventSchema {
  format: SchemaFormat;
  /** Its JSON. */
  text: string;
  /** Equal for schemas that differ in spaces and the order of names only. */
  digest: string;
  /** What its data is checked by. */
  check: DataCheck;
  /** What a later schema of the same format changes. */
  changesTo(later: EventSchema): SchemaChange[];
}

/** Reads a schema; what is wrong with it comes as errors with JSON Pointers into it. */
export function readEventSchema(format: SchemaFormat, schema: unknown): EventSchema | { errors: FieldError[] } {
  const read = parsed(format, schema);
  // What no check can be made of is refused now, and not when data comes.
  return 'errors' in read ? read : checkable(read);
}

function parsed(format: SchemaFormat, schema: unknown): EventSchema | { errors: FieldError[] } {
  const text = JSON.stringify(schema);
  if (Buffer.byteLength(text) > MOST_BYTES) {
    return { errors: [{ pointer: '', message: `is larger than ${MOST_BYTES} bytes` }] };
  }
  if (text.includes('\\u0000')) return { errors: [{ pointer: '', message: 'holds a NUL character' }] };
  return format === 'json_schema' ? ofJsonSchema(text, schema) : ofAvro(text);
}

/** A schema that was taken before; its check is made when it is asked for. Throws where it could not have been taken. */
export function knownEventSchema(format: SchemaFormat, text: string): EventSchema {
  const read = parsed(format, JSON.parse(text));
  if ('errors' in read) throw new Error(`A schema that was taken is not right: ${JSON.stringify(read.errors)}`);
  return read;
}

class JsonEventSchema implements EventSchema {
  readonly format = 'json_schema';
  private made: DataCheck | undefined;

  constructor(
    readonly text: string,
    readonly digest: string,
    readonly document: JsonSchemaDocument,
  ) {}

  get check(): DataCheck {
    this.made ??= jsonSchemaCheck(this.document);
    return this.made;
  }

  changesTo(later: EventSchema): SchemaChange[] {
    return judgeJsonSchema(this.document, (later as JsonEventSchema).document);
  }
}

class AvroEventSchema implements EventSchema {
  readonly format = 'avro';
  readonly check: DataCheck;

  constructor(
    readonly text: string,
    readonly digest: string,
    readonly type: AvroSchema['type'],
  ) {
    this.check = avroCheck(type);
  }

  changesTo(later: EventSchema): SchemaChange[] {
    return judgeAvroSchema(this.type, (later as AvroEventSchema).type);
  }
}

function ofJsonSchema(text: string, schema: unknown): EventSchema | { errors: FieldError[] } {
  try {
    const read = readJsonSchema(schema);
    if ('errors' in read) return read;
    return new JsonEventSchema(text, digestOf(canonical(schema)), read.document);
  } catch (error) {
    if (error instanceof RangeError) return { errors: [{ pointer: '', message: 'is nested too deep' }] };
    throw error;
  }
}

function checkable(schema: EventSchema): EventSchema | { errors: FieldError[] } {
  try {
    void schema.check;
    return schema;
  } catch (error) {
    if (error instanceof RangeError) return { errors: [{ pointer: '', message: 'is nested too deep' }] };
    throw error;
  }
}

function ofAvro(text: string): EventSchema | { errors: FieldError[] } {
  try {
    const { type, identity } = compileSchema(text);
    return new AvroEventSchema(text, identity.toString('hex').slice(0, 32), type);
  } catch (error) {
    if (error instanceof SchemaSyntaxError) return { errors: [{ pointer: '', message: error.message }] };
    throw error;
  }
}

function digestOf(text: string): string {
  return hash('sha256', text, 'hex').slice(0, 32);
}
