import { z } from 'zod';
import {
  externalIdField,
  idField,
  keyed,
  pageOf,
  pageQuery,
  slugField,
  textField,
  timeField,
} from '../../../platform/operations/fields.js';
import { defineOperation } from '../../../platform/operations/operation.js';
import { changedConversation } from '../conversation.resources.js';

const byId = z.strictObject({ id: idField('conv') });
const exampleParams = { id: 'conv_0198f2c0a1b27c3d8e4f5a6b7c8d9e02' };
const exampleOther = 'conv_0198f2c0a1b27c3d8e4f5a6b7c8d9e0b';
const exampleReference = 'ref_0198f2c0a1b27c3d8e4f5a6b7c8d9e0c';
const changing = { scopes: ['conversations:write'], changes: true, params: byId } as const;
const reading = { scopes: ['conversations:read'], changes: false, method: 'GET', params: byId } as const;

/** What the other conversation is to this one, as a caller may say it. */
export const LINK_KINDS = ['related', 'parent', 'child', 'duplicate_of'] as const;
export type LinkKind = (typeof LINK_KINDS)[number];

const linkKind = z
  .enum(LINK_KINDS)
  .describe('What the other one is to this one: `related`, its `parent` or `child`, or what it is a `duplicate_of`.');
const link = { kind: linkKind, conversation_id: idField('conv').describe('The other one.') };

const linkResource = z
  .strictObject({
    kind: z
      .enum([...LINK_KINDS, 'duplicated_by', 'merged_into', 'merged_from', 'forked_from', 'forked_to'])
      .describe('What the other one is to this one.'),
    conversation_id: idField('conv').describe('The other one.'),
  })
  .meta({ id: 'ConversationLink' });

const changedLink = z.strictObject({ id: idField('conv'), ...link }).meta({ id: 'ChangedConversationLink' });

export const linkConversation = defineOperation({
  ...changing,
  name: 'conversation_links.add',
  method: 'POST',
  path: '/v1/conversations/{id}/links',
  summary: 'Link a conversation to another one',
  description:
    'The link is seen from both ends. A conversation has one parent at most, and is a duplicate of one other at most.',
  body: z.strictObject({ ...link, ...keyed }),
  responses: { 201: { description: 'The two are linked.', schema: changedLink } },
  problems: ['unknown_reference', 'already_linked', 'linked_to_itself', 'too_many', 'person_erased'],
  example: { params: exampleParams, body: { kind: 'related', conversation_id: exampleOther } },
});

export const unlinkConversation = defineOperation({
  ...changing,
  name: 'conversation_links.remove',
  method: 'DELETE',
  path: '/v1/conversations/{id}/links',
  summary: 'Take a link between two conversations away, from either end',
  query: z.strictObject(link),
  responses: { 200: { description: 'The two are not linked so any more.', schema: changedLink } },
  problems: ['not_linked', 'person_erased'],
  example: { params: exampleParams, query: { kind: 'related', conversation_id: exampleOther } },
});

export const listLinks = defineOperation({
  ...reading,
  name: 'conversation_links.list',
  path: '/v1/conversations/{id}/links',
  summary: 'List the conversations that one is linked to, merged with or forked from',
  query: z.strictObject(pageQuery),
  responses: { 200: { description: 'A page of links.', schema: pageOf(linkResource) } },
  example: { params: exampleParams, query: { limit: '20' } },
});

const referenceResource = z
  .strictObject({
    id: idField('ref'),
    type: slugField,
    external_id: z.string(),
    url: z.string().nullable(),
    title: z.string().nullable(),
    added_at: timeField,
  })
  .meta({ id: 'ConversationReference' });

