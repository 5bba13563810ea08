import { z } from 'zod';
import { CHANGES } from '../../../platform/event-schemas/schema-changes.js';
import { defineOperation } from '../../../platform/operations/operation.js';

const summary = {
  type: z.string().describe('As the API names it, such as `message.created`.'),
  domain: z.string().describe('Whose events they are: on Kafka they lie on `heddle.<domain>`.'),
  description: z.string(),
  newest: z.string().describe('The version that events are written in now, such as `1.1`.'),
  versions: z.array(z.string()).describe('All that the log may hold, the oldest first.'),
};

const eventSchemas = z.strictObject(summary).meta({ id: 'EventSchemas' });

const topic = z.string().describe('Where they lie on Kafka.');
const record = {
  record: z.string().describe('The Avro record’s full name; also the subject in the schema registry.'),
  fingerprint: z.string().describe('MD5 of the schema’s parsing canonical form, 32 hex digits.'),
};
const groups = z.array(z.string()).describe('Names that a filter may use for this type and others at once.');
const personal = z.array(z.string()).describe('The fields that are sealed on the log with a person’s key.');

const eventSchemasWithRecords = z
  .strictObject({
    ...summary,
    topic,
    records: z
      .array(z.strictObject({ version: z.string(), ...record }))
      .describe('What each version is on Kafka, the oldest first.'),
    groups,
    personal,
  })
  .meta({ id: 'EventSchemasWithRecords' });

const jsonObject = z.record(z.string(), z.unknown());

const eventSchema = z
  .strictObject({
    type: summary.type,
    version: z.string(),
    topic,
    ...record,
    groups,
    personal,
    description: z.string(),
    avro: jsonObject.describe('The Avro schema, as the registry has it: what a record on Kafka is written with.'),
    data: jsonObject.describe(
      'JSON Schema (draft 2020-12) of an event’s `data` as the API shows it: personal fields are texts, and times are RFC 3339.',
    ),
  })
  .meta({ id: 'EventSchema' });

const side = z.union([jsonObject, z.string()]).nullable();

const schemaChanges = z
  .strictObject({
    type: summary.type,
    from: z.string(),
    to: z.string(),
    changes: z.array(
      z.strictObject({
        field: z.string().nullable().describe('Null where it is about the event as a whole.'),
        change: z.enum(CHANGES),
        sentence: z.string().describe('What it means for a reader.'),
        from: side.describe('The field as JSON Schema before; of the whole, the text. Null where it was not there.'),
        to: side.describe('The same after.'),
      }),
    ),
  })
  .meta({ id: 'EventSchemaChanges' });

const typeField = z.string().max(100).describe('Such as `message.created`.');
const versionField = z.string().max(20).describe('`<version>.<revision>`, such as `1.0`.');
const reading = { method: 'GET', scopes: ['events:read'], changes: false } as const;

export const listSchemas = defineOperation({
  ...reading,
  name: 'schemas.list',
  path: '/v1/schemas',
  summary: 'List the types of events and the versions of their schemas',
  description:
    'Every type that the log may hold, in the order of their names. A version is `<version>.<revision>`: a revision only adds fields with defaults, a version is another record.',
  responses: {
    200: { description: 'All types.', schema: z.strictObject({ data: z.array(eventSchemas) }) },
  },
  example: {},
});

export const getSchema = defineOperation({
  ...reading,
  name: 'schemas.get',
  path: '/v1/schemas/{type}',
  summary: 'Read a type of event',
  description:
    'Its versions, the groups that a filter may name it by, where it lies on Kafka, and which of its fields are about a person. What is not known is answered with what there is.',
  params: z.strictObject({ type: typeField }),
  responses: { 200: { description: 'The type.', schema: eventSchemasWithRecords } },
  example: { params: { type: 'message.created' } },
});

export const getSchemaVersion = defineOperation({
  ...reading,
  name: 'schemas.get_version',
  path: '/v1/schemas/{type}/{version}',
  summary: 'Read a version of an event’s schema',
  description:
    'Twice: as Avro, which records on Kafka are written with, and as JSON Schema of `data`, which every transport of the API shows. A reader that pins this version gets exactly its fields.',
  params: z.strictObject({ type: typeField, version: versionField }),
  responses: { 200: { description: 'The schema.', schema: eventSchema } },
  example: { params: { type: 'message.created', version: '1.0' } },
});

export const compareSchemas = defineOperation({
  ...reading,
  name: 'schemas.compare',
  path: '/v1/schemas/{type}/changes',
  summary: 'Compare two versions of an event’s schema',
  description:
    'What is otherwise in `to` than in `from`, field by field with a sentence each. Either may be the older one: the other way round says what a reader of the older one does without.',
  params: z.strictObject({ type: typeField }),
  query: z.strictObject({ from: versionField, to: versionField }),
  responses: { 200: { description: 'The changes, none where the two are one.', schema: schemaChanges } },
  example: { params: { type: 'message.created' }, query: { from: '1.0', to: '1.1' } },
});
