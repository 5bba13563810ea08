import type { EventSchema } from '../../libs/contract/event-schema.js';
import { type AvroField, type AvroJson, type AvroObject, isSealed, optionalOf } from './avro-json.js';
import { newestOf } from './event-schemas.js';

/** `docs/events.md`: what every event says. */
export function eventCatalogue(schemas: readonly EventSchema[]): string {
  const events = newestOf(schemas);
  const lines = [
    '# Events',
    '',
    'Generated from `schemas/` by `npm run generate`. Do not edit.',
    '',
    'Everything that happens in Heddle is one of these. The same event has the same id, type and data on every',
    'transport. *Personal* values are sealed on the log with the key of the person they are about; through the API they',
    'are texts, and read `erased` once that key was destroyed.',
    '',
    '## The envelope',
    '',
    ...envelope(events),
  ];
  for (const [group, members] of groupsOf(events)) {
    lines.push('', `The filter \`${group}\` stands for ${members.map((type) => `\`${type}\``).join(', ')}.`);
  }
  for (const [domain, its] of Map.groupBy(events, (event) => event.domain)) {
    lines.push('', `## ${domain}`, '', `On Kafka: the topic \`heddle.${domain}\`.`);
    for (const event of its) lines.push('', ...section(event, schemas));
  }
  return `${lines.join('\n')}\n`;
}

function section(event: EventSchema, all: readonly EventSchema[]): string[] {
  const [, ...data] = event.schema.fields as unknown as AvroField[];
  const revisions = all.filter((schema) => schema.type === event.type).map((one) => `${one.version}.${one.revision}`);
  return [
    `### ${event.type}`,
    '',
    event.doc,
    '',
    `Record \`${event.record}\`, ${revisions.length === 1 ? 'revision' : 'revisions'} ${revisions.join(', ')}.`,
    '',
    ...(data.length === 0 ? ['It has no data.'] : table(data)),
  ];
}

function envelope(events: readonly EventSchema[]): string[] {
  const meta = events[0]?.schema.fields[0]?.type as AvroObject | undefined;
  return meta === undefined ? [] : table(meta.fields!);
}

function table(fields: readonly AvroField[]): string[] {
  return [
    '| field | type | |',
    '|---|---|---|',
    ...fields.map(
      (field) => `| \`${field.name}\` | ${typeName(field.type)}${personal(field)} | ${escaped(field.doc!)} |`,
    ),
  ];
}

function personal({ type }: AvroField): string {
  return isSealed(optionalOf(type) ?? type) ? ', *personal*' : '';
}

function escaped(text: string): string {
  return text.replace(/[|<]/g, '\\$&');
}

function typeName(schema: AvroJson): string {
  const optional = optionalOf(schema);
  if (optional !== undefined) return `${typeName(optional)} or null`;
  if (isSealed(schema)) return 'text';
  if (typeof schema === 'string') return readable(schema);
  if (Array.isArray(schema)) return schema.map(typeName).join(' or ');
  if (schema.logicalType === 'timestamp-millis') return 'time, ms since 1970';
  if (schema.type === 'array') return `list of ${typeName(schema.items!)}`;
  if (schema.type === 'map') return `map to ${typeName(schema.values!)}`;
  if (schema.type === 'record') {
    return `{ ${schema.fields!.map((field) => `${field.name}: ${typeName(field.type)}`).join(', ')} }`;
  }
  return typeof schema.name === 'string' ? readable(schema.name) : typeName(schema.type);
}

function readable(name: string): string {
  if (name === 'string') return 'text';
  if (name === 'long' || name === 'int') return 'integer';
  return name === 'heddle.Party' ? '{ type: text, id: text }' : name;
}

function groupsOf(events: readonly EventSchema[]): [string, string[]][] {
  const groups = new Map<string, string[]>();
  for (const { type, groups: names } of events) {
    for (const name of names) groups.set(name, [...(groups.get(name) ?? []), type]);
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
}
