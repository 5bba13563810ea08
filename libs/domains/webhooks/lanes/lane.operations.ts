import { z } from 'zod';
import { idField, keyed, pageOf, pageQuery, timeField } from '../../../platform/operations/fields.js';
import { defineOperation } from '../../../platform/operations/operation.js';
import { streamField } from './stream-field.js';

const byEndpoint = z.strictObject({ id: idField('whe') });
const exampleParams = { id: 'whe_0198f2c0a1b27c3d8e4f5a6b7c8d9e01' };
const changing = { scopes: ['webhooks:write'], changes: true, versioned: true, conditional: true } as const;

export const LANE_STATES = ['blocked', 'parked', 'draining'] as const;
/** Behind a message so many are counted. */
export const MOST_COUNTED = 1000;

const runField = z
  .int()
  .min(0)
  .max(2_147_483_647)
  .describe('0 for what happens now; else the number of a replay or redrive, which has lanes of its own.');
const laneResource = z
  .strictObject({
    stream: z.string(),
    run: runField,
    state: z
      .enum(LANE_STATES)
      .describe(
        '`blocked`: until the next attempt of its message; `parked`: its message has had all attempts, and the lane waits for somebody; `draining`: it goes on.',
      ),
    event_id: idField('evt').describe('The event of the message that it waits for.'),
    event_type: z.string(),
    event_position: z.int().describe('Its place in the store.'),
    attempts: z.int().describe('That the message has had.'),
    next_attempt_at: timeField.nullable().describe('Null where the lane is not blocked.'),
    last_status: z.int().nullable().describe('What the last attempt was answered with.'),
    last_error: z.string().nullable().describe('Why no answer came, such as `timeout`.'),
    behind: z.int().describe(`How many wait behind the message; ${MOST_COUNTED.toLocaleString('en')}: or more.`),
    waiting_since: timeField.describe('When the first attempt of the message had failed.'),
  })
  .meta({ id: 'WebhookLane' });

const decisionBody = z.strictObject({
  stream: streamField,
  run: runField.default(0),
  ...keyed,
});
const decided = (description: string) => ({
  200: {
    description,
    schema: z
      .strictObject({
        id: idField('whe'),
        stream: z.string(),
        run: z.int(),
        event_id: idField('evt'),
        event_position: z.int(),
      })
      .meta({ id: 'DecidedWebhookLane' }),
  },
});
const exampleBody = { stream: 'conv_0198f2c0a1b27c3d8e4f5a6b7c8d9e0c' };

export const listLanes = defineOperation({
  name: 'webhook_lanes.list',
  method: 'GET',
  path: '/v1/webhook_endpoints/{id}/lanes',
  summary: 'List the streams whose events wait for a message that an ordered endpoint did not take',
  description: 'In the order of runs and streams. An endpoint that does not ask for order has none.',
  scopes: ['webhooks:read'],
  changes: false,
  params: byEndpoint,
  query: z.strictObject({ state: z.enum(LANE_STATES).optional(), ...pageQuery }),
  responses: { 200: { description: 'A page of lanes.', schema: pageOf(laneResource) } },
  example: { params: exampleParams, query: { state: 'parked' } },
});

export const resumeLane = defineOperation({
  ...changing,
  name: 'webhook_lanes.resume',
  method: 'POST',
  path: '/v1/webhook_endpoints/{id}/lanes/resume',
  summary: 'Attempt the message that a parked lane waits for again, from the first attempt on',
  params: byEndpoint,
  body: decisionBody,
  responses: decided('The lane goes on.'),
  problems: ['lane_not_parked', 'changed_meanwhile'],
  example: { params: exampleParams, body: exampleBody },
});

export const skipLane = defineOperation({
  ...changing,
  name: 'webhook_lanes.skip',
  method: 'POST',
  path: '/v1/webhook_endpoints/{id}/lanes/skip',
  summary: 'Let a parked lane go on without the message that it waits for',
  description:
    'The message becomes a dead letter with `skipped`, and can be sent again. The message of a blocked lane cannot be skipped, for an attempt of it may be under way: a shorter `retry_schedule` holds from its next attempt on.',
  params: byEndpoint,
  body: decisionBody,
  responses: decided('The lane goes on, and the message is a dead letter in a moment.'),
  problems: ['lane_not_parked', 'changed_meanwhile'],
  example: { params: exampleParams, body: exampleBody },
});
