import avro from 'avsc';

/** Avro's JSON, as far as these schemas use it. */
export type AvroJson = string | AvroJson[] | AvroObject;

export interface AvroObject {
  type: AvroJson;
  name?: string;
  namespace?: string;
  doc?: string;
  fields?: AvroField[];
  items?: AvroJson;
  values?: AvroJson;
  size?: number;
  [attribute: string]: unknown;
}

export interface AvroField {
  name: string;
  type: AvroJson;
  doc?: string;
  default?: unknown;
}

/** Compiles a schema that must stand on its own; throws for what Avro does not take. */
export function compile(schema: AvroJson): avro.Type {
  return avro.Type.forSchema(schema as avro.Schema, { wrapUnions: 'never', omitRecordMethods: true });
}

/** Calls back for every type written out inside a schema, itself first, with the words that lead there. */
export function walk(schema: AvroJson, visit: (schema: AvroObject | string, place: string) => void, place = ''): void {
  if (Array.isArray(schema)) {
    for (const branch of schema) walk(branch, visit, place);
    return;
  }
  visit(schema, place);
  if (typeof schema === 'string') return;
  for (const field of schema.fields ?? [])
    walk(field.type, visit, place === '' ? field.name : `${place}.${field.name}`);
  if (schema.items !== undefined) walk(schema.items, visit, `${place}[]`);
  if (schema.values !== undefined) walk(schema.values, visit, `${place}{}`);
  // { "type": { "type": "record", … } }
  if (typeof schema.type === 'object') walk(schema.type, visit, place);
}

/** `T` of `["null", T]`; undefined for any other schema. */
export function optionalOf(schema: AvroJson): AvroJson | undefined {
  return Array.isArray(schema) && schema.length === 2 && schema[0] === 'null' ? schema[1] : undefined;
}

/** True for `heddle.Sealed`, written out or named. */
export function isSealed(schema: AvroJson): boolean {
  return (
    schema === 'heddle.Sealed' ||
    (!Array.isArray(schema) && typeof schema === 'object' && schema.name === 'heddle.Sealed')
  );
}
