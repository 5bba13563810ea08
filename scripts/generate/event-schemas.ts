import type { EventSchema, EventSchemaJson } from '../../libs/contract/event-schema.js';
import { type AvroObject, compile, isSealed, optionalOf } from './avro-json.js';
import type { SchemaFile } from './schema-files.js';
import { recordOf, schemaNameOf } from './schema-name.js';

/** The contract's table from files that keep the rules, by domain, type, version and revision. */
export function eventSchemasOf(files: readonly SchemaFile[]): EventSchema[] {
  const byText = (a: string, b: string) => Number(a > b) - Number(a < b);
  return files.map(eventSchemaOf).sort((a, b) => {
    const name = byText(a.domain, b.domain) || byText(a.type, b.type);
    return name || a.version - b.version || a.revision - b.revision;
  });
}

export function eventSchemaOf(file: SchemaFile): EventSchema {
  const name = schemaNameOf(file.path)!;
  const schema = JSON.parse(file.text) as AvroObject;
  return {
    type: schema['heddle.type'] as string,
    domain: name.domain,
    record: recordOf(name),
    version: name.version,
    revision: name.revision,
    groups: (schema['heddle.groups'] as string[] | undefined) ?? [],
    personal: schema.fields!.filter(({ type }) => isSealed(optionalOf(type) ?? type)).map((field) => field.name),
    doc: schema.doc!,
    fingerprint: compile(schema).fingerprint('md5').toString('hex'),
    schema: schema as unknown as EventSchemaJson,
  };
}

/** The newest revision of the newest version of every type: what is written. */
export function newestOf(schemas: readonly EventSchema[]): EventSchema[] {
  return schemas.filter((schema, i) => schemas[i + 1]?.type !== schema.type);
}
