import { z } from 'zod';
import { cursorField, idField, pageOf, slugField, textField } from '../../../platform/operations/fields.js';
import { defineOperation } from '../../../platform/operations/operation.js';
import { assigneeField, conversationFields, priorityField, statusField } from '../conversation.resources.js';
import { DIRECTIONS, SORTS } from './conversation-order.js';
import { GROUPS } from './conversation-search.js';
import { FILTER_PROBLEMS, filterField } from './filter.schema.js';

export const sortField = z
  .enum(SORTS)
  .describe(
    '`id`: as they were made here. `priority` goes by urgency, `relevance` by how well the text is found; without a text it is `id`.',
  );
export const orderField = z.enum(DIRECTIONS).default('desc').describe('`desc`: the last or the greatest first.');

export const waitForField = cursorField
  .optional()
  .describe(
    'The `Heddle-Position` of a write: waited for up to 5 s, so that what it wrote is found by its text, and counts for `last_message_at`.',
  );
const textQueryField = textField(1, 500)
  .optional()
  .describe(
    'Words that one message, or the title, must all have, in any of their forms. "In quotes": in a row. `begin*`: what a word begins with. `-word`: without it.',
  );
const notesField = z.boolean().default(true).describe('Whether notes are looked through as well.');

const highlightResource = z
  .strictObject({
    part: z.enum(['title', 'message', 'note']),
    message_id: idField('msg').nullable().describe('Null of a title.'),
    pieces: z
      .array(z.strictObject({ text: z.string(), match: z.boolean().describe('It is what was looked for.') }))
      .describe('The text, cut to what stands around the places. Joined, they are plain text, and no HTML.'),
  })
  .meta({ id: 'Highlight' });

const foundConversation = z
  .strictObject({
    ...conversationFields,
    relevance: z.number().min(0).optional().describe('How well the text is found in it; where one was asked for.'),
    highlights: z
      .array(highlightResource)
      .optional()
      .describe('Where the text is found in the first 20,000 characters, the best places first.'),
  })
  .meta({ id: 'FoundConversation' });

export const conversationCount = z
  .strictObject({
    count: z.int().min(0),
    groups: z
      .array(
        z.strictObject({
          value: z
            .union([statusField, priorityField, slugField, idField('team'), assigneeField])
            .nullable()
            .describe('Null: none.'),
          count: z.int().min(1),
        }),
      )
      .nullable()
      .describe('The largest first, 1,000 at most; null where none were asked for.'),
  })
  .meta({ id: 'ConversationCount' });

const reading = { scopes: ['conversations:read'], changes: false } as const;
const exampleFilter = {
  and: [
    { field: 'status', op: 'is', value: 'open' },
    {
      or: [
        { field: 'assignee', op: 'none' },
        { field: 'priority', op: 'in', value: ['urgent', 'high'] },
      ],
    },
    { not: { field: 'channel', op: 'is', value: 'chat' } },
  ],
};

export const searchConversations = defineOperation({
  ...reading,
  name: 'conversations.search',
  method: 'POST',
  path: '/v1/conversations/search',
  summary: 'Find conversations by a filter, by what was said in them, or both',
  description:
    'Filters are up to date when a write answers. Texts and the times of last messages follow the log, a moment later: send the `Heddle-Position` of a write as `wait_for` to find what it wrote.',
  body: z.strictObject({
    filter: filterField.optional(),
    text: textQueryField,
    notes: notesField,
    sort: sortField.optional().describe('`relevance` where there is a text, else `id`.'),
    order: orderField,
    highlights: z
      .int()
      .min(0)
      .max(10)
      .default(3)
      .describe('How many places to show of each conversation; 1,000 on a page at most.'),
    limit: z.int().min(1).max(1000).default(50).describe('How many to return.'),
    cursor: cursorField.optional(),
    wait_for: waitForField,
  }),
  responses: { 200: { description: 'A page of conversations.', schema: pageOf(foundConversation) } },
  problems: [...FILTER_PROBLEMS, 'invalid_cursor', 'cursor_diverged'],
  cost: 2,
  example: { body: { filter: exampleFilter, text: 'reed "wool scarf"', sort: 'updated_at', limit: 20 } },
});

export const countConversations = defineOperation({
  ...reading,
  name: 'conversations.count',
  method: 'POST',
  path: '/v1/conversations/count',
  summary: 'Count conversations, all of them or by group',
  body: z.strictObject({
    filter: filterField.optional(),
    text: textQueryField,
    notes: notesField,
    group_by: z.enum(GROUPS).optional(),
    wait_for: waitForField,
  }),
  responses: {
    200: {
      description: 'How many there are.',
      schema: conversationCount,
    },
  },
  problems: [...FILTER_PROBLEMS, 'invalid_cursor', 'cursor_diverged'],
  cost: 2,
  example: { body: { filter: { field: 'status', op: 'is_not', value: 'closed' }, group_by: 'assignee' } },
});
