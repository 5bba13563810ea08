import { z } from 'zod';
import { cursorField, idField, slugField, timeField } from '../../platform/operations/fields.js';
import { defineOperation } from '../../platform/operations/operation.js';

const count = z.int().min(0);

const conversationFacts = z
  .strictObject({
    id: idField('conv'),
    customer_id: idField('cus').nullable(),
    channel: slugField.nullable(),
    status: z.enum(['open', 'snoozed', 'closed']),
    created_at: timeField.nullable(),
    first_customer_message_at: timeField.nullable(),
    first_response_at: timeField.nullable().describe('The first message of a user or an AI agent.'),
    last_message_at: timeField.nullable(),
    first_closed_at: timeField.nullable(),
    last_closed_at: timeField.nullable().describe('When it was closed last, also where it was opened again since.'),
    messages: count,
    customer_messages: count,
    user_messages: count,
    ai_agent_messages: count,
    system_messages: count,
    assignments: count,
    closes: count,
    reopens: count,
    last_seq: z.int().min(1).describe('The last event that the figures include.'),
  })
  .meta({ id: 'ConversationFacts' });

export const getConversationFacts = defineOperation({
  name: 'analytics.conversation',
  method: 'GET',
  path: '/v1/analytics/conversations/{id}',
  summary: "Read a conversation's times and counts",
  description:
    'Kept from the log alone, so a moment behind it. Send the `Heddle-Position` of a write as `wait_for` to read what includes it.',
  scopes: ['analytics:read'],
  changes: false,
  params: z.strictObject({ id: idField('conv') }),
  query: z.strictObject({
    wait_for: cursorField.optional().describe('A cursor that the answer must include; waited for up to 5 s.'),
  }),
  responses: { 200: { description: 'The figures.', schema: conversationFacts } },
  problems: ['invalid_cursor', 'cursor_diverged'],
  example: {
    params: { id: 'conv_0198f2c0a1b27c3d8e4f5a6b7c8d9e02' },
    query: { wait_for: 'eIuUZZ2SAaH-SV0XcNKjbnneLRuwDw' },
  },
});
