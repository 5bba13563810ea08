import { z } from 'zod';
import { fieldValueField } from '../../../platform/fields/field-schemas.js';
import { chosen, chosenBy, chosenOrNone, filterSchemas } from '../../../platform/filters/filter-schemas.js';
import { idField, slugField } from '../../../platform/operations/fields.js';
import { type Condition, FIELD_OWNERS, PRIORITIES, STATUSES } from './filter.js';

const customField = {
  field: z.literal('custom_field'),
  object: z.enum(FIELD_OWNERS).optional().describe("Whose it is; left out, the conversation's."),
  key: slugField,
};

const customFieldCondition = chosenBy('op', [
  z.strictObject({ ...customField, op: z.enum(['is', 'is_not', 'lt', 'lte', 'gt', 'gte']), value: fieldValueField }),
  z.strictObject({ ...customField, op: z.enum(['in', 'not_in']), value: z.array(fieldValueField).min(1).max(100) }),
  z.strictObject({ ...customField, op: z.enum(['any', 'none']) }),
]);

const activityField = z
  .string()
  .max(130)
  .regex(
    /^[a-z0-9][a-z0-9_-]*(\.[a-z0-9][a-z0-9_-]*)*(\.\*)?$/,
    'is not the name of an activity, such as invoice.paid or invoice.*',
  );

const conditionField = chosenBy('field', [
  chosen('channel', slugField),
  chosen('status', z.enum(STATUSES)),
  chosen('priority', z.enum(PRIORITIES)),
  chosenOrNone('label', idField('lbl')),
  chosenOrNone('team', idField('team')),
  chosenOrNone('assignee', z.union([idField('usr'), idField('aia')], { error: 'is neither a usr_… nor an aia_… id' })),
  chosenOrNone('customer', idField('cus')),
  chosenOrNone('company', idField('com')),
  chosenOrNone('tenant', idField('ten')),
  chosen('actor_type', slugField),
  chosenOrNone('activity', activityField),
  customFieldCondition,
]).meta({
  id: 'WebhookCondition',
  description:
    'One thing that is true of an event, or of the conversation, customer, company or tenant that it is about as it is right after it, or that is not. `actor_type` is who called, `activity` what your systems call an activity; `custom_field` is named by its `key`, and takes what its kind has.',
});

const { shown, asked } = filterSchemas<Condition>(conditionField, {
  id: 'WebhookFilter',
  description: 'A condition, or filters that all (`and`) or some (`or`) must hold, or one that must `not`.',
});

/** What an endpoint shows. */
export const webhookFilter = shown;
/** In a request. */
export const webhookFilterField = asked;

/** Problems of operations that take a filter and keep it. */
export const WEBHOOK_FILTER_PROBLEMS = [
  'filter_too_complex',
  'filter_names_person',
  'unknown_field',
  'field_value_invalid',
] as const;
