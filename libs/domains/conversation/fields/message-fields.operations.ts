import { z } from 'zod';
import { FIELD_PROBLEMS, fieldsBody, heldValues } from '../../../platform/fields/field-schemas.js';
import { idField } from '../../../platform/operations/fields.js';
import { defineOperation } from '../../../platform/operations/operation.js';
import { changedConversation } from '../conversation.resources.js';

const path = '/v1/conversations/{id}/messages/{message_id}/fields';
const params = z.strictObject({ id: idField('conv'), message_id: idField('msg') });
const responses = {
  200: {
    description: 'The fields are as the request says; what is told is the conversation.',
    schema: changedConversation,
  },
};
const exampleParams = {
  id: 'conv_0198f2c0a1b27c3d8e4f5a6b7c8d9e02',
  message_id: 'msg_0198f2c0a1b27c3d8e4f5a6b7c8d9e05',
};
const changing = {
  path,
  params,
  responses,
  scopes: ['conversations:write'],
  changes: true,
  versioned: true,
  conditional: true,
  body: fieldsBody,
  problems: [...FIELD_PROBLEMS, 'message_redacted', 'changed_meanwhile'],
} as const;

export const updateMessageFields = defineOperation({
  ...changing,
  name: 'messages.update_fields',
  method: 'PATCH',
  summary: 'Change some custom fields of a message',
  description: "As for a conversation. The events are on the conversation's stream.",
  consumes: 'application/merge-patch+json',
  example: { params: exampleParams, body: { fields: { mood: 'cross' } } },
});

export const replaceMessageFields = defineOperation({
  ...changing,
  name: 'messages.replace_fields',
  method: 'PUT',
  summary: 'Give a message these values in its custom fields, and no others',
  example: { params: exampleParams, body: { fields: { mood: 'cross' } } },
});

export const getMessageFields = defineOperation({
  name: 'messages.fields',
  method: 'GET',
  path,
  summary: 'Read the custom fields of a message, each with the version of the field under which it was set',
  scopes: ['conversations:read'],
  changes: false,
  params,
  responses: { 200: { description: 'The values, by key.', schema: heldValues } },
  example: { params: exampleParams },
});
