import { z } from 'zod';
import { FIELD_QUERY_PROBLEMS, fieldQuery } from '../../platform/fields/field-query.js';
import { externalIdField, externalIdPageQuery, idField, keyed, pageOf } from '../../platform/operations/fields.js';
import { defineOperation } from '../../platform/operations/operation.js';
import { upsertOf } from '../../platform/operations/upsert.js';
import { pastQuery } from '../../platform/past/past-query.js';
import {
  changedCustomer,
  customerInFull,
  customerResource,
  givenIdentity,
  identityName,
  languageField,
  nameField,
  timeZoneField,
} from './customer.resources.js';

const byId = z.strictObject({ id: idField('cus') });
const exampleParams = { id: 'cus_0198f2c0a1b27c3d8e4f5a6b7c8d9e04' };

export const upsertCustomer = defineOperation({
  ...upsertOf('cus', 'UpsertedCustomer'),
  description:
    'The external id says which one; where nobody has it yet, a placeholder with one of the identities gets it. What the body leaves out is left as it is.',
  name: 'customers.upsert',
  path: '/v1/customers',
  summary: 'Make a customer known, or bring what is known up to date',
  scopes: ['customers:write'],
  body: z.strictObject({
    external_id: externalIdField.describe('Unique in the workspace.'),
    name: nameField,
    language: languageField.nullable().optional(),
    time_zone: timeZoneField.nullable().optional(),
    identities: z.array(givenIdentity).max(20).optional().describe('Those that it has besides stay.'),
    ...keyed,
  }),
  problems: ['person_erased', 'identity_taken', 'too_many', 'customer_merged', 'invalid_value'],
  example: {
    body: {
      external_id: 'shop-1815',
      name: 'Ada Lovelace',
      language: 'en-GB',
      time_zone: 'Europe/London',
      identities: [{ kind: 'email', value: 'ada@example.org', verified: true }],
    },
  },
});

export const updateCustomer = defineOperation({
  name: 'customers.update',
  method: 'PATCH',
  path: '/v1/customers/{id}',
  summary: 'Change some of what is known of a customer',
  description: 'A JSON Merge Patch (RFC 7396); each field that changes is an event of its own.',
  scopes: ['customers:write'],
  changes: true,
  versioned: true,
  conditional: true,
  consumes: 'application/merge-patch+json',
  params: byId,
  body: z.strictObject({
    name: nameField.optional(),
    language: languageField.nullable().optional(),
    time_zone: timeZoneField.nullable().optional(),
    ...keyed,
  }),
  responses: { 200: { description: 'The customer is as the patch says.', schema: changedCustomer } },
  problems: ['person_erased', 'customer_merged', 'invalid_value'],
  example: { params: exampleParams, body: { language: 'pt-BR', time_zone: null } },
});

export const getCustomer = defineOperation({
  name: 'customers.get',
  method: 'GET',
  path: '/v1/customers/{id}',
  summary: 'Read a customer, with identities, companies and tenants, as they are or as they were',
  description:
    'The id of one that was merged answers whom it was merged into, and `asked_for_id` says so. A past is of the customer itself, without any merge.',
  scopes: ['customers:read'],
  changes: false,
  versioned: true,
  params: byId,
  query: z.strictObject({
    follow: z.enum(['true', 'false']).default('true').describe('`false`: the customer itself, without any merge.'),
    ...pastQuery,
  }),
  responses: { 200: { description: 'The customer.', schema: customerInFull } },
  problems: ['ambiguous_past'],
  example: { params: exampleParams },
});

export const lookUpCustomer = defineOperation({
  name: 'customers.look_up',
  method: 'POST',
  path: '/v1/customers/look_up',
  summary: 'Find the customer who has an identity',
  description:
    'Changes nothing. The identity stands in the body, for what stands in URLs is kept in logs and histories on its way. It stands for an id in the path, so an identity that nobody has is answered 404 `not_found`.',
  scopes: ['customers:read'],
  changes: false,
  versioned: true,
  body: z.strictObject({ identity: identityName }),
  responses: { 200: { description: 'The customer, or whom that one was merged into.', schema: customerInFull } },
  problems: ['not_found', 'invalid_value'],
  example: { body: { identity: { kind: 'email', value: 'Ada@example.org' } } },
});

export const listCustomers = defineOperation({
  name: 'customers.list',
  method: 'GET',
  path: '/v1/customers',
  summary: 'List customers, the last made here first',
  scopes: ['customers:read'],
  changes: false,
  query: externalIdPageQuery.extend({ field: fieldQuery }),
  responses: { 200: { description: 'A page of customers.', schema: pageOf(customerResource) } },
  problems: [...FIELD_QUERY_PROBLEMS],
  example: { query: { external_id: 'shop-1815' } },
});
