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
import { availabilityBody, availabilityQuery, availabilityShown } from './availability/availability.fields.js';

const nameField = textField(1, 200);
const emailField = textField(3, 254).regex(/^[^@]+@[^@]+$/, 'is not an e-mail address');

const userResource = z
  .strictObject({
    id: idField('usr'),
    external_id: z.string(),
    name: z.string(),
    email: z.string().nullable(),
    ...availabilityShown,
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
    name: nameField,
    email: emailField.nullable().optional(),
    ...availabilityBody,
    ...keyed,
  }),
  problems: ['person_erased'],
  example: { body: { external_id: 'staff-7', name: 'Bo Weaver', email: 'bo@example.org' } },
});

export const updateUser = defineOperation({
  name: 'users.update',
  method: 'PATCH',
  path: '/v1/users/{id}',
  summary: 'Change some of what is known of a user',
  description: 'A JSON Merge Patch (RFC 7396); each thing that changes is an event of its own.',
  scopes: ['users:write'],
  changes: true,
  versioned: true,
  conditional: true,
  consumes: 'application/merge-patch+json',
  params: z.strictObject({ id: idField('usr') }),
  body: z.strictObject({
    name: nameField.optional(),
    email: emailField.nullable().optional(),
    ...availabilityBody,
    ...keyed,
  }),
  responses: {
    200: {
      description: 'The user is as the patch says.',
      schema: z.strictObject({ id: idField('usr') }).meta({ id: 'UpdatedUser' }),
    },
  },
  problems: ['person_erased'],
  example: {
    params: { id: 'usr_0198f2c0a1b27c3d8e4f5a6b7c8d9e03' },
    body: { status: 'available', skills: ['german', 'billing'], capacity: 8 },
  },
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
  query: externalIdPageQuery.extend(availabilityQuery),
  responses: { 200: { description: 'A page of users.', schema: pageOf(userResource) } },
  example: { query: { external_id: 'staff-7' } },
});
