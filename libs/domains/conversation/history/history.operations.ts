import { z } from 'zod';
import { recordedEventResource } from '../../../platform/feed/recorded-event.resource.js';
import { cursorField, idField, pageOf, pageQuery } from '../../../platform/operations/fields.js';
import { defineOperation } from '../../../platform/operations/operation.js';
import { pastQuery, seqField } from '../../../platform/past/past-query.js';
import { ENTRY_KINDS } from './event-kinds.js';

const byId = z.strictObject({ id: idField('conv') });
const reading = { method: 'GET', scopes: ['conversations:read'], changes: false, params: byId } as const;
const exampleParams = { id: 'conv_0198f2c0a1b27c3d8e4f5a6b7c8d9e02' };
const kind = ENTRY_KINDS.join('|');

const timelineEntry = recordedEventResource
  .extend({
    kind: z
      .enum(ENTRY_KINDS)
      .describe('Somebody wrote, something changed, conversations were linked, or a system of the workspace told it.'),
  })
  .meta({ id: 'TimelineEntry' });

const { type, actor, occurred_at, recorded_at } = recordedEventResource.shape;
const trace = { seq: z.int().min(1), type, actor, occurred_at, recorded_at };
const differenceResource = z
  .strictObject({
    conversation_id: idField('conv'),
    from_seq: z.int().min(0),
    to_seq: z.int().min(0),
    fields: z
      .array(z.strictObject({ field: z.string(), from: z.unknown(), to: z.unknown(), ...trace }))
      .describe('Those that differ, each with the last event that changed it.'),
    messages: z
      .array(z.strictObject({ change: z.string(), message_id: idField('msg'), ...trace }))
      .describe('What became of messages, in order: `added`, and what was done to those that were there.'),
    more_messages: z.boolean().describe('Whether there are more than these 1,000: ask for a shorter range.'),
  })
  .meta({ id: 'ConversationDifference' });

export const readTimeline = defineOperation({
  ...reading,
  name: 'conversations.timeline',
  path: '/v1/conversations/{id}/timeline',
  summary: 'Read what happened in a conversation and to its customer, in one order',
  description:
    'Its messages, changes and links by `seq`, an edit beside the message that it edits; between them, by when they happened, the activities that are about it or its customer (`POST /v1/events`). These follow the log, a moment behind: send the `Heddle-Position` of theirs as `wait_for` to read what includes them.',
  query: z.strictObject({
    kinds: z
      .string()
      .regex(
        new RegExp(`^(${kind})(,(${kind})){0,${ENTRY_KINDS.length - 1}}$`),
        `is not a list of ${ENTRY_KINDS.join(', ')} with commas between`,
      )
      .optional()
      .describe('Only entries of these kinds, with commas between.'),
    ...pastQuery,
    wait_for: cursorField.optional().describe('A cursor that the activities must include; waited for up to 5 s.'),
    ...pageQuery,
  }),
  responses: { 200: { description: 'A page of entries.', schema: pageOf(timelineEntry) } },
  problems: ['ambiguous_past', 'cursor_diverged'],
  example: { params: exampleParams, query: { kinds: 'message,link', seq: '1' } },
});

export const compareConversation = defineOperation({
  ...reading,
  name: 'conversations.diff',
  path: '/v1/conversations/{id}/diff',
  summary: 'Say what changed in a conversation between two of its events, by whom and when',
  query: z.strictObject({
    from_seq: z.coerce
      .number()
      .int()
      .min(0)
      .max(2_147_483_647)
      .default(0)
      .describe('After so many events; 0: before it began.'),
    to_seq: seqField.optional().describe('After so many events; left out: now.'),
  }),
  responses: { 200: { description: 'What differs.', schema: differenceResource } },
  problems: ['reversed_range'],
  example: { params: exampleParams, query: { from_seq: '1', to_seq: '2' } },
});
