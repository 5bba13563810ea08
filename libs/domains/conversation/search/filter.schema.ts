import { z } from 'zod';
import { fieldValueField } from '../../../platform/fields/field-schemas.js';
import {
  chosen,
  chosenBy,
  chosenOrNone,
  existence,
  filterSchemas,
  one,
} from '../../../platform/filters/filter-schemas.js';
import { externalIdField, idField, instantField, slugField, textField } from '../../../platform/operations/fields.js';
import { priorityField, statusField } from '../conversation.resources.js';
import type { Condition } from './filter.js';

const range = <Field extends string>(field: Field) =>
  z.strictObject({ field: z.literal(field), op: z.enum(['before', 'after']), value: instantField });

const rangeOrNone = <Field extends string>(field: Field) => chosenBy('op', [range(field), existence(field)]);

const customField = {
  field: z.literal('custom_field'),
  object: z.enum(['conversation', 'message']).optional().describe('Of one of its messages; left out, its own.'),
  key: slugField,
};

const customFieldCondition = chosenBy('op', [
  z.strictObject({ ...customField, op: z.enum(['is', 'is_not', 'lt', 'lte', 'gt', 'gte']), value: fieldValueField }),
  z.strictObject({ ...customField, op: z.enum(['in', 'not_in']), value: z.array(fieldValueField).min(1).max(100) }),
  z.strictObject({ ...customField, op: z.literal('contains'), value: textField(1, 500) }),
  z.strictObject({ ...customField, op: z.enum(['any', 'none']) }),
]);

const titleField = textField(1, 500);

const conditionField = chosenBy('field', [
  chosen('status', statusField),
  chosenOrNone('status_detail', idField('sdt')),
  chosenOrNone('assignee', z.union([idField('usr'), idField('aia')], { error: 'is neither a usr_… nor an aia_… id' })),
  chosenOrNone('team', idField('team')),
  chosenOrNone('label', idField('lbl')),
  chosen('priority', priorityField),
  chosen('customer', idField('cus')),
  chosenOrNone('company', idField('com')),
  chosenOrNone('tenant', idField('ten')),
  chosen('channel', slugField),
  chosenOrNone('external_id', externalIdField),
  one('locked', z.boolean()),
  chosenBy('op', [
    one('title', titleField),
    z.strictObject({ field: z.literal('title'), op: z.literal('contains'), value: titleField }),
    existence('title'),
  ]),
  range('created_at'),
  range('updated_at'),
  rangeOrNone('closed_at'),
  rangeOrNone('snoozed_until'),
  customFieldCondition,
]).meta({
  id: 'ConversationCondition',
  description:
    'One thing that is true of a conversation, or is not. `label` is one of its labels, `company` and `tenant` one of those that its customer belongs to; `custom_field` is named by its `key`, and takes what its kind has.',
});

const { shown, asked } = filterSchemas<Condition>(conditionField, {
  id: 'ConversationFilter',
  description: 'A condition, or filters that all (`and`) or some (`or`) must hold, or one that must `not`.',
});

/** What a view or an answer shows; in a request it is `filterField`. */
export const conversationFilter = shown;
export const filterField = asked;

/** Problems of whatever goes by a custom field: it may be gone since the request was written, or hold other values. */
export const FIELD_CONDITION_PROBLEMS = ['unknown_field', 'field_value_invalid'] as const;

/** Problems of operations that take a filter. */
export const FILTER_PROBLEMS = ['filter_too_complex', ...FIELD_CONDITION_PROBLEMS] as const;
