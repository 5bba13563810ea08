import { z } from 'zod';
import { idField } from '../../../platform/operations/fields.js';
import { defineOperation } from '../../../platform/operations/operation.js';
import { exchangeFields } from './attempt.operations.js';

export const testEndpoint = defineOperation({
  name: 'webhook_endpoints.test',
  method: 'POST',
  path: '/v1/webhook_endpoints/{id}/test',
  summary: 'Send an endpoint an example of an event, now',
  description: `Signed and sent as every event is, once, and answered when the receiver has: within 15 s. The header \`heddle-test: true\`
tells it from what happened. It is on no log and among no attempts, its ids are those of nothing, and a disabled endpoint is sent it, too.`,
  scopes: ['webhooks:write'],
  changes: false,
  // It has somebody else's machine work for up to 15 s.
  cost: 1000,
  params: z.strictObject({ id: idField('whe') }),
  body: z.strictObject({
    type: z
      .string()
      .min(1)
      .max(100)
      .default('message.created')
      .describe('Any type of events, whether or not the endpoint is sent it.'),
  }),
  responses: {
    200: {
      description: 'What the endpoint answered.',
      schema: z
        .strictObject({ endpoint_id: idField('whe'), event_id: idField('evt'), type: z.string(), ...exchangeFields })
        .meta({ id: 'WebhookTest' }),
    },
  },
  problems: ['invalid_value'],
  example: { params: { id: 'whe_0198f2c0a1b27c3d8e4f5a6b7c8d9e01' }, body: { type: 'message.created' } },
});
