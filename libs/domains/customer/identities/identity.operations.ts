import { z } from 'zod';
import { idField, keyed } from '../../../platform/operations/fields.js';
import { defineOperation } from '../../../platform/operations/operation.js';
import { changedCustomer, givenIdentity } from '../customer.resources.js';

const exampleParams = { id: 'cus_0198f2c0a1b27c3d8e4f5a6b7c8d9e04' };
const exampleBody = { identity_id: 'idn_0198f2c0a1b27c3d8e4f5a6b7c8d9e08' };

const changing = {
  method: 'POST',
  scopes: ['customers:write'],
  changes: true,
  versioned: true,
  conditional: true,
  params: z.strictObject({ id: idField('cus') }),
} as const;

const changingOne = {
  ...changing,
  body: z.strictObject({ identity_id: idField('idn'), ...keyed }),
  responses: { 200: { description: 'The identity is as asked for.', schema: changedCustomer } },
  example: { params: exampleParams, body: exampleBody },
} as const;

export const addIdentity = defineOperation({
  ...changing,
  name: 'customers.add_identity',
  path: '/v1/customers/{id}/add_identity',
  summary: 'Give a customer an e-mail address, a phone number or a handle',
  description: 'It is one customer’s of the workspace at a time, however it is written.',
  body: z.strictObject({ identity: givenIdentity, ...keyed }),
  responses: {
    201: {
      description: 'The customer has the identity.',
      schema: z.strictObject({ id: idField('idn'), customer_id: idField('cus') }).meta({ id: 'AddedIdentity' }),
    },
  },
  problems: ['identity_taken', 'already_identified', 'too_many', 'customer_merged', 'invalid_value', 'person_erased'],
  example: { params: exampleParams, body: { identity: { kind: 'email', value: 'countess@example.org' } } },
});

export const verifyIdentity = defineOperation({
  ...changingOne,
  name: 'customers.verify_identity',
  path: '/v1/customers/{id}/verify_identity',
  summary: "Say that an identity is known to be the customer's",
  problems: ['unknown_reference', 'identity_unchanged', 'person_erased'],
});

export const unverifyIdentity = defineOperation({
  ...changingOne,
  name: 'customers.unverify_identity',
  path: '/v1/customers/{id}/unverify_identity',
  summary: "Say that an identity is not known to be the customer's any more",
  problems: ['unknown_reference', 'identity_unchanged', 'person_erased'],
});

export const preferIdentity = defineOperation({
  ...changingOne,
  name: 'customers.prefer_identity',
  path: '/v1/customers/{id}/prefer_identity',
  summary: 'Make an identity the first choice of its kind and channel',
  problems: ['unknown_reference', 'identity_unchanged', 'person_erased'],
});

export const removeIdentity = defineOperation({
  ...changingOne,
  name: 'customers.remove_identity',
  path: '/v1/customers/{id}/remove_identity',
  summary: 'Take an identity away from a customer',
  description: 'From then on it may be another’s. Where it was the primary one, the oldest of its kind and channel is.',
  problems: ['unknown_reference', 'person_erased'],
});
