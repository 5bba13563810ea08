import { z } from 'zod';
import { timeField } from '../../../platform/operations/fields.js';
import { defineOperation } from '../../../platform/operations/operation.js';

/** The query of what a ticket opens. */
export const ticketQuery = {
  ticket: z
    .string()
    .regex(/^tkt_[A-Za-z0-9_-]{43}$/, 'is not a ticket')
    .optional()
    .describe('In place of a key: what POST /v1/events/tickets made, good once.'),
};

export const makeTicket = defineOperation({
  name: 'events.make_ticket',
  method: 'POST',
  path: '/v1/events/tickets',
  summary: 'Make a ticket that opens one stream of events, once, within a minute',
  description:
    'For browsers, whose streams cannot send a key: `?ticket=` in place of it. The stream is that of the key that made the ticket, and ends with it.',
  scopes: ['events:read'],
  // A ticket that nobody uses is gone in a minute, and nothing else has changed.
  changes: false,
  responses: {
    201: {
      description: 'The ticket.',
      schema: z.strictObject({ ticket: z.string(), expires_at: timeField }).meta({ id: 'Ticket' }),
    },
  },
  example: {},
});
