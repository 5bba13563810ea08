import { z } from 'zod';
import { fieldValueField } from '../../../platform/fields/field-schemas.js';
import { FIELD_KINDS, FIELD_OBJECTS, REFERENCES } from '../../../platform/kernel/fields/field-declaration.js';
import {
  archivedQuery,
  idField,
  keyed,
  pageOf,
  pageQuery,
  slugField,
  textField,
  timeField,
} from '../../../platform/operations/fields.js';
import { defineOperation } from '../../../platform/operations/operation.js';
import { upsertOf } from '../../../platform/operations/upsert.js';

const byId = z.strictObject({ id: idField('fld') });
const exampleParams = { id: 'fld_0198f2c0a1b27c3d8e4f5a6b7c8d9e09' };
const objectField = z.enum(FIELD_OBJECTS);
const optionField = z
  .strictObject({ value: slugField.describe('What values hold, for good.'), name: textField(1, 100) })
  .meta({ id: 'CustomFieldOption' });
const dependencyField = z.strictObject({ field_id: idField('fld'), values: z.array(slugField).min(1).max(200) }).meta({
  id: 'CustomFieldDependency',
  description: 'Asked for only where the other field has one of the values; a boolean has `true` and `false`.',
});
const referenceField = z.enum(Object.keys(REFERENCES) as [keyof typeof REFERENCES]);
const nameField = textField(1, 100);
const descriptionField = textField(1, 1000).nullable();
const PERSONAL =
  'Its values say something of a person: they are sealed with the key of the customer whom the thing is about.';

/** The description of reading a declaration. */
const READING =
  'Needs `conversations:read`, whatever object the field is of: the declarations of all five are kept there.';

const changeable = {
  description: descriptionField.optional(),
  required: z
    .boolean()
    .optional()
    .describe(
      'Has to have a value, where it is asked for, when a conversation is closed or the fields of others change.',
    ),
  default: fieldValueField.nullable().optional().describe('What a new conversation, customer, company or tenant gets.'),
  options: z.array(optionField).max(200).optional().describe('Of an enum or a multi_enum, in their order.'),
  depends_on: dependencyField.nullable().optional(),
  archived: z.boolean().optional(),
};

export const customFieldResource = z
  .strictObject({
    id: idField('fld'),
    object: objectField,
    key: slugField,
    kind: z.enum(FIELD_KINDS),
    version: z.int().min(1).describe('Each change of the declaration makes the next one.'),
    name: z.string(),
    description: z.string().nullable(),
    personal: z.boolean().describe(PERSONAL),
    required: z.boolean(),
    default: fieldValueField.nullable(),
    options: z.array(optionField),
    depends_on: dependencyField.nullable(),
    reference_to: referenceField.nullable().describe('What a reference leads to; null for every other kind.'),
    archived: z.boolean().describe('Its values stay where they are, and it takes no more.'),
    created_at: timeField,
    updated_at: timeField,
  })
  .meta({ id: 'CustomField' });

export const upsertCustomField = defineOperation({
  ...upsertOf('fld', 'UpsertedCustomField'),
  name: 'custom_fields.upsert',
  path: '/v1/custom_fields',
  summary: 'Declare a custom field, or bring one up to date',
  description:
    'Object and key say which one. What the body leaves out is left as it is. Kind, `personal` and `reference_to` are for good.',
  scopes: ['admin:write'],
  body: z.strictObject({
    object: objectField,
    key: slugField,
    kind: z.enum(FIELD_KINDS),
    name: nameField,
    personal: z.boolean().optional().describe(PERSONAL),
    reference_to: referenceField.optional(),
    ...changeable,
    ...keyed,
  }),
  problems: ['field_declaration_invalid', 'too_many_fields'],
  example: {
    body: {
      object: 'conversation',
      key: 'yarn',
      kind: 'enum',
      name: 'Yarn',
      options: [
        { value: 'wool', name: 'Wool' },
        { value: 'linen', name: 'Linen' },
      ],
      required: true,
    },
  },
});

export const updateCustomField = defineOperation({
  name: 'custom_fields.update',
  method: 'PATCH',
  path: '/v1/custom_fields/{id}',
  summary: 'Change the declaration of a custom field, or archive it',
  description: 'A JSON Merge Patch (RFC 7396); each thing that changes is an event, and makes a next version.',
  scopes: ['admin:write'],
  changes: true,
  versioned: true,
  conditional: true,
  consumes: 'application/merge-patch+json',
  params: byId,
  body: z.strictObject({ name: nameField.optional(), ...changeable, ...keyed }),
  responses: {
    200: {
      description: 'The field is as the patch says.',
      schema: z.strictObject({ id: idField('fld'), version: z.int().min(1) }).meta({ id: 'UpdatedCustomField' }),
    },
  },
  problems: ['field_declaration_invalid'],
  example: {
    params: exampleParams,
    body: { required: false, description: 'What it is woven of' },
  },
});

export const getCustomField = defineOperation({
  name: 'custom_fields.get',
  method: 'GET',
  path: '/v1/custom_fields/{id}',
  summary: 'Read the declaration of a custom field',
  description: READING,
  scopes: ['conversations:read'],
  changes: false,
  versioned: true,
  params: byId,
  responses: { 200: { description: 'The custom field.', schema: customFieldResource } },
  example: { params: exampleParams },
});

export const listCustomFields = defineOperation({
  name: 'custom_fields.list',
  method: 'GET',
  path: '/v1/custom_fields',
  summary: 'List custom fields, the last made here first',
  description: READING,
  scopes: ['conversations:read'],
  changes: false,
  query: z.strictObject({ object: objectField.optional(), ...archivedQuery, ...pageQuery }),
  responses: { 200: { description: 'A page of custom fields.', schema: pageOf(customFieldResource) } },
  example: { query: { object: 'conversation' } },
});
