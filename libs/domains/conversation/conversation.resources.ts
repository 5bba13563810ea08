import { z } from 'zod';
import { fieldsShown } from '../../platform/fields/field-schemas.js';
import { idField, slugField, timeField } from '../../platform/operations/fields.js';
import { PRIORITIES, STATUSES } from './conversation.commands.js';
import { messageResource } from './messages/message.resources.js';

export const assigneeField = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('user'), id: idField('usr') }),
    z.strictObject({ type: z.literal('ai_agent'), id: idField('aia') }),
  ])
  .meta({ id: 'Assignee', description: 'Who is responsible for a conversation.' });

export const statusField = z.enum(STATUSES);
export const priorityField = z.enum(PRIORITIES);

export const conversationFields = {
  id: idField('conv'),
  customer_id: idField('cus'),
  channel: slugField,
  title: z.string().nullable(),
  external_id: z.string().nullable(),
  status: statusField,
  status_detail_id: idField('sdt').nullable().describe("The workspace's own detail under the status."),
  snoozed_until: timeField.nullable().describe('Null where it is not snoozed, or only until the customer answers.'),
  priority: priorityField,
  assignee: assigneeField.nullable(),
  team_id: idField('team').nullable(),
  label_ids: z.array(idField('lbl')),
  locked: z.boolean().describe('It takes no messages.'),
  fields: fieldsShown,
  created_at: timeField,
  updated_at: timeField.describe('When its status, assignee or another field changed last; messages do not count.'),
  closed_at: timeField.nullable(),
  seq: z.int().min(1).describe("The version of the conversation's stream; also its ETag."),
};

export const conversationResource = z.strictObject(conversationFields).meta({ id: 'Conversation' });

export const conversationWithMessages = z
  .strictObject({
    ...conversationFields,
    messages: z.array(messageResource).optional().describe('The last messages, oldest first, where asked for.'),
  })
  .meta({ id: 'ConversationWithMessages' });

/** What a change of a conversation answers. */
export const changedConversation = z
  .strictObject({ id: idField('conv'), seq: z.int().min(1), status: statusField })
  .meta({ id: 'ChangedConversation' });
