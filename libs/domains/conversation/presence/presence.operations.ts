import { z } from 'zod';
import { idField, timeField } from '../../../platform/operations/fields.js';
import { defineOperation } from '../../../platform/operations/operation.js';

const byId = z.strictObject({ id: idField('conv') });
const exampleParams = { id: 'conv_0198f2c0a1b27c3d8e4f5a6b7c8d9e02' };
const exampleUser = { type: 'user', id: 'usr_0198f2c0a1b27c3d8e4f5a6b7c8d9e03' };

const partyField = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('customer'), id: idField('cus') }),
    z.strictObject({ type: z.literal('user'), id: idField('usr') }),
    z.strictObject({ type: z.literal('ai_agent'), id: idField('aia') }),
  ])
  .meta({ id: 'Participant', description: 'Who is at a conversation.' });

const expiresAt = timeField.describe('When it is over, unless it is said again.');

const telling = {
  method: 'POST',
  scopes: ['conversations:write'],
  // Nothing is kept of it, and so there is nothing that a repeat could do twice.
  changes: false,
  params: byId,
  problems: ['unknown_reference'],
} as const;

export const setTyping = defineOperation({
  ...telling,
  name: 'conversations.set_typing',
  path: '/v1/conversations/{id}/typing',
  summary: 'Tell the live readers of a conversation that somebody is typing, or is not any more',
  description:
    'It is over after 10 seconds: say it again every few. Said again within a second, it is not passed on. It is no event, and nothing keeps it.',
  body: z.strictObject({ party: partyField, typing: z.boolean().default(true) }),
  responses: {
    200: {
      description: 'What the live readers are told.',
      schema: z
        .strictObject({
          conversation_id: idField('conv'),
          party: partyField,
          typing: z.boolean(),
          expires_at: expiresAt,
        })
        .meta({ id: 'Typing' }),
    },
  },
  example: { params: exampleParams, body: { party: exampleUser } },
});

export const setPresence = defineOperation({
  ...telling,
  name: 'conversations.set_presence',
  path: '/v1/conversations/{id}/presence',
  summary: 'Say that somebody is at a conversation, or has gone',
  description: 'It is over after 60 seconds: say it again every half a minute. It is no event.',
  body: z.strictObject({ party: partyField, present: z.boolean().default(true) }),
  responses: {
    200: {
      description: 'What the live readers are told.',
      schema: z
        .strictObject({
          conversation_id: idField('conv'),
          party: partyField,
          present: z.boolean(),
          expires_at: expiresAt,
        })
        .meta({ id: 'Presence' }),
    },
  },
  example: { params: exampleParams, body: { party: exampleUser } },
});

export const readPresence = defineOperation({
  name: 'conversations.presence',
  method: 'GET',
  path: '/v1/conversations/{id}/presence',
  summary: 'Read who is at a conversation now',
  scopes: ['conversations:read'],
  changes: false,
  params: byId,
  responses: {
    200: {
      description: 'Those who are there, the first who came first; 1,000 at most.',
      schema: z.strictObject({
        data: z.array(
          z.strictObject({ party: partyField, since: timeField, expires_at: expiresAt }).meta({ id: 'PresentParty' }),
        ),
      }),
    },
  },
  example: { params: { id: 'conv_0198f2c0a1b27c3d8e4f5a6b7c8d9e02' } },
});
