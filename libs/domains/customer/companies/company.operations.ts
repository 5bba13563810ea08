import { z } from 'zod';
import { FIELD_QUERY_PROBLEMS, fieldQuery } from '../../../platform/fields/field-query.js';
import { fieldsShown } from '../../../platform/fields/field-schemas.js';
import {
  archivedQuery,
  cursorField,
  externalIdField,
  idField,
  keyed,
  limitField,
  pageOf,
  textField,
  timeField,
} from '../../../platform/operations/fields.js';
import { defineOperation } from '../../../platform/operations/operation.js';
import { upsertOf } from '../../../platform/operations/upsert.js';

const byId = z.strictObject({ id: idField('com') });
const nameField = textField(1, 200);
const domainField = z
  .string()
  .max(253)
  .regex(
    /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$/,
    'is not a domain in lower case such as example.org',
  );
const domainsField = z.array(domainField).max(50).describe('Internet domains that are its own.');

const companyResource = z
  .strictObject({
    id: idField('com'),
    external_id: z.string(),
    name: z.string(),
    domains: z.array(z.string()),
    archived: z.boolean().describe('Its customers stay, and no more join.'),
    fields: fieldsShown,
    created_at: timeField,
    updated_at: timeField,
  })
  .meta({ id: 'Company' });

export const upsertCompany = defineOperation({
  ...upsertOf('com', 'UpsertedCompany'),
  name: 'companies.upsert',
  path: '/v1/companies',
  summary: 'Make a company known, or bring what is known of it up to date',
  scopes: ['customers:write'],
  body: z.strictObject({
    external_id: externalIdField.describe('Unique in the workspace.'),
    name: nameField,
    domains: domainsField.optional(),
    ...keyed,
  }),
  example: { body: { external_id: 'crm-7', name: 'Loom & Sons', domains: ['loom.example.org'] } },
});

export const updateCompany = defineOperation({
  name: 'companies.update',
  method: 'PATCH',
  path: '/v1/companies/{id}',
  summary: 'Rename a company, change its domains, archive it or bring it back',
  description: 'A JSON Merge Patch (RFC 7396); each field that changes is an event of its own.',
  scopes: ['customers:write'],
  changes: true,
  versioned: true,
  conditional: true,
  consumes: 'application/merge-patch+json',
  params: byId,
  body: z.strictObject({
    name: nameField.optional(),
    domains: domainsField.optional(),
    archived: z.boolean().optional(),
    ...keyed,
  }),
  responses: {
    200: {
      description: 'The company is as the patch says.',
      schema: z.strictObject({ id: idField('com') }).meta({ id: 'UpdatedCompany' }),
    },
  },
  example: { params: { id: 'com_0198f2c0a1b27c3d8e4f5a6b7c8d9e09' }, body: { archived: true } },
});

export const getCompany = defineOperation({
  name: 'companies.get',
  method: 'GET',
  path: '/v1/companies/{id}',
  summary: 'Read a company',
  scopes: ['customers:read'],
  changes: false,
  versioned: true,
  params: byId,
  responses: { 200: { description: 'The company.', schema: companyResource } },
  example: { params: { id: 'com_0198f2c0a1b27c3d8e4f5a6b7c8d9e0a' } },
});

export const listCompanies = defineOperation({
  name: 'companies.list',
  method: 'GET',
  path: '/v1/companies',
  summary: 'List companies, the last made here first',
  scopes: ['customers:read'],
  changes: false,
  query: z.strictObject({
    external_id: externalIdField.optional(),
    field: fieldQuery,
    domain: domainField.optional().describe('One of its domains.'),
    ...archivedQuery,
    limit: limitField,
    cursor: cursorField.optional(),
  }),
  responses: { 200: { description: 'A page of companies.', schema: pageOf(companyResource) } },
  problems: [...FIELD_QUERY_PROBLEMS],
  example: { query: { limit: '20' } },
});
