import { z } from 'zod';
import {
  idField,
  instantField,
  keyed,
  pageOf,
  pageQuery,
  slugField,
  textField,
  timeField,
} from '../../../platform/operations/fields.js';
import { defineOperation } from '../../../platform/operations/operation.js';
import { pastQuery } from '../../../platform/past/past-query.js';
import { authorField } from '../author.js';
import { blocksField, choiceField } from './blocks.js';
import { emojiField } from './emoji.js';
import { mentionsField, messageBody, messageResource } from './message.resources.js';

const ofConversation = z.strictObject({ id: idField('conv') });
const ofMessage = z.strictObject({ id: idField('conv'), message_id: idField('msg') });
const changing = { scopes: ['conversations:write'], changes: true, versioned: true, conditional: true } as const;
const reading = { scopes: ['conversations:read'], changes: false } as const;
const conversation = 'conv_0198f2c0a1b27c3d8e4f5a6b7c8d9e02';
const exampleParams = { id: conversation, message_id: 'msg_0198f2c0a1b27c3d8e4f5a6b7c8d9e07' };
const exampleUser = { type: 'user', id: 'usr_0198f2c0a1b27c3d8e4f5a6b7c8d9e03' };
const exampleCustomer = { type: 'customer', id: 'cus_0198f2c0a1b27c3d8e4f5a6b7c8d9e04' };

export const changedMessage = z
  .strictObject({ id: idField('msg'), conversation_id: idField('conv'), seq: z.int().min(1) })
  .meta({ id: 'ChangedMessage', description: "A message, and the version of the conversation's stream." });

const change = (description: string) => ({ 200: { description, schema: changedMessage } });

export const postMessage = defineOperation({
  ...changing,
  name: 'messages.post',
  method: 'POST',
  path: '/v1/conversations/{id}/messages',
  summary: 'Post a message',
  description:
    'A message of the customer opens a conversation that is closed or snoozed. What is posted to a merged conversation goes to the one that it was merged into, which `conversation_id` of the answer names.',
  params: ofConversation,
  body: z.strictObject({ ...messageBody, ...keyed }),
  responses: {
    201: {
      description: "The message is on the conversation's stream.",
      schema: z
        .strictObject({ id: idField('msg'), conversation_id: idField('conv'), seq: z.int().min(1) })
        .meta({ id: 'PostedMessage' }),
    },
  },
  problems: [
    'unknown_reference',
    'external_id_taken',
    'person_erased',
    'conversation_locked',
    'conversation_merged',
    'content_mismatch',
  ],
  example: {
    params: { id: conversation },
    body: {
      author: exampleUser,
      type: 'rich',
      text: 'Is the scarf done?',
      blocks: [
        { type: 'text', text: 'Is the scarf done?' },
        { type: 'quick_reply', id: 'yes', label: 'Yes' },
        { type: 'quick_reply', id: 'no', label: 'Not yet' },
      ],
    },
  },
});

export const listMessages = defineOperation({
  ...reading,
  name: 'messages.list',
  method: 'GET',
  path: '/v1/conversations/{id}/messages',
  summary: "List a conversation's messages, the oldest first, as they are or as they were",
  params: ofConversation,
  query: z.strictObject({ ...pastQuery, ...pageQuery }),
  responses: { 200: { description: 'A page of messages.', schema: pageOf(messageResource) } },
  problems: ['ambiguous_past'],
  example: { params: { id: conversation }, query: { limit: '20' } },
});

export const getMessage = defineOperation({
  ...reading,
  name: 'messages.get',
  method: 'GET',
  path: '/v1/conversations/{id}/messages/{message_id}',
  summary: 'Read a message',
  params: ofMessage,
  responses: { 200: { description: 'The message.', schema: messageResource } },
  example: { params: exampleParams },
});

export const listMessageVersions = defineOperation({
  ...reading,
  name: 'messages.versions',
  method: 'GET',
  path: '/v1/conversations/{id}/messages/{message_id}/versions',
  summary: 'Read what a message said, from its first version on',
  description: 'Each of its edits is a version. Those of a redacted message read `redacted`.',
  params: ofMessage,
  query: z.strictObject(pageQuery),
  responses: {
    200: {
      description: 'A page of its versions, the oldest first.',
      schema: pageOf(
        z
          .strictObject({
            seq: z.int().min(1).describe("The version's place on the conversation's stream."),
            text: z.string(),
            blocks: messageResource.shape.blocks,
            mentions: z.array(z.string()),
            occurred_at: timeField,
            actor: z.strictObject({ type: z.string(), id: z.string() }),
          })
          .meta({ id: 'MessageVersion' }),
      ).meta({ id: 'MessageVersions' }),
    },
  },
  example: { params: exampleParams },
});

