import { z } from 'zod';
import { pinQuery } from '../../../platform/event-schemas/pin-query.js';
import { eventOnStreamResource } from '../../../platform/feed/recorded-event.resource.js';
import { pageOf, pageQuery } from '../../../platform/operations/fields.js';
import { defineOperation } from '../../../platform/operations/operation.js';
import { filterQuery } from '../stream/stream.operations.js';

const time = z
  .string()
  .max(40)
  .regex(/^[0-9A-Za-z:.+-]+$/, 'is not a time');

export const listEvents = defineOperation({
  name: 'events.list',
  method: 'GET',
  path: '/v1/events',
  summary: 'List everything that happened in the workspace, from the first event on',
  description:
    'In the order of the log. What was acknowledged before the request is in it. Cursors are the public ones: a stream goes on from them.',
  scopes: ['events:read'],
  changes: false,
  query: z.strictObject({
    ...filterQuery,
    since: time.optional().describe('Recorded then or later: a time, or `now-1m` (s, m, h, d).'),
    until: time.optional().describe('Recorded before then.'),
    order: z.enum(['asc', 'desc']).default('asc').describe('`desc`: the last event first.'),
    ...pinQuery,
    ...pageQuery,
  }),
  responses: { 200: { description: 'A page of events.', schema: pageOf(eventOnStreamResource) } },
  problems: ['cursor_diverged', 'invalid_value', 'reversed_range'],
  example: { query: { type: 'message.created', since: 'now-1h', limit: '20' } },
});
