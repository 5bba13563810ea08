import { z } from 'zod';
import {
  idField,
  keyed,
  pageOf,
  pageQuery,
  slugField,
  textField,
  timeField,
} from '../../../platform/operations/fields.js';
import { defineOperation } from '../../../platform/operations/operation.js';
import { blocksField } from '../messages/blocks.js';
import { aiField, aiResource, colleagueField, contentFields, messageResource } from '../messages/message.resources.js';

const ofConversation = z.strictObject({ id: idField('conv') });
const ofDraft = z.strictObject({ id: idField('conv'), draft_id: idField('dra') });
const changing = { scopes: ['conversations:write'], changes: true, versioned: true, conditional: true } as const;
const reading = { scopes: ['conversations:read'], changes: false } as const;
const exampleParams = {
  id: 'conv_0198f2c0a1b27c3d8e4f5a6b7c8d9e02',
  draft_id: 'dra_0198f2c0a1b27c3d8e4f5a6b7c8d9e08',
};
const exampleUser = { type: 'user', id: 'usr_0198f2c0a1b27c3d8e4f5a6b7c8d9e03' };

const draftStatusField = z.enum(['open', 'accepted', 'refused']);

export const draftResource = z
  .strictObject({
    id: idField('dra'),
    conversation_id: idField('conv'),
    author: colleagueField,
    channel: slugField,
    type: messageResource.shape.type,
    text: z.string(),
    blocks: messageResource.shape.blocks,
    in_reply_to: idField('msg').nullable(),
    ai: aiResource.nullable(),
    status: draftStatusField,
    message_id: idField('msg').nullable().describe('The message that it became.'),
    settled_by: colleagueField.nullable().describe('Who accepted or refused it.'),
    reason: z.string().nullable().describe('Why it was refused.'),
    created_at: timeField,
    updated_at: timeField,
  })
  .meta({ id: 'Draft' });

const changedDraft = z
  .strictObject({ id: idField('dra'), conversation_id: idField('conv'), seq: z.int().min(1) })
  .meta({ id: 'ChangedDraft', description: "A draft, and the version of the conversation's stream." });

export const proposeDraft = defineOperation({
  ...changing,
  name: 'drafts.propose',
  method: 'POST',
  path: '/v1/conversations/{id}/drafts',
  summary: 'Propose what could be answered',
  description:
    'By a user or an AI agent. Nothing is sent until somebody accepts it. Where the conversation was merged, it is proposed in the one in which that goes on.',
  params: ofConversation,
  body: z.strictObject({
    author: colleagueField,
    ...contentFields,
    channel: slugField.optional().describe("The channel it would go on; else the conversation's."),
    in_reply_to: idField('msg').optional(),
    ai: aiField.optional(),
    ...keyed,
  }),
  responses: { 201: { description: 'The draft is there.', schema: changedDraft } },
  problems: ['unknown_reference', 'content_mismatch', 'conversation_merged', 'person_erased'],
  example: {
    params: { id: exampleParams.id },
    body: {
      author: { type: 'ai_agent', id: 'aia_0198f2c0a1b27c3d8e4f5a6b7c8d9e09' },
      text: 'A reed of 40 dents for every 10 cm suits a scarf.',
      ai: { model: 'weaver-2', confidence: 0.82, sources: [{ title: 'Reeds' }], read_through_seq: 4 },
    },
  },
});

export const listDrafts = defineOperation({
  ...reading,
  name: 'drafts.list',
  method: 'GET',
  path: '/v1/conversations/{id}/drafts',
  summary: "List a conversation's drafts, the last made first",
  params: ofConversation,
  query: z.strictObject({ status: draftStatusField.optional(), ...pageQuery }),
  responses: { 200: { description: 'A page of drafts.', schema: pageOf(draftResource) } },
  example: { params: { id: exampleParams.id }, query: { status: 'open' } },
});

export const getDraft = defineOperation({
  ...reading,
  name: 'drafts.get',
  method: 'GET',
  path: '/v1/conversations/{id}/drafts/{draft_id}',
  summary: 'Read a draft',
  params: ofDraft,
  responses: { 200: { description: 'The draft.', schema: draftResource } },
  example: { params: exampleParams },
});

export const editDraft = defineOperation({
  ...changing,
  name: 'drafts.edit',
  method: 'PATCH',
  path: '/v1/conversations/{id}/drafts/{draft_id}',
  summary: 'Edit a draft',
  consumes: 'application/merge-patch+json',
  params: ofDraft,
  body: z.strictObject({
    editor: colleagueField,
    text: textField(1, 100_000).optional(),
    blocks: blocksField.optional(),
    ...keyed,
  }),
  responses: { 200: { description: 'The draft is as the patch says.', schema: changedDraft } },
  problems: [
    'unknown_reference',
    'content_mismatch',
    'draft_settled',
    'too_many',
    'changed_meanwhile',
    'person_erased',
  ],
  example: { params: exampleParams, body: { editor: exampleUser, text: 'A reed of 40 dents suits a scarf.' } },
});

export const acceptDraft = defineOperation({
  ...changing,
  name: 'drafts.accept',
  method: 'POST',
  path: '/v1/conversations/{id}/drafts/{draft_id}/accept',
  summary: 'Post a draft as a message of its author',
  params: ofDraft,
  body: z.strictObject({ by: colleagueField, ...keyed }),
  responses: {
    201: {
      description: 'It is a message now.',
      schema: z
        .strictObject({
          id: idField('dra'),
          message_id: idField('msg'),
          conversation_id: idField('conv'),
          seq: z.int().min(1).describe("The message's place on the conversation's stream."),
        })
        .meta({ id: 'AcceptedDraft' }),
    },
  },
  problems: [
    'unknown_reference',
    'draft_settled',
    'conversation_merged',
    'conversation_locked',
    'changed_meanwhile',
    'person_erased',
  ],
  example: { params: exampleParams, body: { by: exampleUser } },
});

export const refuseDraft = defineOperation({
  ...changing,
  name: 'drafts.refuse',
  method: 'POST',
  path: '/v1/conversations/{id}/drafts/{draft_id}/refuse',
  summary: 'Decide against a draft',
  params: ofDraft,
  body: z.strictObject({ by: colleagueField, reason: textField(1, 1000).optional(), ...keyed }),
  responses: { 200: { description: 'The draft is refused.', schema: changedDraft } },
  problems: ['unknown_reference', 'draft_settled', 'changed_meanwhile', 'person_erased'],
  example: {
    params: exampleParams,
    body: { by: exampleUser, reason: 'The customer weaves on a frame without a reed.' },
  },
});
