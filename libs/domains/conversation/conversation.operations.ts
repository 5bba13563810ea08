import { z } from 'zod';
import { pinQuery } from '../../platform/event-schemas/pin-query.js';
import { recordedEventResource } from '../../platform/feed/recorded-event.resource.js';
import { fieldQuery } from '../../platform/fields/field-query.js';
import { FIELD_PROBLEMS, fieldsField } from '../../platform/fields/field-schemas.js';
import {
  externalIdField,
  idField,
  instantField,
  keyed,
  pageOf,
  pageQuery,
  slugField,
  textField,
} from '../../platform/operations/fields.js';
import { defineOperation } from '../../platform/operations/operation.js';
import { pastQuery } from '../../platform/past/past-query.js';
import {
  assigneeField,
  changedConversation,
  conversationResource,
  conversationWithMessages,
  priorityField,
  statusField,
} from './conversation.resources.js';
import { LIST_SORTS } from './search/conversation-order.js';
import { FIELD_CONDITION_PROBLEMS } from './search/filter.schema.js';
import { orderField, waitForField } from './search/search.operations.js';

const byId = z.strictObject({ id: idField('conv') });
const changing = { scopes: ['conversations:write'], changes: true, versioned: true } as const;
const reading = { scopes: ['conversations:read'], changes: false } as const;
const exampleParams = { id: 'conv_0198f2c0a1b27c3d8e4f5a6b7c8d9e02' };
const exampleLabel = 'lbl_0198f2c0a1b27c3d8e4f5a6b7c8d9e06';
const DETAIL_PROBLEMS = ['unknown_reference', 'archived', 'status_detail_mismatch'] as const;
const exampleUser = { type: 'user', id: 'usr_0198f2c0a1b27c3d8e4f5a6b7c8d9e03' };
const detailField = idField('sdt').describe("The workspace's own detail under the status.");
const change = (description: string) => ({ 200: { description, schema: changedConversation } });

export const createConversation = defineOperation({
  ...changing,
  name: 'conversations.create',
  method: 'POST',
  path: '/v1/conversations',
  summary: 'Open a conversation with a customer',
  body: z.strictObject({
    customer_id: idField('cus'),
    channel: slugField,
    title: textField(1, 500).optional(),
    external_id: externalIdField.optional().describe('Unique in the workspace.'),
    fields: fieldsField
      .optional()
      .describe('First values of custom fields; one that is left out gets its default, and null none.'),
    ...keyed,
  }),
  responses: { 201: { description: 'The conversation is open.', schema: changedConversation } },
  problems: ['external_id_taken', ...FIELD_PROBLEMS],
  example: {
    body: {
      customer_id: 'cus_0198f2c0a1b27c3d8e4f5a6b7c8d9e04',
      channel: 'chat',
      title: 'Which reed for a scarf?',
      external_id: 'chat-2041',
    },
  },
});

export const getConversation = defineOperation({
  ...reading,
  name: 'conversations.get',
  method: 'GET',
  path: '/v1/conversations/{id}',
  summary: 'Read a conversation, as it is or as it was',
  versioned: true,
  params: byId,
  query: z.strictObject({
    messages: z.coerce.number().int().min(0).max(1000).default(0).describe('How many of its last messages to add.'),
    ...pastQuery,
  }),
  responses: { 200: { description: 'The conversation.', schema: conversationWithMessages } },
  problems: ['ambiguous_past'],
  example: { params: exampleParams, query: { messages: '10' } },
});

