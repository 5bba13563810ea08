import { z } from 'zod';
import { FIELD_PROBLEMS, fieldsBody, heldValues } from '../../../platform/fields/field-schemas.js';
import { idField } from '../../../platform/operations/fields.js';
import { defineOperation } from '../../../platform/operations/operation.js';
import { changedConversation } from '../conversation.resources.js';

const path = '/v1/conversations/{id}/fields';
const params = z.strictObject({ id: idField('conv') });
const responses = { 200: { description: 'The fields are as the request says.', schema: changedConversation } };
const exampleParams = { id: 'conv_0198f2c0a1b27c3d8e4f5a6b7c8d9e02' };
const changing = {
  path,
  params,
  responses,
  scopes: ['conversations:write'],
  changes: true,
  versioned: true,
  conditional: true,
  body: fieldsBody,
  problems: FIELD_PROBLEMS,
} as const;

export const updateConversationFields = defineOperation({
  ...changing,
  name: 'conversations.update_fields',
  method: 'PATCH',
  summary: 'Change some custom fields of a conversation',
  description:
    'A JSON Merge Patch (RFC 7396) by key: null takes a value away, and a value takes the place of the whole one before. Each that changes is an event.',
  consumes: 'application/merge-patch+json',
  example: {
    params: exampleParams,
    body: { fields: { yarn: 'wool', deposit: { amount: '12.50', currency: 'EUR' }, due: null } },
  },
});

export const replaceConversationFields = defineOperation({
  ...changing,
  name: 'conversations.replace_fields',
  method: 'PUT',
  summary: 'Give a conversation these values in its custom fields, and no others',
  description: 'Each that changes is an event, and so is each that the request does not name and that had a value.',
  example: { params: exampleParams, body: { fields: { yarn: 'linen' } } },
});

export const getConversationFields = defineOperation({
  name: 'conversations.fields',
  method: 'GET',
  path,
  summary: 'Read the custom fields of a conversation, each with the version of the field under which it was set',
  scopes: ['conversations:read'],
  changes: false,
  versioned: true,
  params,
  responses: { 200: { description: 'The values, by key.', schema: heldValues } },
  example: { params: exampleParams },
});
