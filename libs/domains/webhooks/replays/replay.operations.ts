import { z } from 'zod';
import { idField, keyed, pageOf, pageQuery, timeField } from '../../../platform/operations/fields.js';
import { defineOperation } from '../../../platform/operations/operation.js';
import { WEBHOOK_FILTER_PROBLEMS, webhookFilter, webhookFilterField } from '../filter/filter.schema.js';
import { MOST_RUNNING, SELECTIONS } from './replay.decider.js';
import { MOST_POSITIONS } from './replay-preview.js';
import { MOST_WAITING } from './replay-runner.js';

const byId = z.strictObject({ id: idField('rpl') });
const exampleParams = { id: 'rpl_0198f2c0a1b27c3d8e4f5a6b7c8d9e0d' };
const reading = { scopes: ['webhooks:read'], changes: false } as const;
const count = z.int().min(0);
const many = (number: number) => number.toLocaleString('en-US');
const replayStatus = z.enum(['running', 'finished', 'cancelled']);
const selectionField = z.enum(SELECTIONS);
const placeField = z.string().min(1).max(200);

const asked = {
  endpoint_id: idField('whe'),
  from: placeField
    .optional()
    .describe(
      'Where it begins: `beginning`, after a `cursor`, or what was recorded at a time or later (RFC 3339, or `now-1h`). Left out: with the first event ever.',
    ),
  to: placeField
    .optional()
    .describe(
      'Where it ends: with the event of a `cursor`, or before a time. Left out: with the last event there is now.',
    ),
  types: z
    .array(z.string().min(1).max(100))
    .min(1)
    .max(100)
    .optional()
    .describe('As endpoints have them; left out, those of the endpoint now.'),
  filter: webhookFilterField
    .nullable()
    .optional()
    .describe(
      'What the events have to meet, as of each of them; null: nothing more. Left out, the filter of the endpoint now.',
    ),
  only: selectionField
    .default('all')
    .describe(
      '`never_attempted`: what the endpoint was never sent, and what does not wait for it; `failed`: what it was sent and never took. Attempts are known for as long as they are kept.',
    ),
};
const askedProblems = [
  ...WEBHOOK_FILTER_PROBLEMS,
  'not_found',
  'invalid_value',
  'invalid_cursor',
  'cursor_diverged',
  'reversed_range',
] as const;
const exampleBody = {
  endpoint_id: 'whe_0198f2c0a1b27c3d8e4f5a6b7c8d9e01',
  from: '2026-01-01T00:00:00Z',
  types: ['conversation.*'],
};

const replayResource = z
  .strictObject({
    id: idField('rpl'),
    endpoint_id: idField('whe'),
    run: z.int().describe('Its number among the runs of the endpoint, as attempts and lanes have it.'),
    status: replayStatus,
    only: selectionField,
    types: z.array(z.string()),
    filter: webhookFilter.nullable(),
    from_position: count.describe('The first place in the store that is looked at.'),
    to_position: count.describe('The last one.'),
    position: count.describe('Everything up to here was looked at.'),
    due: count.describe('Events that were to be sent up to there.'),
    delivered: count,
    waiting: count.describe('To be sent, or to be sent again; with those whose lane is parked.'),
    given_up: count.describe('They are dead letters.'),
    passed_over: count.describe('Events that were left out for what became of them before.'),
    taken_back: count.describe('That waited when it was cancelled.'),
    created_at: timeField,
    updated_at: timeField,
    ended_at: timeField.nullable(),
  })
  .meta({ id: 'WebhookReplay' });

export const startReplay = defineOperation({
  name: 'webhook_replays.start',
  method: 'POST',
  path: '/v1/webhook_replays',
  summary: 'Send an endpoint a part of the log, from the first event on if you like',
  description: `Each event once, in the order of the log, with the \`webhook-id\` and, at an endpoint pinned alike, the bytes that it had when it happened; \`heddle-replay\` names the replay. An ordered endpoint has an order within it. No more than some ${many(MOST_WAITING)} of its messages wait at a time. It goes on after whatever is killed, waits while the endpoint is disabled, and is cancelled where that is deleted. A workspace has ${MOST_RUNNING} running replays at most.`,
  scopes: ['webhooks:write', 'events:read'],
  changes: true,
  versioned: true,
  body: z.strictObject({ ...asked, ...keyed }),
  responses: {
    202: {
      description: 'The replay is under way.',
      schema: z
        .strictObject({
          id: idField('rpl'),
          status: replayStatus,
          run: z.int(),
          from_position: count,
          to_position: count,
        })
        .meta({ id: 'StartedWebhookReplay' }),
    },
  },
  problems: [...askedProblems, 'too_many'],
  cost: 10,
  example: { body: exampleBody },
});

export const previewReplay = defineOperation({
  name: 'webhook_replays.preview',
  method: 'POST',
  path: '/v1/webhook_replays/preview',
  summary: 'Count what a replay would send',
  description: `Of ${many(MOST_POSITIONS)} places in the store at most, and for some seconds at most: \`complete\` says whether that was all.`,
  scopes: ['webhooks:read', 'events:read'],
  changes: false,
  body: z.strictObject(asked),
  responses: {
    200: {
      description: 'The counts.',
      schema: z
        .strictObject({
          from_position: count,
          to_position: count,
          position: count.describe('Everything up to here was counted.'),
          complete: z.boolean(),
          matched: count.describe('Events that match: each is one of the next four.'),
          never_attempted: count,
          waiting: count.describe('They are in the queue of the endpoint already.'),
          taken: count,
          failed: count,
          due: count.describe('What `only` leaves of them.'),
        })
        .meta({ id: 'WebhookReplayPreview' }),
    },
  },
  problems: askedProblems,
  cost: 20,
  example: { body: exampleBody },
});

export const getReplay = defineOperation({
  ...reading,
  name: 'webhook_replays.get',
  method: 'GET',
  path: '/v1/webhook_replays/{id}',
  summary: 'Read how far a replay is',
  versioned: true,
  params: byId,
  responses: { 200: { description: 'The replay.', schema: replayResource } },
  example: { params: exampleParams },
});

export const listReplays = defineOperation({
  ...reading,
  name: 'webhook_replays.list',
  method: 'GET',
  path: '/v1/webhook_replays',
  summary: 'List replays, the last started here first',
  query: z.strictObject({
    endpoint_id: idField('whe').optional(),
    status: replayStatus.optional(),
    ...pageQuery,
  }),
  responses: { 200: { description: 'A page of replays.', schema: pageOf(replayResource) } },
  example: { query: { status: 'running', limit: '20' } },
});

export const cancelReplay = defineOperation({
  name: 'webhook_replays.cancel',
  method: 'POST',
  path: '/v1/webhook_replays/{id}/cancel',
  summary: 'Let a replay go no further, and take back what waits of it',
  description: 'What was delivered or given up stays so; what is on its way at that moment may still arrive.',
  scopes: ['webhooks:write'],
  changes: true,
  versioned: true,
  conditional: true,
  params: byId,
  body: z.strictObject({ ...keyed }),
  responses: {
    200: {
      description: 'The replay goes no further.',
      schema: z.strictObject({ id: idField('rpl') }).meta({ id: 'CancelledWebhookReplay' }),
    },
  },
  problems: ['replay_ended'],
  example: { params: { id: 'rpl_0198f2c0a1b27c3d8e4f5a6b7c8d9e0e' }, body: {} },
});