export const listConversations = defineOperation({
  ...reading,
  name: 'conversations.list',
  method: 'GET',
  path: '/v1/conversations',
  summary: 'List conversations, the last made here first',
  description:
    'All filters hold. `POST /v1/conversations/search` has more of them, negated and combined, and full text. The order by `last_message_at` follows the log, a moment later: send the `Heddle-Position` of a write as `wait_for`.',
  query: z.strictObject({
    status: statusField.optional(),
    status_detail: idField('sdt').optional(),
    assignee: z
      .union([idField('usr'), idField('aia'), z.literal('none')])
      .optional()
      .describe('A user, an AI agent, or `none`.'),
    team: z
      .union([idField('team'), z.literal('none')])
      .optional()
      .describe('A team, or `none`.'),
    label: idField('lbl').optional(),
    priority: priorityField.optional(),
    customer: idField('cus').optional(),
    company: idField('com').optional().describe('One that the customer belongs to.'),
    tenant: idField('ten').optional().describe('One that the customer belongs to.'),
    channel: slugField.optional(),
    external_id: externalIdField.optional(),
    field: fieldQuery,
    created_after: instantField.optional(),
    created_before: instantField.optional(),
    updated_after: instantField.optional(),
    updated_before: instantField.optional(),
    sort: z.enum(LIST_SORTS).default('id'),
    order: orderField,
    wait_for: waitForField,
    ...pageQuery,
  }),
  responses: { 200: { description: 'A page of conversations.', schema: pageOf(conversationResource) } },
  example: { query: { status: 'open', assignee: 'none', limit: '20' } },
  problems: ['cursor_diverged', ...FIELD_CONDITION_PROBLEMS],
});

export const assignConversation = defineOperation({
  ...changing,
  name: 'conversations.assign',
  method: 'POST',
  path: '/v1/conversations/{id}/assign',
  summary: 'Make somebody responsible for a conversation, or nobody',
  conditional: true,
  params: byId,
  body: z.strictObject({ assignee: assigneeField.nullable(), ...keyed }),
  responses: change('The conversation has the assignee.'),
  problems: ['unknown_reference', 'already_assigned', 'person_erased'],
  example: { params: exampleParams, body: { assignee: exampleUser } },
});

export const closeConversation = defineOperation({
  ...changing,
  name: 'conversations.close',
  method: 'POST',
  path: '/v1/conversations/{id}/close',
  summary: 'Close a conversation',
  conditional: true,
  params: byId,
  body: z.strictObject({ status_detail_id: detailField.optional(), ...keyed }),
  responses: change('The conversation is closed.'),
  problems: ['conversation_closed', 'field_required', ...DETAIL_PROBLEMS, 'person_erased'],
  example: { params: exampleParams, body: {} },
});

export const reopenConversation = defineOperation({
  ...changing,
  name: 'conversations.reopen',
  method: 'POST',
  path: '/v1/conversations/{id}/reopen',
  summary: 'Open a closed or snoozed conversation again',
  conditional: true,
  params: byId,
  body: z.strictObject({ status_detail_id: detailField.optional(), ...keyed }),
  responses: change('The conversation is open again.'),
  problems: ['conversation_not_closed', 'conversation_merged', ...DETAIL_PROBLEMS, 'person_erased'],
  example: { params: exampleParams, body: {} },
});

export const snoozeConversation = defineOperation({
  ...changing,
  name: 'conversations.snooze',
  method: 'POST',
  path: '/v1/conversations/{id}/snooze',
  summary: 'Put a conversation off, until a time or until the customer answers',
  description: 'It opens by itself at that time, and in any case when the customer answers.',
  conditional: true,
  params: byId,
  body: z.strictObject({
    until: instantField.nullable().optional().describe('Left out: until the customer answers.'),
    status_detail_id: detailField.optional(),
    ...keyed,
  }),
  responses: change('The conversation is snoozed.'),
  problems: ['already_snoozed', 'conversation_merged', ...DETAIL_PROBLEMS, 'person_erased'],
  example: { params: exampleParams, body: { until: '2030-01-02T09:00:00.000Z' } },
});

export const updateConversation = defineOperation({
  ...changing,
  name: 'conversations.update',
  method: 'PATCH',
  path: '/v1/conversations/{id}',
  summary: 'Change some fields of a conversation',
  description:
    'A JSON Merge Patch (RFC 7396): what it leaves out stays. Each field that changes is an event of its own; one that is as it should be already is none.',
  conditional: true,
  consumes: 'application/merge-patch+json',
  params: byId,
  body: z.strictObject({
    title: textField(1, 500).nullable().optional(),
    status: statusField.optional(),
    status_detail_id: detailField.nullable().optional(),
    snoozed_until: instantField
      .nullable()
      .optional()
      .describe('A time snoozes it until then, where the status says nothing else; null: until the customer answers.'),
    priority: priorityField.optional(),
    assignee: assigneeField.nullable().optional(),
    team_id: idField('team').nullable().optional(),
    label_ids: z.array(idField('lbl')).max(100).optional().describe('The labels that it has from then on.'),
    locked: z.boolean().optional(),
    ...keyed,
  }),
  responses: change('The conversation is as the patch says.'),
  problems: [...DETAIL_PROBLEMS, 'conversation_not_snoozed', 'conversation_merged', 'field_required', 'person_erased'],
  example: { params: exampleParams, body: { priority: 'high', title: 'A scarf of 2 m', assignee: null } },
});