export const addReference = defineOperation({
  ...changing,
  name: 'conversation_references.add',
  method: 'POST',
  path: '/v1/conversations/{id}/references',
  summary: 'Refer to something of another system: an issue in a tracker, a payment, an order',
  versioned: true,
  conditional: true,
  body: z.strictObject({
    type: slugField.describe('What it is, such as `issue`, `payment` or `order`.'),
    external_id: externalIdField.describe("The other system's id of it."),
    url: textField(1, 2000)
      .regex(/^https?:\/\/[^\s]+$/, 'is not an http(s) address')
      .optional(),
    title: textField(1, 500).optional(),
    ...keyed,
  }),
  responses: {
    201: {
      description: 'The conversation refers to it.',
      schema: z
        .strictObject({ id: idField('ref'), conversation_id: idField('conv'), seq: z.int().min(1) })
        .meta({ id: 'AddedConversationReference' }),
    },
  },
  problems: ['too_many', 'person_erased'],
  example: {
    params: exampleParams,
    body: {
      type: 'issue',
      external_id: 'LOOM-204',
      url: 'https://issues.example.org/LOOM-204',
      title: 'Reed is bent on delivery',
    },
  },
});

export const removeReference = defineOperation({
  name: 'conversation_references.remove',
  method: 'DELETE',
  path: '/v1/conversations/{id}/references/{reference_id}',
  summary: 'Let a conversation refer to a thing of another system no more',
  scopes: ['conversations:write'],
  changes: true,
  versioned: true,
  conditional: true,
  params: z.strictObject({ id: idField('conv'), reference_id: idField('ref') }),
  responses: { 200: { description: 'It is not referred to any more.', schema: changedConversation } },
  problems: ['person_erased'],
  example: { params: { ...exampleParams, reference_id: exampleReference } },
});

export const listReferences = defineOperation({
  ...reading,
  name: 'conversation_references.list',
  path: '/v1/conversations/{id}/references',
  summary: 'List what a conversation refers to in other systems',
  query: z.strictObject(pageQuery),
  responses: { 200: { description: 'A page of references.', schema: pageOf(referenceResource) } },
  example: { params: exampleParams, query: { limit: '20' } },
});

export const mergeConversation = defineOperation({
  ...changing,
  name: 'conversations.merge',
  method: 'POST',
  path: '/v1/conversations/{id}/merge',
  summary: 'Let a conversation go on in another one with the same customer',
  description:
    'It is closed, its history stays readable, and a message that is posted to it goes to the other one. Where that one was merged itself, it goes on where that one does.',
  versioned: true,
  conditional: true,
  body: z.strictObject({ into_id: idField('conv'), ...keyed }),
  responses: {
    200: {
      description: 'The conversation goes on in the other one.',
      schema: z
        .strictObject({ id: idField('conv'), seq: z.int().min(1), into_id: idField('conv') })
        .meta({ id: 'MergedConversation' }),
    },
  },
  problems: ['unknown_reference', 'conversation_merged', 'merge_into_itself', 'customer_mismatch', 'person_erased'],
  example: { params: exampleParams, body: { into_id: exampleOther } },
});

export const forkConversation = defineOperation({
  ...changing,
  name: 'conversations.fork',
  method: 'POST',
  path: '/v1/conversations/{id}/fork',
  summary: 'Make a new conversation of what one has from a message on',
  description:
    'With the same customer and channel. The new one has copies of the messages from there on, with ids of their own, and says which they are copies of; the other one stays as it is. Without a place only the new conversation and the link are made.',
  versioned: true,
  body: z.strictObject({
    at_seq: z
      .int()
      .min(1)
      .max(2_147_483_647)
      .optional()
      .describe('The `seq` of the first message to copy, or of an event before it.'),
    message_id: idField('msg').optional().describe('The first message to copy; goes before `at_seq`.'),
    title: textField(1, 500).optional(),
    ...keyed,
  }),
  responses: {
    201: {
      description: 'The new conversation.',
      schema: z
        .strictObject({
          id: idField('conv'),
          seq: z.int().min(1),
          from_id: idField('conv'),
          messages: z.int().min(0).describe('How many were copied.'),
        })
        .meta({ id: 'ForkedConversation' }),
    },
  },
  problems: ['unknown_reference', 'too_many_messages', 'person_erased'],
  example: {
    params: exampleParams,
    body: { message_id: 'msg_0198f2c0a1b27c3d8e4f5a6b7c8d9e0d', title: 'The other loom' },
  },
});
