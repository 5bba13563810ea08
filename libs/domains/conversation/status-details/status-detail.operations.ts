import { z } from 'zod';
import {
  archivedQuery,
  idField,
  keyed,
  pageOf,
  pageQuery,
  textField,
  timeField,
} from '../../../platform/operations/fields.js';
import { defineOperation } from '../../../platform/operations/operation.js';
import { upsertOf } from '../../../platform/operations/upsert.js';
import { STATUSES } from '../conversation.commands.js';

const byId = z.strictObject({ id: idField('sdt') });

const statusDetailResource = z
  .strictObject({
    id: idField('sdt'),
    status: z.enum(STATUSES),
    name: z.string(),
    archived: z.boolean().describe('It stays where it is, and is given to no more conversations.'),
    created_at: timeField,
    updated_at: timeField,
  })
  .meta({ id: 'StatusDetail' });

export const upsertStatusDetail = defineOperation({
  ...upsertOf('sdt', 'UpsertedStatusDetail'),
  description: 'Status and name, whatever its case, say which one.',
  name: 'status_details.upsert',
  path: '/v1/status_details',
  summary: "Make a detail of the workspace's own under a status",
  scopes: ['conversations:write'],
  body: z.strictObject({ status: z.enum(STATUSES), name: textField(1, 100), ...keyed }),
  example: { body: { status: 'snoozed', name: 'Waiting for the supplier' } },
});

export const updateStatusDetail = defineOperation({
  name: 'status_details.update',
  method: 'PATCH',
  path: '/v1/status_details/{id}',
  summary: 'Archive a detail of a status, or bring it back',
  description: 'A JSON Merge Patch (RFC 7396).',
  scopes: ['conversations:write'],
  changes: true,
  versioned: true,
  conditional: true,
  consumes: 'application/merge-patch+json',
  params: byId,
  body: z.strictObject({ archived: z.boolean(), ...keyed }),
  responses: {
    200: {
      description: 'The detail is as the patch says.',
      schema: z.strictObject({ id: idField('sdt') }).meta({ id: 'UpdatedStatusDetail' }),
    },
  },
  example: { params: { id: 'sdt_0198f2c0a1b27c3d8e4f5a6b7c8d9e07' }, body: { archived: true } },
});

export const getStatusDetail = defineOperation({
  name: 'status_details.get',
  method: 'GET',
  path: '/v1/status_details/{id}',
  summary: 'Read a detail of a status',
  scopes: ['conversations:read'],
  changes: false,
  versioned: true,
  params: byId,
  responses: { 200: { description: 'The detail.', schema: statusDetailResource } },
  example: { params: { id: 'sdt_0198f2c0a1b27c3d8e4f5a6b7c8d9e07' } },
});

export const listStatusDetails = defineOperation({
  name: 'status_details.list',
  method: 'GET',
  path: '/v1/status_details',
  summary: 'List the details of statuses, the last made here first',
  scopes: ['conversations:read'],
  changes: false,
  query: z.strictObject({ ...archivedQuery, ...pageQuery }),
  responses: { 200: { description: 'A page of details.', schema: pageOf(statusDetailResource) } },
  example: { query: { limit: '20' } },
});
