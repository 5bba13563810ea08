import { z } from 'zod';
import { FIELD_PROBLEMS, fieldsBody, heldValues } from '../../../platform/fields/field-schemas.js';
import { idField } from '../../../platform/operations/fields.js';
import { defineOperation } from '../../../platform/operations/operation.js';
import { changedCustomer } from '../customer.resources.js';

const path = '/v1/customers/{id}/fields';
const params = z.strictObject({ id: idField('cus') });
const responses = {
  200: {
    description: 'The fields are as the request says.',
    schema: changedCustomer,
  },
};
const exampleParams = { id: 'cus_0198f2c0a1b27c3d8e4f5a6b7c8d9e04' };
const changing = {
  path,
  params,
  responses,
  scopes: ['customers:write'],
  changes: true,
  versioned: true,
  conditional: true,
  body: fieldsBody,
  problems: [...FIELD_PROBLEMS, 'customer_merged'],
} as const;

export const updateCustomerFields = defineOperation({
  ...changing,
  name: 'customers.update_fields',
  method: 'PATCH',
  summary: 'Change some custom fields of a customer',
  description:
    'A JSON Merge Patch (RFC 7396) by key: null takes a value away, and a value takes the place of the whole one before. Each that changes is an event. What is required and asked for has to have a value then.',
  consumes: 'application/merge-patch+json',
  example: { params: exampleParams, body: { fields: { loom: 'table', since: '2019-06-01' } } },
});

export const replaceCustomerFields = defineOperation({
  ...changing,
  name: 'customers.replace_fields',
  method: 'PUT',
  summary: 'Give a customer these values in their custom fields, and no others',
  example: { params: exampleParams, body: { fields: { loom: 'floor' } } },
});

export const getCustomerFields = defineOperation({
  name: 'customers.fields',
  method: 'GET',
  path,
  summary: 'Read the custom fields of a customer, each with the version of the field under which it was set',
  scopes: ['customers:read'],
  changes: false,
  versioned: true,
  params,
  responses: { 200: { description: 'The values, by key.', schema: heldValues } },
  example: { params: exampleParams },
});
