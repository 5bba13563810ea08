import { z } from 'zod';
import { fieldsShown } from '../../platform/fields/field-schemas.js';
import { idField, slugField, textField, timeField } from '../../platform/operations/fields.js';
import { IDENTITY_KINDS } from './identities/identity.js';

export const nameField = textField(1, 200);
export const languageField = z
  .string()
  .regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,4}$/, 'is not a language tag such as en or pt-BR')
  .describe('A BCP 47 tag.');
export const timeZoneField = textField(1, 64).describe('A name of the IANA database, such as Europe/Lisbon.');

export const kindField = z.enum(IDENTITY_KINDS);
const valueField = textField(1, 320).describe(
  'Kept as an e-mail address in lower case, a phone number in E.164, or a handle as it is.',
);

/** What names somebody: a handle is one of a channel. */
export const identityName = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.enum(['email', 'phone']), value: valueField }),
    z.strictObject({ kind: z.literal('handle'), channel: slugField, value: valueField }),
  ])
  .meta({ id: 'IdentityName', description: 'What a customer is known by.' });

const claims = {
  verified: z.boolean().optional().describe('Left out, it stays as it is: false at first.'),
  primary: z.boolean().optional().describe('The first choice of its kind and channel, as the first one is anyway.'),
};

/** An identity that a customer is to have. */
export const givenIdentity = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.enum(['email', 'phone']), value: valueField, ...claims }),
    z.strictObject({ kind: z.literal('handle'), channel: slugField, value: valueField, ...claims }),
  ])
  .meta({ id: 'GivenIdentity', description: 'An identity that a customer is to have.' });

const customerFields = {
  id: idField('cus'),
  external_id: z.string().nullable().describe('Null where an identity is all that is known.'),
  name: z.string(),
  language: z.string().nullable(),
  time_zone: z.string().nullable(),
  placeholder: z
    .boolean()
    .describe(
      'Known by an identity alone, or by an external id alone with which something was told of it: no upsert has made it known yet.',
    ),
  merged_into_id: idField('cus').nullable().describe('The customer that it was merged into.'),
  undo_until: timeField.nullable().describe('Until when the merge can be undone.'),
  fields: fieldsShown,
  created_at: timeField,
  updated_at: timeField,
};

export const customerResource = z.strictObject(customerFields).meta({ id: 'Customer' });

const identityResource = z
  .strictObject({
    id: idField('idn'),
    customer_id: idField('cus').describe('Who has it: the customer, or one that was merged into it.'),
    kind: kindField,
    channel: slugField.nullable().describe('Of a handle.'),
    value: z.string(),
    verified: z.boolean(),
    primary: z.boolean(),
    added_at: timeField,
  })
  .meta({ id: 'Identity' });

export const customerInFull = z
  .strictObject({
    ...customerFields,
    identities: z.array(identityResource),
    company_ids: z.array(idField('com')),
    tenant_ids: z.array(idField('ten')),
    merged_ids: z.array(idField('cus')).describe('Those who were merged into it, and are read as it.'),
    asked_for_id: idField('cus').nullable().describe('The id that was asked for, where that one was merged into it.'),
  })
  .meta({ id: 'CustomerInFull' });

export const changedCustomer = z
  .strictObject({ id: idField('cus').describe('Who was changed: the one asked for, or whom it was merged into.') })
  .meta({ id: 'ChangedCustomer' });
