import { hash } from 'node:crypto';
import type { FieldError } from '../../../platform/kernel/problem.js';
import { type AvroSchema, compileSchema } from '../../../platform/registry/avro-schema.js';
import { SchemaSyntaxError } from '../../../platform/registry/schema-form.js';
import { avroCheck } from './avro-check.js';
import { judgeAvroSchema } from './avro-judge.js';
import { canonical } from './canonical.js';
import type { DataCheck } from './data-check.js';
import type { EventTypeChange } from './event-type-change.js';
import { type JsonSchemaDocument, readJsonSchema } from './json-schema.js';
import { jsonSchemaCheck } from './json-schema-check.js';
import { judgeJsonSchema } from './json-schema-judge.js';

export const FORMATS_OF_SCHEMAS = ['json_schema', 'avro'] as const;
export type SchemaFormat = (typeof FORMATS_OF_SCHEMAS)[number];

const MOST_BYTES = 64 * 1024;

/** The schema of a version of an event type. */
export interface EventTypeSchema {
  format: SchemaFormat;
  /** Its JSON. */
  text: string;
  /** Equal for schemas that differ in spaces and the order of names only. */
  digest: string;
  /** What its data is checked by. */
  check: DataCheck;
  /** What a later schema of the same format changes. */
  changesTo(later: EventTypeSchema): EventTypeChange[];
}

/** Reads a schema; what is wrong with it comes as errors with JSON Pointers into it. */
export function readEventTypeSchema(format: SchemaFormat, schema: unknown): EventTypeSchema | { errors: FieldError[] } {
  const read = parsed(format, schema);
  // What no check can be made of is refused now, and not when data comes.
  return 'errors' in read ? read : checkable(read);
}

function parsed(format: SchemaFormat, schema: unknown): EventTypeSchema | { errors: FieldError[] } {
  const text = JSON.stringify(schema);
  if (Buffer.byteLength(text) > MOST_BYTES) {
    return { errors: [{ pointer: '', message: `is larger than ${MOST_BYTES} bytes` }] };
  }
  if (text.includes('\\u0000')) return { errors: [{ pointer: '', message: 'holds a NUL character' }] };
  return format === 'json_schema' ? ofJsonSchema(text, schema) : ofAvro(text);
}

/** A schema that was taken before; its check is made when it is asked for. Throws where it could not have been taken. */
export function knownEventTypeSchema(format: SchemaFormat, text: string): EventTypeSchema {
  const read = parsed(format, JSON.parse(text));
  if ('errors' in read) throw new Error(`A schema that was taken is not right: ${JSON.stringify(read.errors)}`);
  return read;
}

class JsonTypeSchema implements EventTypeSchema {
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

  changesTo(later: EventTypeSchema): EventTypeChange[] {
    return judgeJsonSchema(this.document, (later as JsonTypeSchema).document);
  }
}

class AvroTypeSchema implements EventTypeSchema {
  readonly format = 'avro';
  readonly check: DataCheck;

  constructor(
    readonly text: string,
    readonly digest: string,
    readonly type: AvroSchema['type'],
  ) {
    this.check = avroCheck(type);
  }

  changesTo(later: EventTypeSchema): EventTypeChange[] {
    return judgeAvroSchema(this.type, (later as AvroTypeSchema).type);
  }
}

function ofJsonSchema(text: string, schema: unknown): EventTypeSchema | { errors: FieldError[] } {
  try {
    const read = readJsonSchema(schema);
    if ('errors' in read) return read;
    return new JsonTypeSchema(text, digestOf(canonical(schema)), read.document);
  } catch (error) {
    if (error instanceof RangeError) return { errors: [{ pointer: '', message: 'is nested too deep' }] };
    throw error;
  }
}

function checkable(schema: EventTypeSchema): EventTypeSchema | { errors: FieldError[] } {
  try {
    void schema.check;
    return schema;
  } catch (error) {
    if (error instanceof RangeError) return { errors: [{ pointer: '', message: 'is nested too deep' }] };
    throw error;
  }
}

function ofAvro(text: string): EventTypeSchema | { errors: FieldError[] } {
  try {
    const { type, identity } = compileSchema(text);
    return new AvroTypeSchema(text, identity.toString('hex').slice(0, 32), type);
  } catch (error) {
    if (error instanceof SchemaSyntaxError) return { errors: [{ pointer: '', message: error.message }] };
    throw error;
  }
}

function digestOf(text: string): string {
  return hash('sha256', text, 'hex').slice(0, 32);
}