export const assignTeam = defineOperation({
  ...changing,
  name: 'conversations.assign_team',
  method: 'POST',
  path: '/v1/conversations/{id}/assign_team',
  summary: 'Make a team responsible for a conversation, or none',
  conditional: true,
  params: byId,
  body: z.strictObject({ team_id: idField('team').nullable(), ...keyed }),
  responses: change('The conversation has the team.'),
  problems: ['unknown_reference', 'already_assigned', 'person_erased'],
  example: { params: exampleParams, body: { team_id: 'team_0198f2c0a1b27c3d8e4f5a6b7c8d9e05' } },
});

export const labelConversation = defineOperation({
  ...changing,
  name: 'conversations.label',
  method: 'POST',
  path: '/v1/conversations/{id}/label',
  summary: 'Put a label on a conversation',
  conditional: true,
  params: byId,
  body: z.strictObject({ label_id: idField('lbl'), ...keyed }),
  responses: change('The conversation has the label.'),
  problems: ['unknown_reference', 'already_labeled', 'archived', 'person_erased'],
  example: { params: exampleParams, body: { label_id: exampleLabel } },
});

export const unlabelConversation = defineOperation({
  ...changing,
  name: 'conversations.unlabel',
  method: 'POST',
  path: '/v1/conversations/{id}/unlabel',
  summary: 'Take a label off a conversation',
  conditional: true,
  params: byId,
  body: z.strictObject({ label_id: idField('lbl'), ...keyed }),
  responses: change('The conversation does not have the label any more.'),
  problems: ['not_labeled', 'person_erased'],
  example: { params: exampleParams, body: { label_id: exampleLabel } },
});

export const lockConversation = defineOperation({
  ...changing,
  name: 'conversations.lock',
  method: 'POST',
  path: '/v1/conversations/{id}/lock',
  summary: 'Let a conversation take no more messages',
  conditional: true,
  params: byId,
  body: z.strictObject(keyed),
  responses: change('The conversation is locked.'),
  problems: ['conversation_locked', 'person_erased'],
  example: { params: exampleParams, body: {} },
});

export const unlockConversation = defineOperation({
  ...changing,
  name: 'conversations.unlock',
  method: 'POST',
  path: '/v1/conversations/{id}/unlock',
  summary: 'Let a conversation take messages again',
  conditional: true,
  params: byId,
  body: z.strictObject(keyed),
  responses: change('The conversation takes messages again.'),
  problems: ['conversation_not_locked', 'person_erased'],
  example: { params: exampleParams, body: {} },
});

export const listConversationEvents = defineOperation({
  ...reading,
  name: 'conversations.events',
  method: 'GET',
  path: '/v1/conversations/{id}/events',
  summary: 'List everything that happened to a conversation, in order',
  description:
    'By `seq`, without gaps from 1. The cursor is the public one: a place in the log. As server-sent events it goes on: from there, or from the beginning, to what happens now.',
  live: 'Each event as `id` (the cursor after it), `event` (its type) and `data` (a RecordedEvent); `typing`, `presence` and `closed` have no `id`. `limit` has no meaning.',
  scopes: ['conversations:read', 'events:read'],
  params: byId,
  query: z.strictObject({
    type: z
      .string()
      .regex(/^[a-z_]+\.[a-z_]+$/)
      .max(64)
      .optional()
      .describe('An event type, or a group such as `conversation.updated`.'),
    ...pinQuery,
    ...pageQuery,
  }),
  responses: { 200: { description: 'A page of events.', schema: pageOf(recordedEventResource) } },
  problems: ['cursor_diverged', 'invalid_value'],
  example: { params: exampleParams, query: { type: 'message.created', limit: '20' } },
});
