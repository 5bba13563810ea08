import { z } from 'zod';
import { idField, keyed, slugField, textField, timeField } from '../../../platform/operations/fields.js';
import { defineOperation } from '../../../platform/operations/operation.js';
import { kindField } from '../customer.resources.js';

const ruleFields = {
  channel: slugField.nullable().describe('Null: every channel without a rule of its own.'),
  unknown: z.enum(['make', 'refuse']).describe('What becomes of somebody unknown: a placeholder, or a refusal.'),
  match_by: z
    .array(kindField)
    .max(3)
    .describe('The kinds that the value is looked up as, in this order; empty: as the one that it came as.'),
  name: textField(1, 200)
    .nullable()
    .describe('What a placeholder is called; null: as the channel calls them, or as their identity reads.'),
};
const givenRule = z
  .strictObject({
    channel: ruleFields.channel,
    unknown: ruleFields.unknown,
    match_by: ruleFields.match_by.optional(),
    name: ruleFields.name.optional(),
  })
  .meta({ id: 'GivenPlaceholderRule' });
const hoursField = z
  .int()
  .min(0)
  .max(8760)
  .describe('For how many hours a merge of customers can be undone; 0: not at all.');

export const setCustomerRules = defineOperation({
  name: 'customer_rules.set',
  method: 'PUT',
  path: '/v1/customer_rules',
  summary: 'Say what becomes of somebody unknown on each channel, and for how long a merge can be undone',
  description:
    'All of the rules: what the body leaves out is as it was before there were any. An event for each change.',
  scopes: ['customers:write'],
  changes: true,
  versioned: true,
  conditional: true,
  body: z.strictObject({
    placeholders: z.array(givenRule).max(100).optional(),
    merge_undo_hours: hoursField.optional().describe('72 unless given.'),
    ...keyed,
  }),
  responses: {
    200: {
      description: 'These are the rules.',
      schema: z.strictObject({ id: idField('crl') }).meta({ id: 'ChangedCustomerRules' }),
    },
  },
  problems: ['invalid_value'],
  example: {
    body: {
      placeholders: [
        { channel: 'email', unknown: 'make' },
        { channel: 'whatsapp', unknown: 'make', match_by: ['handle', 'phone'], name: 'Somebody on WhatsApp' },
        { channel: null, unknown: 'refuse' },
      ],
      merge_undo_hours: 24,
    },
  },
});

export const getCustomerRules = defineOperation({
  name: 'customer_rules.get',
  method: 'GET',
  path: '/v1/customer_rules',
  summary: "Read the workspace's rules for customers",
  scopes: ['customers:read'],
  changes: false,
  versioned: true,
  responses: {
    200: {
      description: 'The rules; the usual ones where none were set.',
      schema: z
        .strictObject({
          placeholders: z.array(z.strictObject(ruleFields).meta({ id: 'PlaceholderRule' })),
          merge_undo_hours: hoursField,
          updated_at: timeField.nullable().describe('Null where none were set.'),
        })
        .meta({ id: 'CustomerRules' }),
    },
  },
  example: {},
});

const resolvedCustomer = z.strictObject({ id: idField('cus') }).meta({ id: 'ResolvedCustomer' });

export const resolveCustomer = defineOperation({
  name: 'customers.resolve',
  method: 'POST',
  path: '/v1/customers/resolve',
  summary: 'Find the customer whom an identity names, or make a placeholder',
  description:
    'As the workspace’s rules for the channel have it. A later upsert with the identity gives the placeholder its external id. Where the rules make none, an identity that nobody has is refused with 422 `unknown_customer`: it is the rules that refuse.',
  scopes: ['customers:write'],
  changes: true,
  versioned: true,
  body: z.strictObject({
    channel: slugField.describe('Where they were met; also the channel of a handle.'),
    identity: z.strictObject({
      kind: kindField,
      value: textField(1, 320),
      verified: z.boolean().optional().describe('Of a placeholder’s identity: whether the channel vouches for it.'),
    }),
    name: textField(1, 200).optional().describe('What the channel calls them.'),
    ...keyed,
  }),
  responses: {
    200: { description: 'They were known before.', schema: resolvedCustomer },
    201: { description: 'They are a placeholder now.', schema: resolvedCustomer },
  },
  problems: ['unknown_customer', 'invalid_value', 'person_erased'],
  example: {
    body: { channel: 'email', identity: { kind: 'email', value: 'ada@example.org' }, name: 'Ada Lovelace' },
  },
});
