import { z } from 'zod';
import { idField, instantField, keyed, pageOf, pageQuery, timeField } from '../../../platform/operations/fields.js';
import { defineOperation } from '../../../platform/operations/operation.js';
import { streamField } from '../lanes/stream-field.js';

export const MOST_REDRIVEN = 10_000;

const byEndpoint = z.strictObject({ id: idField('whe') });
const byId = z.strictObject({ id: idField('whe'), dead_letter_id: idField('wdl') });
const exampleEndpoint = { id: 'whe_0198f2c0a1b27c3d8e4f5a6b7c8d9e01' };
const exampleLetter = { ...exampleEndpoint, dead_letter_id: 'wdl_0198f2c0a1b27c3d8e4f5a6b7c8d9e0d' };
const reading = { scopes: ['webhooks:read'], changes: false } as const;
const typeField = z.string().regex(/^[a-z_]{1,64}\.[a-z_]{1,64}$/, 'is not a type such as message.created');
const causeField = z
  .string()
  .regex(/^[a-z_]{1,64}$/, 'is not a cause such as timeout')
  .describe('Why the last attempt failed: `status` where the answer was none of success, or a word such as `timeout`.');
const positionField = z.int().min(1).max(Number.MAX_SAFE_INTEGER);

const range = {
  stream: streamField.optional().describe('Of events of this stream.'),
  cause: causeField.optional(),
  since: instantField.optional().describe('Those that became dead letters then or later.'),
  until: instantField.optional().describe('Those that became dead letters before.'),
};

const letterFields = {
  id: idField('wdl'),
  endpoint_id: idField('whe'),
  event_id: idField('evt'),
  event_type: z.string(),
  event_stream: z.string(),
  event_position: z.int().describe('Its place in the store.'),
  run: z.int().describe('0 for what happened then; else the number of the replay or redrive that it was sent by.'),
  attempts: z.int(),
  status: z.int().nullable().describe('What the last attempt was answered with; null where no answer came.'),
  cause: z.string(),
  skipped: z.boolean().describe('Whether somebody skipped it, for the others of its lane to go on.'),
  dead_lettered_at: timeField,
  redriven_run: z.int().nullable().describe('The run that it is sent again by; null where it waits for somebody.'),
  redriven_at: timeField.nullable(),
};
const letterResource = z.strictObject(letterFields).meta({ id: 'WebhookDeadLetter' });
const letterWithBody = z
  .strictObject({
    ...letterFields,
    pin: z.string().describe('The version that its body is pinned to; empty for the newest that there was.'),
    body: z
      .string()
      .nullable()
      .describe(
        'What is sent: the bytes as they were, while they are kept; else, and where somebody in it was erased, made again from the log. Null where the event cannot be read any more.',
      ),
  })
  .meta({ id: 'WebhookDeadLetterWithBody' });

export const listDeadLetters = defineOperation({
  ...reading,
  name: 'webhook_dead_letters.list',
  method: 'GET',
  path: '/v1/webhook_endpoints/{id}/dead_letters',
  summary: 'List what an endpoint did not take, that of the last event first',
  params: byEndpoint,
  query: z.strictObject({
    state: z
      .enum(['waiting', 'redriven'])
      .optional()
      .describe('`waiting`: for somebody to send it again; `redriven`: it was; left out: both.'),
    type: typeField.optional().describe('Of events of this type.'),
    ...range,
    status: z.coerce.number().int().min(100).max(599).optional().describe('That the last attempt was answered with.'),
    ...pageQuery,
  }),
  responses: { 200: { description: 'A page of dead letters.', schema: pageOf(letterResource) } },
  example: { params: exampleEndpoint, query: { state: 'waiting' } },
});

export const getDeadLetter = defineOperation({
  name: 'webhook_dead_letters.get',
  method: 'GET',
  path: '/v1/webhook_endpoints/{id}/dead_letters/{dead_letter_id}',
  summary: 'Read a dead letter, with the body that was not taken',
  description: 'The key needs `events:read` as well, for the body is an event.',
  scopes: ['webhooks:read', 'events:read'],
  changes: false,
  params: byId,
  responses: { 200: { description: 'The dead letter.', schema: letterWithBody } },
  example: { params: exampleLetter },
});

export const redriveDeadLetter = defineOperation({
  name: 'webhook_dead_letters.redrive',
  method: 'POST',
  path: '/v1/webhook_endpoints/{id}/dead_letters/{dead_letter_id}/redrive',
  summary: 'Send a dead letter again',
  description:
    'As a message of another run, with the same `webhook-id` and the same body, from the first attempt on. It is sent again once, however often that is asked for: one that fails again is another dead letter.',
  scopes: ['webhooks:write'],
  changes: true,
  params: byId,
  body: z.strictObject({ ...keyed }),
  responses: {
    200: {
      description: 'It is among what is due.',
      schema: z
        .strictObject({ id: idField('wdl'), run: z.int().describe('The run that it is sent again by.') })
        .meta({ id: 'RedrivenWebhook' }),
    },
  },
  example: { params: exampleLetter, body: {} },
});

export const redriveDeadLetters = defineOperation({
  name: 'webhook_dead_letters.redrive_many',
  method: 'POST',
  path: '/v1/webhook_endpoints/{id}/dead_letters/redrive',
  summary: 'Send again the dead letters of an endpoint that are meant and wait',
  description: `Those that meet all that is said; all that wait where nothing is. Of more than ${MOST_REDRIVEN.toLocaleString('en')} the first in the order of the log are taken: ask again for the others. They are one run: an endpoint that asks for order has those of a stream one after another.`,
  scopes: ['webhooks:write'],
  changes: true,
  params: byEndpoint,
  body: z.strictObject({
    ids: z.array(idField('wdl')).min(1).max(MOST_REDRIVEN).optional(),
    types: z.array(typeField).min(1).max(100).optional().describe('Of events of these types.'),
    ...range,
    from_position: positionField.optional().describe('Of events at this place of the store, or after it.'),
    to_position: positionField.optional().describe('Of events at this place of the store, or before it.'),
    ...keyed,
  }),
  responses: {
    200: {
      description: 'They are among what is due.',
      schema: z
        .strictObject({
          run: z.int().nullable().describe('The run that they are sent again by; null where none was meant.'),
          messages: z.int().min(0),
          more: z.boolean().describe('Whether others are meant and wait.'),
        })
        .meta({ id: 'RedrivenWebhooks' }),
    },
  },
  problems: ['reversed_range'],
  example: { params: exampleEndpoint, body: { types: ['message.created'], since: '2026-11-01T00:00:00.000Z' } },
});
