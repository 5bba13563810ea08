import { z } from 'zod';
import { idField, keyed, timeField } from '../../../platform/operations/fields.js';
import { defineOperation } from '../../../platform/operations/operation.js';

const exampleParams = { id: 'cus_0198f2c0a1b27c3d8e4f5a6b7c8d9e04' };

const changing = {
  method: 'POST',
  scopes: ['customers:write'],
  changes: true,
  versioned: true,
  conditional: true,
  params: z.strictObject({ id: idField('cus') }),
} as const;

export const mergeCustomer = defineOperation({
  ...changing,
  name: 'customers.merge',
  path: '/v1/customers/{id}/merge',
  summary: 'Read a customer as another one from now on',
  description:
    'Both ids then stand for the other one, with the conversations, identities, companies and tenants of both. The customer keeps what it has, and the merge can be undone for 72 hours, unless the workspace’s rules say otherwise.',
  body: z.strictObject({ into_id: idField('cus').describe('Or one that was merged into that one.'), ...keyed }),
  responses: {
    200: {
      description: 'The customer is read as the other one.',
      schema: z
        .strictObject({
          id: idField('cus'),
          into_id: idField('cus').describe('Whom it was merged into: where `into_id` leads to.'),
          undo_until: timeField,
        })
        .meta({ id: 'MergedCustomer' }),
    },
  },
  problems: ['unknown_reference', 'customer_merged', 'merge_into_itself', 'person_erased'],
  example: { params: exampleParams, body: { into_id: 'cus_0198f2c0a1b27c3d8e4f5a6b7c8d9e0b' } },
});

export const unmergeCustomer = defineOperation({
  ...changing,
  name: 'customers.unmerge',
  path: '/v1/customers/{id}/unmerge',
  summary: 'Undo the merge of a customer',
  description: 'What came to the other one meanwhile stays with that one.',
  body: z.strictObject(keyed),
  responses: {
    200: {
      description: 'The customer is one of their own again.',
      schema: z.strictObject({ id: idField('cus') }).meta({ id: 'UnmergedCustomer' }),
    },
  },
  problems: ['customer_not_merged', 'merge_final', 'person_erased'],
  example: { params: exampleParams, body: {} },
});
