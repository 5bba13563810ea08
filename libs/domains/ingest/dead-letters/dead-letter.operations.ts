import { z } from 'zod';
import { idField, instantField, keyed, pageOf, pageQuery, timeField } from '../../../platform/operations/fields.js';
import { defineOperation } from '../../../platform/operations/operation.js';

const codeField = z.string().regex(/^[a-z_]{1,64}$/, 'is not a code such as event_data_invalid');
const byId = z.strictObject({ id: idField('dlt') });
const exampleParams = { id: 'dlt_0198f2c0a1b27c3d8e4f5a6b7c8d9e0f' };
const range = {
  code: codeField.optional().describe('Those that were refused with this problem.'),
  received_after: instantField.optional(),
  received_before: instantField.optional(),
};

const letterFields = {
  id: idField('dlt'),
  topic: z.string(),
  partition: z.int(),
  offset: z.int().describe('Its place in the partition.'),
  written_at: timeField.describe('When the broker took it.'),
  code: z.string().describe('The problem that it was refused with last.'),
  bytes: z.int(),
  state: z.string().describe('`waiting`; or `settled`, where it became an event.'),
  event: idField('evt').nullable(),
  tries: z.int(),
  received_at: timeField,
  tried_at: timeField,
};
const letterResource = z.strictObject(letterFields).meta({ id: 'DeadLetter' });
const letterWithValue = z
  .strictObject({
    ...letterFields,
    detail: z.string(),
    errors: z.array(z.strictObject({ pointer: z.string(), message: z.string() })),
    headers: z.record(z.string(), z.string()),
    value: z.string().nullable().describe('Of UTF-8; null for what is not, is empty, or was too large.'),
    value_base64: z.string().nullable(),
  })
  .meta({ id: 'DeadLetterWithValue' });

const outcome = z
  .strictObject({
    id: idField('dlt'),
    status: z.enum(['recorded', 'duplicate', 'refused']),
    event: idField('evt').nullable(),
    code: z.string().nullable().describe('Of what is refused again.'),
    detail: z.string().nullable(),
  })
  .meta({ id: 'RedriveOutcome' });

export const listDeadLetters = defineOperation({
  name: 'dead_letters.list',
  method: 'GET',
  path: '/v1/events/dead_letters',
  summary: 'List what came from Kafka and could not be taken, the last first',
  description: 'Kept for 30 days.',
  scopes: ['events:read'],
  changes: false,
  query: z.strictObject({ state: z.enum(['waiting', 'settled']).optional(), ...range, ...pageQuery }),
  responses: { 200: { description: 'A page of dead letters.', schema: pageOf(letterResource) } },
  example: { query: { state: 'waiting' } },
});

export const getDeadLetter = defineOperation({
  name: 'dead_letters.get',
  method: 'GET',
  path: '/v1/events/dead_letters/{id}',
  summary: 'Read a dead letter, with the record and its cause',
  scopes: ['events:read'],
  changes: false,
  params: byId,
  responses: { 200: { description: 'The dead letter.', schema: letterWithValue } },
  example: { params: exampleParams },
});

export const redriveDeadLetter = defineOperation({
  name: 'dead_letters.redrive',
  method: 'POST',
  path: '/v1/events/dead_letters/{id}/redrive',
  summary: 'Try again to take a dead letter',
  description: 'As often as you like: it becomes one event.',
  scopes: ['events:write'],
  changes: true,
  params: byId,
  body: z.strictObject({ ...keyed }),
  responses: { 200: { description: 'What became of it.', schema: outcome } },
  example: { params: exampleParams, body: {} },
});

export const redriveDeadLetters = defineOperation({
  name: 'dead_letters.redrive_range',
  method: 'POST',
  path: '/v1/events/dead_letters/redrive',
  summary: 'Try again to take all dead letters of a range that wait',
  description:
    'The first received come first, up to `limit`, and 16 MiB of records; `more` says whether others wait in the range that were not tried. Go on with the `tried_before` of the answer: then none is tried twice, and none is passed, whatever comes meanwhile.',
  scopes: ['events:write'],
  changes: true,
  body: z.strictObject({
    ...range,
    limit: z.int().min(1).max(1000).default(1000),
    tried_before: instantField
      .optional()
      .describe('Those that were received, and tried last, before. Where it is left out: now.'),
    ...keyed,
  }),
  responses: {
    200: {
      description: 'What became of each.',
      schema: z
        .strictObject({
          recorded: z.int().min(0),
          duplicates: z.int().min(0),
          refused: z.int().min(0),
          more: z.boolean(),
          tried_before: timeField.describe('To go on with.'),
          data: z.array(outcome),
        })
        .meta({ id: 'RedriveOutcomes' }),
    },
  },
  example: { body: { code: 'event_data_invalid', limit: 100 } },
});
