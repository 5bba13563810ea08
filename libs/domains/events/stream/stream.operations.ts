import { z } from 'zod';
import { pinQuery } from '../../../platform/event-schemas/pin-query.js';
import { eventOnStreamResource } from '../../../platform/feed/recorded-event.resource.js';
import { idField } from '../../../platform/operations/fields.js';
import { defineOperation } from '../../../platform/operations/operation.js';
import { ticketQuery } from '../tickets/tickets.operations.js';

/** From where on a stream is read. */
export const since = z
  .string()
  .max(200)
  .regex(/^[A-Za-z0-9_:.+-]+$/, 'is neither a time nor a cursor')
  .optional()
  .describe('`beginning`, `now`, `now-1m` (s, m, h, d), a time, or a cursor. Left out: now.');

/** What a list and a stream of all events can be asked for. */
export const filterQuery = {
  type: z
    .string()
    .max(2000)
    .regex(/^[a-z_]+(\.([a-z_]+|\*))?(,[a-z_]+(\.([a-z_]+|\*))?)*$/, 'is not a list of types with commas between')
    .optional()
    .describe('Types of events, groups such as `message.changed`, or `conversation.*`: with commas between.'),
  activity: z
    .string()
    .max(2000)
    .regex(
      /^[a-z0-9][a-z0-9_-]*(\.[a-z0-9][a-z0-9_-]*)*(\.\*)?(,[a-z0-9][a-z0-9_-]*(\.[a-z0-9][a-z0-9_-]*)*(\.\*)?)*$/,
      'is not a list of activity types',
    )
    .optional()
    .describe('What the workspace calls its activities, such as `invoice.paid` or `invoice.*`: with commas between.'),
  conversation: idField('conv').optional().describe('Of this conversation, and about it.'),
  customer: idField('cus')
    .optional()
    .describe(
      'Of this customer and about them, of their conversations, and the same of those who were merged into them.',
    ),
  actor: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,100}$/, 'is not an id')
    .optional()
    .describe('What this one did: the id of a key, `root`, or what Heddle does by itself, such as `snooze_clock`.'),
};

const line = z.union([
  eventOnStreamResource,
  z
    .strictObject({
      type: z.string().describe('`typing` or `presence`.'),
      transient: z.literal(true).describe('It is not on the log, and no cursor leads to it.'),
      stream: idField('conv'),
      data: z.record(z.string(), z.unknown()),
    })
    .meta({ id: 'TransientLine', description: 'What is told to those who read now, and is kept nowhere.' }),
  z
    .strictObject({
      type: z.literal('heartbeat'),
      cursor: z.string().nullable().describe('Where the reader stands; null at the beginning of the log.'),
    })
    .meta({ id: 'HeartbeatLine', description: 'The connection lives, and everything up to the cursor was given.' }),
  z
    .strictObject({
      type: z.literal('closed'),
      reason: z.string().describe('`slow_reader`, `key_revoked`, `shutdown`, `store_restored` or `internal`.'),
      cursor: z.string().nullable(),
    })
    .meta({ id: 'ClosedLine', description: 'The last line, where the server ends it: go on from the cursor.' }),
]);

export const streamEvents = defineOperation({
  name: 'events.stream',
  method: 'GET',
  path: '/v1/events/stream',
  summary: 'Read everything that happens in the workspace, from any time on, as it happens',
  description:
    'Lines of JSON, one an event, from history to live without a gap, a duplicate or a change of order. As server-sent events where `Accept` asks for them; then `Last-Event-ID` counts before `since`.',
  scopes: ['events:read'],
  changes: false,
  query: z.strictObject({
    since,
    ...filterQuery,
    ...pinQuery,
    ...ticketQuery,
  }),
  ticketed: true,
  live: 'Each event as `id` (the cursor after it), `event` (its type) and `data` (the line); `typing`, `presence` and `closed` have no `id`.',
  streams: true,
  lines: line,
  responses: { 200: { description: 'Lines without an end.', schema: line } },
  problems: ['invalid_cursor', 'cursor_diverged', 'invalid_value'],
  example: { query: { since: 'now-1m', type: 'message.created' } },
});
