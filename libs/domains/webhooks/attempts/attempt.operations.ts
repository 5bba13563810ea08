import { z } from 'zod';
import { idField, instantField, pageOf, pageQuery, timeField } from '../../../platform/operations/fields.js';
import { defineOperation } from '../../../platform/operations/operation.js';
import { streamField } from '../lanes/stream-field.js';
import { ANSWER_ERRORS } from '../sending/delivery-failure.js';

const byEndpoint = { id: idField('whe') };
const exampleParams = { id: 'whe_0198f2c0a1b27c3d8e4f5a6b7c8d9e01' };
const reading = { scopes: ['webhooks:read'], changes: false } as const;
const shownStream = z.string().describe('The stream of the event, such as `conv_…`.');
const positionField = z.int().describe('Of the event, in the log.');
const runField = z.int().describe('0: as it happened; else the number of the replay or of the re-drive.');

const outcomeFields = {
  outcome: z.enum(['taken', 'failed']).describe('`taken`: it was answered with a 2xx.'),
  status: z.int().nullable().describe('Of the answer; null where none came.'),
  error: z.string().nullable().describe('Why there is no answer that counts, where there is none.'),
  duration_ms: z.int(),
};

const attemptFields = {
  id: idField('att'),
  endpoint_id: idField('whe'),
  event_id: idField('evt'),
  type: z.string(),
  stream: shownStream.nullable(),
  position: positionField,
  run: runField,
  number: z.int().describe('Which attempt of this message it was, from 1.'),
  started_at: timeField,
  ...outcomeFields,
};
const attemptResource = z.strictObject(attemptFields).meta({ id: 'WebhookAttempt' });

const headerList = z.array(z.strictObject({ name: z.string(), value: z.string() }));

/** What is said of an exchange beside its outcome; a test send says the same. */
export const exchangeFields = {
  ...outcomeFields,
  detail: z.string().nullable().describe('What lies behind `error`, such as `CERT_HAS_EXPIRED`.'),
  request: z.strictObject({
    headers: headerList.describe('Without the signature, and without the headers that are the endpoint’s own.'),
    body: z.string().nullable().describe('As it would be sent now: who was erased since is in it no more.'),
  }),
  answer: z
    .strictObject({
      headers: headerList.describe('4 KiB of them at most.'),
      body: z.string().describe('Its first 4 KiB.'),
      bytes: z.int().describe('How long the body was; no more than 16 KiB of it is read.'),
    })
    .nullable()
    .describe('Null where none came, or where it is erased.'),
};

const attemptDetail = z
  .strictObject({
    ...attemptFields,
    ...exchangeFields,
    erased: z
      .boolean()
      .describe(
        'Whether the answer cannot be shown any more, for it may say again what a message said that is redacted, or somebody who was erased.',
      ),
  })
  .meta({ id: 'WebhookAttemptDetail' });

export const listAttempts = defineOperation({
  ...reading,
  name: 'webhook_attempts.list',
  method: 'GET',
  path: '/v1/webhook_endpoints/{id}/attempts',
  summary: 'List what was sent to an endpoint, the last first',
  description: `Kept for \`HEDDLE_WEBHOOK_ATTEMPT_DAYS\` (30). Of those that a filter looks for no more than 10,000 attempts are looked
at a page: it may have fewer than its limit, or none, where \`next_cursor\` says that there are more. \`event_id\`, the times and
\`outcome=failed\` are found at once.`,
  params: z.strictObject(byEndpoint),
  query: z.strictObject({
    event_id: idField('evt').optional(),
    type: z
      .string()
      .min(1)
      .max(100)
      .optional()
      .describe('A type of events, a group such as `conversation.updated`, or all of a noun (`message.*`).'),
    stream: streamField.optional(),
    outcome: z.enum(['taken', 'failed']).optional(),
    status: z.coerce.number().int().min(100).max(599).optional(),
    error: z.enum(ANSWER_ERRORS).optional(),
    run: z.coerce.number().int().min(0).max(2_147_483_647).optional().describe('0: what was sent as it happened.'),
    since: instantField.optional().describe('Those that began then or later.'),
    until: instantField.optional().describe('Those that began before.'),
    ...pageQuery,
  }),
  responses: { 200: { description: 'A page of attempts.', schema: pageOf(attemptResource) } },
  problems: ['invalid_value'],
  example: { params: exampleParams, query: { outcome: 'failed', limit: '20' } },
});

export const getAttempt = defineOperation({
  ...reading,
  // It shows the event.
  scopes: ['webhooks:read', 'events:read'],
  name: 'webhook_attempts.get',
  method: 'GET',
  path: '/v1/webhook_endpoints/{id}/attempts/{attempt_id}',
  summary: 'Read what was sent to an endpoint, and what it answered',
  params: z.strictObject({ ...byEndpoint, attempt_id: idField('att') }),
  responses: { 200: { description: 'The attempt.', schema: attemptDetail } },
  example: { params: { ...exampleParams, attempt_id: 'att_0198f2c0a1b27c3d8e4f5a6b7c8d9e02' } },
});

const deliveryResource = z
  .strictObject({
    event_id: idField('evt').nullable(),
    type: z.string().nullable(),
    stream: shownStream.nullable(),
    position: positionField,
    run: runField,
    state: z
      .enum(['fresh', 'retry', 'behind', 'parked', 'given_up'])
      .describe(
        '`fresh`: never attempted; `retry`: it failed, and is tried again; `behind`: another one of its stream goes before; `parked`: it had all its attempts, and its stream waits for somebody; `given_up`: it is about to be a dead letter.',
      ),
    attempts: z.int().describe('That were made.'),
    due_at: timeField.nullable().describe('When it is tried again; null where nothing says.'),
    waiting_since: timeField
      .nullable()
      .describe('When it failed first, or came behind one that had; null for a fresh one.'),
  })
  .meta({ id: 'WebhookDelivery' });

export const listDeliveries = defineOperation({
  ...reading,
  name: 'webhook_deliveries.list',
  method: 'GET',
  path: '/v1/webhook_endpoints/{id}/deliveries',
  summary: 'List what an endpoint is yet to have, in the order of the log',
  description: 'By runs: first what happened, then replays. What was taken is not here any more.',
  params: z.strictObject(byEndpoint),
  query: z.strictObject({
    state: z
      .enum(['fresh', 'waiting'])
      .default('fresh')
      .describe('`fresh`: never attempted; `waiting`: attempted, or behind one that was.'),
    ...pageQuery,
  }),
  responses: { 200: { description: 'A page of deliveries.', schema: pageOf(deliveryResource) } },
  example: { params: exampleParams, query: { state: 'waiting' } },
});
