import { z } from 'zod';
import {
  archivedQuery,
  idField,
  keyed,
  pageOf,
  pageQuery,
  textField,
  timeField,
} from '../../../platform/operations/fields.js';
import { defineOperation } from '../../../platform/operations/operation.js';
import { upsertOf } from '../../../platform/operations/upsert.js';
import { activityTypeField } from '../telling/activity.schema.js';
import { FORMATS_OF_SCHEMAS } from './event-type-schema.js';

const descriptionField = textField(1, 500).nullable();
const schemaField = z
  .looseObject({})
  .describe(
    'A JSON Schema of draft 2020-12 (of draft-07 where `$schema` says so), or an Avro schema; 64 KiB and some 300 fields at most.',
  );
const byType = z.strictObject({ type: activityTypeField });
const exampleParams = { type: 'invoice.paid' };
const exampleSchema = {
  type: 'object',
  properties: { invoice: { type: 'string' }, amount: { type: 'integer', minimum: 0 } },
  required: ['invoice', 'amount'],
  additionalProperties: false,
};
const reading = { scopes: ['events:read'], changes: false } as const;

const eventTypeFields = {
  id: idField('ety'),
  type: z.string(),
  format: z.string().describe('`json_schema` or `avro`.'),
  description: z.string().nullable(),
  version: z.int().min(1).describe('The latest one, which data is checked by.'),
  archived: z.boolean().describe('Events of the type are refused.'),
  created_at: timeField,
  updated_at: timeField,
};
const eventTypeResource = z.strictObject(eventTypeFields).meta({ id: 'EventType' });
const eventTypeWithSchema = z
  .strictObject({ ...eventTypeFields, schema: z.looseObject({}).describe('Of the latest version.') })
  .meta({ id: 'EventTypeWithSchema' });
const eventTypeVersion = z
  .strictObject({ version: z.int().min(1), schema: z.looseObject({}), created_at: timeField })
  .meta({ id: 'EventTypeVersion' });
const eventTypeChange = z
  .strictObject({
    place: z.string().describe('A JSON Pointer into the new schema; of what is gone, into the one before.'),
    breaks: z.boolean().describe('Data that was right may be wrong by it; what cannot be judged counts as that.'),
    reason: z.string(),
  })
  .meta({ id: 'EventTypeChange' });

export const upsertEventType = defineOperation({
  ...upsertOf('ety', 'UpsertedEventType'),
  name: 'event_types.upsert',
  path: '/v1/event_types',
  summary: 'Register a type of your own events, or give it a new version',
  description:
    'From then on, data of the type that does not fit its schema is refused. Sent again with another schema, that is the next version, if by it all data stays right that was right before: `POST /v1/event_types/{type}/check` tells beforehand.',
  scopes: ['events:write'],
  problems: ['event_schema_invalid', 'event_schema_breaks', 'too_many', 'changed_meanwhile'],
  body: z.strictObject({
    type: activityTypeField,
    format: z.enum(FORMATS_OF_SCHEMAS).default('json_schema'),
    schema: schemaField,
    description: descriptionField.optional().describe('Left out, it stays as it is.'),
    ...keyed,
  }),
  example: { body: { type: 'invoice.paid', schema: exampleSchema, description: 'A customer paid an invoice' } },
});

export const updateEventType = defineOperation({
  name: 'event_types.update',
  method: 'PATCH',
  path: '/v1/event_types/{type}',
  summary: 'Describe a type of your own events, archive or restore it',
  description: 'A JSON Merge Patch (RFC 7396). Events of an archived type are refused.',
  scopes: ['events:write'],
  changes: true,
  versioned: true,
  conditional: true,
  consumes: 'application/merge-patch+json',
  params: byType,
  body: z.strictObject({ description: descriptionField.optional(), archived: z.boolean().optional(), ...keyed }),
  responses: {
    200: {
      description: 'The type is as the patch says.',
      schema: z.strictObject({ id: idField('ety') }).meta({ id: 'UpdatedEventType' }),
    },
  },
  example: { params: exampleParams, body: { archived: false } },
});

export const getEventType = defineOperation({
  ...reading,
  name: 'event_types.get',
  method: 'GET',
  path: '/v1/event_types/{type}',
  summary: 'Read a type of your own events, with its schema',
  versioned: true,
  params: byType,
  responses: { 200: { description: 'The type.', schema: eventTypeWithSchema } },
  example: { params: exampleParams },
});

export const listEventTypes = defineOperation({
  ...reading,
  name: 'event_types.list',
  method: 'GET',
  path: '/v1/event_types',
  summary: 'List the types of your own events, the last made here first',
  query: z.strictObject({ ...archivedQuery, ...pageQuery }),
  responses: { 200: { description: 'A page of types.', schema: pageOf(eventTypeResource) } },
  example: { query: { limit: '20' } },
});

export const listEventTypeVersions = defineOperation({
  ...reading,
  name: 'event_types.versions',
  method: 'GET',
  path: '/v1/event_types/{type}/versions',
  summary: 'List the versions of a type of your own events, the latest first',
  params: byType,
  query: z.strictObject(pageQuery),
  responses: { 200: { description: 'A page of versions.', schema: pageOf(eventTypeVersion) } },
  example: { params: exampleParams },
});

export const checkEventType = defineOperation({
  name: 'event_types.check',
  method: 'POST',
  path: '/v1/event_types/{type}/check',
  summary: 'Tell what a new schema would change, and break, before it is registered',
  scopes: ['events:read'],
  changes: false,
  params: byType,
  body: z.strictObject({ schema: schemaField }),
  problems: ['event_schema_invalid'],
  responses: {
    200: {
      description: 'What the schema would change.',
      schema: z
        .strictObject({
          version: z.int().min(1).describe('The version that it was compared with: the latest.'),
          compatible: z.boolean().describe('Nothing breaks: it may be registered.'),
          changes: z.array(eventTypeChange).describe('What breaks comes first; 200 at most.'),
        })
        .meta({ id: 'EventTypeCheck' }),
    },
  },
  example: { params: exampleParams, body: { schema: { ...exampleSchema, required: ['invoice'] } } },
});
