import { z } from 'zod';
import { FIELD_QUERY_PROBLEMS, fieldQuery } from '../../../platform/fields/field-query.js';
import { fieldsShown } from '../../../platform/fields/field-schemas.js';
import {
  archivedQuery,
  externalIdField,
  idField,
  keyed,
  pageOf,
  pageQuery,
  textField,
  timeField,
} from '../../../platform/operations/fields.js';
import { defineOperation } from '../../../platform/operations/operation.js';
import { upsertOf } from '../../../platform/operations/upsert.js';

const byId = z.strictObject({ id: idField('ten') });
const nameField = textField(1, 200);
const companyField = idField('com').nullable().describe('The company that it belongs to; null for none.');

const tenantResource = z
  .strictObject({
    id: idField('ten'),
    external_id: z.string(),
    name: z.string(),
    company_id: companyField,
    archived: z.boolean().describe('Its customers stay, and no more join.'),
    fields: fieldsShown,
    created_at: timeField,
    updated_at: timeField,
  })
  .meta({ id: 'Tenant' });

export const upsertTenant = defineOperation({
  ...upsertOf('ten', 'UpsertedTenant'),
  problems: ['unknown_reference'],
  name: 'tenants.upsert',
  path: '/v1/tenants',
  summary: 'Make a tenant known, or bring what is known of it up to date',
  scopes: ['customers:write'],
  body: z.strictObject({
    external_id: externalIdField.describe('Unique in the workspace.'),
    name: nameField,
    company_id: companyField.optional(),
    ...keyed,
  }),
  example: { body: { external_id: 'shop-eu', name: 'The shop in Europe', company_id: null } },
});

export const updateTenant = defineOperation({
  name: 'tenants.update',
  method: 'PATCH',
  path: '/v1/tenants/{id}',
  summary: 'Rename a tenant, move it to another company, archive it or bring it back',
  description: 'A JSON Merge Patch (RFC 7396); each field that changes is an event of its own.',
  scopes: ['customers:write'],
  changes: true,
  versioned: true,
  conditional: true,
  consumes: 'application/merge-patch+json',
  params: byId,
  body: z.strictObject({
    name: nameField.optional(),
    company_id: companyField.optional(),
    archived: z.boolean().optional(),
    ...keyed,
  }),
  responses: {
    200: {
      description: 'The tenant is as the patch says.',
      schema: z.strictObject({ id: idField('ten') }).meta({ id: 'UpdatedTenant' }),
    },
  },
  problems: ['unknown_reference'],
  example: { params: { id: 'ten_0198f2c0a1b27c3d8e4f5a6b7c8d9e0a' }, body: { company_id: null } },
});

export const getTenant = defineOperation({
  name: 'tenants.get',
  method: 'GET',
  path: '/v1/tenants/{id}',
  summary: 'Read a tenant',
  scopes: ['customers:read'],
  changes: false,
  versioned: true,
  params: byId,
  responses: { 200: { description: 'The tenant.', schema: tenantResource } },
  example: { params: { id: 'ten_0198f2c0a1b27c3d8e4f5a6b7c8d9e0b' } },
});

export const listTenants = defineOperation({
  name: 'tenants.list',
  method: 'GET',
  path: '/v1/tenants',
  summary: 'List tenants, the last made here first',
  scopes: ['customers:read'],
  changes: false,
  query: z.strictObject({
    external_id: externalIdField.optional(),
    field: fieldQuery,
    company: idField('com').optional().describe('The company that it belongs to.'),
    ...archivedQuery,
    ...pageQuery,
  }),
  responses: { 200: { description: 'A page of tenants.', schema: pageOf(tenantResource) } },
  problems: [...FIELD_QUERY_PROBLEMS],
  example: { query: { limit: '20' } },
});
