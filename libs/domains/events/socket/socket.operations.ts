import { z } from 'zod';
import { defineOperation } from '../../../platform/operations/operation.js';
import { ticketQuery } from '../tickets/tickets.operations.js';
import { CLIENT_MESSAGE } from './client-message.js';
import { SERVER_MESSAGE } from './server-message.js';

export const openSocket = defineOperation({
  name: 'events.ws',
  method: 'GET',
  path: '/v1/events/ws',
  summary: 'Read what happens in the workspace over a WebSocket, with acknowledged flow control',
  description:
    'Up to eight subscriptions on one connection, each as `GET /v1/events/stream` gives it, with its own place, filter and order. A message is one JSON object in a frame of text. The client says `subscribe`, `ack`, `unsubscribe` and `ping`; no more than `window` events of a subscription are under way that it has not acknowledged. A browser, which cannot send a key, opens it with `?ticket=`.',
  scopes: ['events:read'],
  changes: false,
  query: z.strictObject(ticketQuery),
  ticketed: true,
  socket: true,
  says: CLIENT_MESSAGE,
  tells: SERVER_MESSAGE,
  responses: { 101: { description: 'The connection is a WebSocket from here on.', schema: z.void() } },
  example: {},
});
