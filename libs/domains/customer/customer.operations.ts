import { z } from 'zod';
import { fieldsShown } from '../../platform/fields/field-schemas.js';
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

const customerResource = z
  .strictObject({
    id: idField('cus'),
    external_id: z.string(),
    name: z.string(),
    fields: fieldsShown,
    created_at: timeField,
    updated_at: timeField,
  })
  .meta({ id: 'Customer' });

export const upsertCustomer = defineOperation({
  ...upsertOf('cus', 'UpsertedCustomer'),
  name: 'customers.upsert',
  path: '/v1/customers',
  summary: 'Make a customer known, or bring what is known up to date',
  scopes: ['customers:write'],
  body: z.strictObject({
    external_id: externalIdField.describe('Unique in the workspace.'),
    name: textField(1, 200),
    ...keyed,
  }),
  example: { body: { external_id: 'shop-1815', name: 'Ada Lovelace' } },
});

export const getCustomer = defineOperation({
  name: 'customers.get',
  method: 'GET',
  path: '/v1/customers/{id}',
  summary: 'Read a customer',
  scopes: ['customers:read'],
  changes: false,
  versioned: true,
  params: z.strictObject({ id: idField('cus') }),
  responses: { 200: { description: 'The customer.', schema: customerResource } },
});

export const listCustomers = defineOperation({
  name: 'customers.list',
  method: 'GET',
  path: '/v1/customers',
  summary: 'List customers, the last made here first',
  scopes: ['customers:read'],
  changes: false,
  query: externalIdPageQuery,
  responses: { 200: { description: 'A page of customers.', schema: pageOf(customerResource) } },
});
