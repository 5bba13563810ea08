import { z } from 'zod';
import { FIELD_KINDS } from '../kernel/fields/field-declaration.js';
import { MOST_HELD } from '../kernel/fields/held-fields.js';
import { idField, keyed, slugField, textField, timeField } from '../operations/fields.js';

const LOOKS =
  'is not a text, a number, true, false, a list of options, or a currency like {"amount":"12.50","currency":"EUR"}';

/** A value of any kind; which of these a field takes, its kind says. */
export const fieldValueField = z
  .union(
    [
      textField(1, 10_000),
      z.number(),
      z.boolean(),
      z.array(slugField).max(200),
      z.strictObject({
        amount: textField(1, 40).describe('Decimal text, such as 12.50.'),
        currency: textField(3, 3).describe('ISO 4217, such as EUR.'),
      }),
    ],
    { error: ({ input }) => (input === undefined ? undefined : LOOKS) },
  )
  .meta({ id: 'CustomFieldValue' });

/** The values in a request, by key; null takes one away. */
export const fieldsField = z
  .record(slugField, fieldValueField.nullable())
  .refine((fields) => Object.keys(fields).length <= MOST_HELD, `has more than ${MOST_HELD} fields`)
  .meta({ maxProperties: MOST_HELD });

/** The values of a thing, by key. */
export const fieldsShown = z
  .record(z.string(), fieldValueField)
  .describe('The values of its custom fields by key; what has none is left out.');

/** The body of what changes the fields of a thing. */
export const fieldsBody = z.strictObject({ fields: fieldsField, ...keyed });

/** A value with where it comes from. */
const heldValue = z
  .strictObject({
    field_id: idField('fld'),
    key: slugField,
    kind: z.enum(FIELD_KINDS),
    version: z.int().min(1).describe('The version of the field under which it was set.'),
    value: fieldValueField,
    set_at: timeField,
  })
  .meta({ id: 'HeldCustomField' });

export const heldValues = z.strictObject({ data: z.array(heldValue) }).meta({ id: 'HeldCustomFields' });

/** Problems of operations that change fields. */
export const FIELD_PROBLEMS = [
  'unknown_field',
  'field_value_invalid',
  'field_not_asked',
  'field_required',
  'too_many_fields',
  'archived',
  'unknown_reference',
  'person_erased',
] as const;
