import { z } from 'zod';
import { fieldsShown } from '../../../platform/fields/field-schemas.js';
import { externalIdField, idField, slugField, textField, timeField } from '../../../platform/operations/fields.js';
import { authorField } from '../author.js';
import { blockField, blocksField, urlField } from './blocks.js';
import { MESSAGE_TYPES } from './message.commands.js';

/** Not the customer, who neither writes notes nor decides on drafts. */
export const colleagueField = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('user'), id: idField('usr') }),
    z.strictObject({ type: z.literal('ai_agent'), id: idField('aia') }),
    z.strictObject({ type: z.literal('system'), id: slugField }),
  ])
  .meta({ id: 'Colleague', description: 'Who works in the workspace: a person or a program.' });

const messageTypeField = z
  .enum(MESSAGE_TYPES)
  .describe('`note` is internal: no channel carries it, and the customer does not see it. `rich` has blocks.');

const sourceField = z.strictObject({
  id: textField(1, 255).optional(),
  title: textField(1, 500).optional(),
  url: urlField.optional(),
});

/** Wider than what is taken: it may have been written before that was as narrow. */
const shownSource = sourceField.extend({ url: textField(1, 2000).optional() });

export const aiField = z
  .strictObject({
    model: textField(1, 200),
    confidence: z.number().min(0).max(1).optional(),
    sources: z.array(sourceField).max(50).optional().describe('What it drew on.'),
    read_through_seq: z
      .int()
      .min(1)
      .max(2_147_483_647)
      .optional()
      .describe("The number on the conversation's stream up to which it had read."),
  })
  .meta({ id: 'AiTrace', description: 'How a model came to a text.' });

export const aiResource = z
  .strictObject({
    model: z.string(),
    confidence: z.number().nullable(),
    sources: z.array(shownSource).nullable(),
    read_through_seq: z.int().nullable(),
  })
  .meta({ id: 'ShownAiTrace' });

const party = z.strictObject({ type: z.string(), id: z.string() });

const receiptResource = z
  .strictObject({
    type: z.enum(['delivered', 'read', 'failed']),
    channel: slugField,
    reader: party.nullable(),
    code: z.string().nullable(),
    detail: z.string().nullable(),
    occurred_at: timeField,
  })
  .meta({ id: 'MessageReceipt' });

export const messageResource = z
  .strictObject({
    id: idField('msg'),
    conversation_id: idField('conv'),
    seq: z.int().min(1).describe("The message's place on the conversation's stream."),
    author: authorField,
    channel: slugField,
    type: messageTypeField,
    text: z.string().describe('As it reads now; `redacted` once it is.'),
    external_id: z.string().nullable(),
    blocks: z.array(blockField).nullable().describe('Of a rich message; null of any other, and of a redacted one.'),
    mentions: z.array(z.string()).describe('The users and AI agents that a note mentions.'),
    channel_message_id: z.string().nullable().describe('What its channel calls it.'),
    in_reply_to: idField('msg').nullable(),
    draft_id: idField('dra').nullable().describe('The draft that it was made from.'),
    ai: aiResource.nullable(),
    reactions: z.array(z.strictObject({ author: authorField, emoji: z.string() })),
    receipts: z.array(receiptResource).describe('What channels said of it, the oldest first.'),
    choices: z
      .array(
        z.strictObject({
          author: authorField,
          choices: z.array(z.strictObject({ block_id: z.string(), value: z.unknown() })).nullable(),
          occurred_at: timeField,
        }),
      )
      .describe('What was chosen of what it offers, the oldest first.'),
    fields: fieldsShown,
    edited_at: timeField.nullable(),
    redacted_at: timeField.nullable(),
    occurred_at: timeField,
    recorded_at: timeField,
  })
  .meta({ id: 'Message' });

/** What a message or draft says. */
export const contentFields = {
  type: messageTypeField.default('text'),
  text: textField(1, 100_000)
    .optional()
    .describe('Of a rich message: what is shown where blocks are not; left out, it is made from them.'),
  blocks: blocksField.optional().describe('Of a rich message, and of no other.'),
};

export const mentionsField = z
  .array(z.union([idField('usr'), idField('aia')]))
  .max(100)
  .describe('Whom a note mentions.');

export const messageBody = {
  author: authorField,
  ...contentFields,
  channel: slugField.optional().describe("The channel it came or goes on; else the conversation's."),
  external_id: externalIdField.optional().describe('Unique within the conversation.'),
  channel_message_id: externalIdField
    .optional()
    .describe('What the channel calls it; unique within the conversation and channel.'),
  in_reply_to: idField('msg').optional().describe('The message that it answers, on whichever channel that came.'),
  mentions: mentionsField.optional(),
  ai: aiField.optional(),
};