export const editMessage = defineOperation({
  ...changing,
  name: 'messages.edit',
  method: 'PATCH',
  path: '/v1/conversations/{id}/messages/{message_id}',
  summary: 'Edit a message',
  description:
    'A JSON Merge Patch (RFC 7396): what it leaves out stays. What the message said before stays in its versions and events; an edit that changes nothing is no event.',
  consumes: 'application/merge-patch+json',
  params: ofMessage,
  body: z.strictObject({
    text: textField(1, 100_000).optional(),
    blocks: blocksField.optional(),
    mentions: mentionsField.optional(),
    ...keyed,
  }),
  responses: change('The message is as the patch says.'),
  problems: [
    'unknown_reference',
    'too_many',
    'conversation_locked',
    'message_redacted',
    'content_mismatch',
    'changed_meanwhile',
    'person_erased',
  ],
  example: { params: exampleParams, body: { text: 'Show us when it is done, please!' } },
});

export const redactMessage = defineOperation({
  ...changing,
  name: 'messages.redact',
  method: 'POST',
  path: '/v1/conversations/{id}/messages/{message_id}/redact',
  summary: 'Make what a message says unreadable, for good',
  description:
    'Its text, blocks, ids on channels and choices are gone from every read, of all its versions and of the draft that it was made from; the events stay, and read `redacted`. It cannot be undone.',
  params: ofMessage,
  body: z.strictObject({ reason: textField(1, 1000).optional(), ...keyed }),
  responses: change('The message is redacted.'),
  problems: ['message_redacted', 'changed_meanwhile', 'person_erased'],
  example: { params: exampleParams, body: { reason: 'It held the number of a card.' } },
});

const reactionBody = z.strictObject({ author: authorField, emoji: emojiField, ...keyed });
const exampleReaction = { author: exampleCustomer, emoji: '👍' };

export const reactToMessage = defineOperation({
  ...changing,
  name: 'messages.react',
  method: 'POST',
  path: '/v1/conversations/{id}/messages/{message_id}/react',
  summary: 'React to a message with an emoji',
  params: ofMessage,
  body: reactionBody,
  responses: change('The reaction is there.'),
  problems: [
    'unknown_reference',
    'already_reacted',
    'content_mismatch',
    'too_many',
    'conversation_locked',
    'message_redacted',
    'changed_meanwhile',
    'person_erased',
  ],
  example: { params: exampleParams, body: exampleReaction },
});

export const unreactToMessage = defineOperation({
  ...changing,
  name: 'messages.unreact',
  method: 'POST',
  path: '/v1/conversations/{id}/messages/{message_id}/unreact',
  summary: 'Take a reaction back',
  params: ofMessage,
  body: reactionBody,
  responses: change('The reaction is gone.'),
  problems: [
    'not_reacted',
    'content_mismatch',
    'conversation_locked',
    'message_redacted',
    'changed_meanwhile',
    'unknown_reference',
    'person_erased',
  ],
  example: { params: exampleParams, body: exampleReaction },
});

export const takeReceipt = defineOperation({
  ...changing,
  name: 'messages.receipt',
  method: 'POST',
  path: '/v1/conversations/{id}/messages/{message_id}/receipts',
  summary: 'Note that a channel delivered a message, could not, or that somebody read it',
  description: 'The same receipt of the same channel again changes nothing.',
  params: ofMessage,
  body: z.strictObject({
    receipt: z
      .discriminatedUnion('type', [
        z.strictObject({ type: z.literal('delivered') }),
        z.strictObject({ type: z.literal('read'), reader: authorField }),
        z.strictObject({
          type: z.literal('failed'),
          code: slugField.describe("The channel's word for why."),
          detail: textField(1, 2000).optional(),
        }),
      ])
      .meta({ id: 'Receipt' }),
    channel: slugField.optional().describe("Which channel says so; else the message's."),
    occurred_at: instantField.optional().describe('Left out: now.'),
    ...keyed,
  }),
  responses: change('The receipt is noted.'),
  problems: ['unknown_reference', 'too_many', 'changed_meanwhile', 'person_erased'],
  example: { params: exampleParams, body: { receipt: { type: 'read', reader: exampleCustomer } } },
});

export const chooseOfMessage = defineOperation({
  ...changing,
  name: 'messages.choose',
  method: 'POST',
  path: '/v1/conversations/{id}/messages/{message_id}/choices',
  summary: 'Choose one of the things that a rich message offers, or fill in its form',
  description: 'As a message of the customer does, a choice of theirs opens a conversation that is closed or snoozed.',
  params: ofMessage,
  body: z.strictObject({
    author: authorField,
    choices: z.array(choiceField).min(1).max(50).describe('A button or quick reply, or fields of a form together.'),
    ...keyed,
  }),
  responses: change('The choice is made.'),
  problems: [
    'unknown_reference',
    'choice_not_offered',
    'too_many',
    'conversation_merged',
    'conversation_locked',
    'message_redacted',
    'changed_meanwhile',
    'person_erased',
  ],
  example: { params: exampleParams, body: { author: exampleCustomer, choices: [{ block_id: 'yes' }] } },
});
