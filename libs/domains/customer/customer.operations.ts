import { z } from 'zod';
import {
  externalIdField,
  idField,
  keyed,
  pageOf,
  pageQuery,
  textField,
  timeField,
} from '../../platform/operations/fields.js';
import { defineOperation } from '../../platform/operations/operation.js';

const customerResource = z
  .strictObject({
    id: idField('cus'),
    external_id: z.string(),
    name: z.string(),
    created_at: timeField,
    updated_at: timeField,
  })
  .meta({ id: 'Customer' });

const upserted = z.strictObject({ id: idField('cus') }).meta({ id: 'UpsertedCustomer' });

export const upsertCustomer = defineOperation({
  name: 'customers.upsert',
  method: 'POST',
  path: '/v1/customers',
  summary: 'Make a customer known, or bring what is known up to date',
  description: 'The external id says which one. What the body leaves out is left as it is.',
  scopes: ['customers:write'],
  changes: true,
  body: z.strictObject({
    external_id: externalIdField.describe('Unique in the workspace.'),
    name: textField(1, 200),
    ...keyed,
  }),
  responses: {
    200: { description: 'It was known before.', schema: upserted },
    201: { description: 'It is known now.', schema: upserted },
  },
  problems: ['person_erased'],
});

export const getCustomer = defineOperation({
  name: 'customers.get',
  method: 'GET',
  path: '/v1/customers/{id}',
  summary: 'Read a customer',
  scopes: ['customers:read'],
  changes: false,
  params: z.strictObject({ id: idField('cus') }),
  responses: { 200: { description: 'The customer.', schema: customerResource } },
});

export const listCustomers = defineOperation({
  name: 'customers.list',
  method: 'GET',
  path: '/v1/customers',
  summary: 'List customers, the newest first',
  scopes: ['customers:read'],
  changes: false,
  query: z.strictObject({ external_id: externalIdField.optional(), ...pageQuery }),
  responses: { 200: { description: 'A page of customers.', schema: pageOf(customerResource) } },
});
