import { z } from 'zod';
import { idField, keyed, pageOf, pageQuery } from '../../../platform/operations/fields.js';
import { defineOperation } from '../../../platform/operations/operation.js';
import { changedCustomer, customerResource } from '../customer.resources.js';

const exampleParams = { id: 'cus_0198f2c0a1b27c3d8e4f5a6b7c8d9e04' };
const company_id = 'com_0198f2c0a1b27c3d8e4f5a6b7c8d9e09';
const tenant_id = 'ten_0198f2c0a1b27c3d8e4f5a6b7c8d9e0a';
const JOINING = [
  'unknown_reference',
  'archived',
  'already_member',
  'too_many',
  'customer_merged',
  'person_erased',
] as const;
const LEAVING = ['not_a_member', 'person_erased'] as const;

const changing = {
  method: 'POST',
  scopes: ['customers:write'],
  changes: true,
  versioned: true,
  conditional: true,
  params: z.strictObject({ id: idField('cus') }),
  responses: { 200: { description: 'The customer belongs where asked for.', schema: changedCustomer } },
} as const;
const ofCompany = {
  ...changing,
  body: z.strictObject({ company_id: idField('com'), ...keyed }),
  example: { params: exampleParams, body: { company_id } },
} as const;
const ofTenant = {
  ...changing,
  body: z.strictObject({ tenant_id: idField('ten'), ...keyed }),
  example: { params: exampleParams, body: { tenant_id } },
} as const;

export const joinCompany = defineOperation({
  ...ofCompany,
  name: 'customers.join_company',
  path: '/v1/customers/{id}/join_company',
  summary: 'Let a customer belong to a company',
  problems: JOINING,
});

export const leaveCompany = defineOperation({
  ...ofCompany,
  name: 'customers.leave_company',
  path: '/v1/customers/{id}/leave_company',
  summary: 'Let a customer belong to a company no more',
  problems: LEAVING,
});

export const joinTenant = defineOperation({
  ...ofTenant,
  name: 'customers.join_tenant',
  path: '/v1/customers/{id}/join_tenant',
  summary: 'Let a customer belong to a tenant',
  problems: JOINING,
});

export const leaveTenant = defineOperation({
  ...ofTenant,
  name: 'customers.leave_tenant',
  path: '/v1/customers/{id}/leave_tenant',
  summary: 'Let a customer belong to a tenant no more',
  problems: LEAVING,
});

const listing = {
  method: 'GET',
  scopes: ['customers:read'],
  changes: false,
  query: z.strictObject(pageQuery),
  description: 'One that was merged is listed where it belongs, and `merged_into_id` says whom it is read as.',
  responses: { 200: { description: 'A page of customers.', schema: pageOf(customerResource) } },
} as const;

export const listCustomersOfCompany = defineOperation({
  ...listing,
  name: 'companies.customers',
  path: '/v1/companies/{id}/customers',
  summary: 'List the customers who belong to a company, the last made here first',
  params: z.strictObject({ id: idField('com') }),
  example: { params: { id: 'com_0198f2c0a1b27c3d8e4f5a6b7c8d9e0a' } },
});

export const listCustomersOfTenant = defineOperation({
  ...listing,
  name: 'tenants.customers',
  path: '/v1/tenants/{id}/customers',
  summary: 'List the customers who belong to a tenant, the last made here first',
  params: z.strictObject({ id: idField('ten') }),
  example: { params: { id: 'ten_0198f2c0a1b27c3d8e4f5a6b7c8d9e0b' } },
});
