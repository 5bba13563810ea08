import { z } from 'zod';
import {
  externalIdField,
  externalIdPageQuery,
  idField,
  keyed,
  pageOf,
  textField,
  timeField,
} from '../../platform/operations/fields.js';
import { defineOperation } from '../../platform/operations/operation.js';
import { upsertOf } from '../../platform/operations/upsert.js';

const userResource = z
  .strictObject({
    id: idField('usr'),
    external_id: z.string(),
    name: z.string(),
    email: z.string().nullable(),
    created_at: timeField,
    updated_at: timeField,
  })
  .meta({ id: 'User' });

export const upsertUser = defineOperation({
  ...upsertOf('usr', 'UpsertedUser'),
  name: 'users.upsert',
  path: '/v1/users',
  summary: 'Make a user known, or bring what is known up to date',
  scopes: ['users:write'],
  body: z.strictObject({
    external_id: externalIdField.describe('Unique in the workspace.'),
    name: textField(1, 200),
    email: textField(3, 254)
      .regex(/^[^@]+@[^@]+$/, 'is not an e-mail address')
      .nullable()
      .optional(),
    ...keyed,
  }),
  example: { body: { external_id: 'staff-7', name: 'Bo Weaver', email: 'bo@example.org' } },
});

export const getUser = defineOperation({
  name: 'users.get',
  method: 'GET',
  path: '/v1/users/{id}',
  summary: 'Read a user',
  scopes: ['users:read'],
  changes: false,
  versioned: true,
  params: z.strictObject({ id: idField('usr') }),
  responses: { 200: { description: 'The user.', schema: userResource } },
  example: { params: { id: 'usr_0198f2c0a1b27c3d8e4f5a6b7c8d9e03' } },
});

export const listUsers = defineOperation({
  name: 'users.list',
  method: 'GET',
  path: '/v1/users',
  summary: 'List users, the last made here first',
  scopes: ['users:read'],
  changes: false,
  query: externalIdPageQuery,
  responses: { 200: { description: 'A page of users.', schema: pageOf(userResource) } },
  example: { query: { external_id: 'staff-7' } },
});
