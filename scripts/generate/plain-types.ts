import type { EventSchema } from '../../libs/contract/event-schema.js';
import { type AvroJson, type AvroObject, isSealed, optionalOf, walk } from './avro-json.js';
import { newestOf } from './event-schemas.js';

const HEAD = '// Generated from schemas/ by `npm run generate`. Do not edit.\n';

const PRIMITIVES: Record<string, string> = {
  null: 'null',
  boolean: 'boolean',
  int: 'number',
  long: 'number',
  float: 'number',
  double: 'number',
  bytes: 'Buffer',
  string: 'string',
};

/**
 * The TypeScript types of every event's data as programs see it: personal fields are texts, timestamps milliseconds.
 * Named records (such as `heddle.Party`) become interfaces of their own.
 */
export function plainTypesModule(schemas: readonly EventSchema[]): string {
  const events = newestOf(schemas);
  const shared = sharedRecords(events);
  const parts = [
    HEAD,
    "import type { DomainEvent, RecordedEvent } from '../../platform/kernel/event.js';\n",
    ...[...shared.values()].map((record) => interfaceOf(shortName(record.name!), record.doc!, record.fields!)),
    ...events.map((event) => {
      const [, ...data] = event.schema.fields as unknown as NonNullable<AvroObject['fields']>;
      return interfaceOf(dataNameOf(event), `${event.type}: ${event.doc}`, data);
    }),
    `/** Every event's data, by its type. */\nexport interface EventData {\n${events
      .map((event) => `  '${event.type}': ${dataNameOf(event)};\n`)
      .join('')}}\n`,
    '/** The name of an event, as the API shows it. */\nexport type EventType = keyof EventData;\n',
    '/** Any event of the contract, as a decider states it. */\n' +
      'export type AnyEvent = { [Type in EventType]: DomainEvent<Type, EventData[Type]> }[EventType];\n',
    '/** Any event of the contract, as it is read from the log. */\n' +
      'export type AnyRecordedEvent = { [Type in EventType]: RecordedEvent<Type, EventData[Type]> }[EventType];\n',
  ];
  return parts.join('\n');
}

function dataNameOf(event: EventSchema): string {
  return `${shortName(event.record).replace(/V\d+$/, '')}Data`;
}

function interfaceOf(name: string, doc: string, fields: NonNullable<AvroObject['fields']>): string {
  const head = `/** ${doc} */\nexport `;
  if (fields.length === 0) return `${head}type ${name} = Record<string, never>;\n`;
  const lines = fields.map((field) => {
    const personal = isSealed(optionalOf(field.type) ?? field.type) ? ' Personal.' : '';
    return `  /** ${field.doc}${personal} */\n  ${field.name}: ${plain(field.type)};\n`;
  });
  return `${head}interface ${name} {\n${lines.join('')}}\n`;
}

function plain(schema: AvroJson): string {
  if (Array.isArray(schema))
    return schema
      .map(plain)
      .sort((a, b) => Number(a === 'null') - Number(b === 'null'))
      .join(' | ');
  if (isSealed(schema)) return 'string';
  if (typeof schema === 'string') return PRIMITIVES[schema] ?? shortName(schema);
  if (schema.type === 'array') return `(${plain(schema.items!)})[]`.replace(/^\((\w+)\)/, '$1');
  if (schema.type === 'map') return `Record<string, ${plain(schema.values!)}>`;
  if (schema.type === 'record') return shortName(schema.name!);
  if (schema.type === 'fixed') return 'Buffer';
  return plain(schema.type);
}

function shortName(fullName: string): string {
  return fullName.slice(fullName.lastIndexOf('.') + 1);
}

/** The named records that some event's data uses, in the order of their names. */
function sharedRecords(events: readonly EventSchema[]): Map<string, AvroObject> {
  const defined = new Map<string, AvroObject>();
  const used = new Set<string>();
  for (const event of events) {
    walk(event.schema as unknown as AvroJson, (inner, place) => {
      const name = typeof inner === 'string' ? inner : inner.name;
      if (name === undefined || name in PRIMITIVES || place === '' || isSealed(inner)) return;
      if (typeof inner !== 'string' && inner.type === 'record') defined.set(name, inner);
      if (!/^meta(\.|$)/.test(place)) used.add(name);
    });
  }
  return new Map([...used].sort().flatMap((name) => (defined.has(name) ? [[name, defined.get(name)!]] : [])));
}
