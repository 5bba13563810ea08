import { z } from 'zod';
import { fieldValueField } from '../../../platform/fields/field-schemas.js';
import { externalIdField, idField, instantField, slugField, textField } from '../../../platform/operations/fields.js';
import { priorityField, statusField } from '../conversation.resources.js';
import type { Filter } from './filter.js';
import { boundedFilter } from './filter-bounds.js';
import { reportMistakes } from './filter-mistakes.js';

/** A union of which `key` chooses one; a mistake in it names what it can be. */
function chosenBy<const Options extends readonly [z.core.$ZodTypeDiscriminable, ...z.core.$ZodTypeDiscriminable[]]>(
  key: 'field' | 'op',
  options: Options,
) {
  const known = [...new Set(options.flatMap((option) => [...(option._zod.propValues?.[key] ?? [])]))].join(', ');
  const error = ({ input }: { input?: unknown }) =>
    `${(input as Record<string, unknown> | undefined)?.[key] === undefined ? 'is missing: it is' : 'is not'} one of ${known}`;
  return z.discriminatedUnion(key, options, { error });
}

const one = <Field extends string, Value extends z.ZodType>(field: Field, value: Value) =>
  z.strictObject({ field: z.literal(field), op: z.enum(['is', 'is_not']), value });

const many = <Field extends string, Value extends z.ZodType>(field: Field, value: Value) =>
  z.strictObject({ field: z.literal(field), op: z.enum(['in', 'not_in']), value: z.array(value).min(1).max(100) });

const existence = <Field extends string>(field: Field) =>
  z.strictObject({ field: z.literal(field), op: z.enum(['none', 'any']) });

const range = <Field extends string>(field: Field) =>
  z.strictObject({ field: z.literal(field), op: z.enum(['before', 'after']), value: instantField });

const chosen = <Field extends string, Value extends z.ZodType>(field: Field, value: Value) =>
  chosenBy('op', [one(field, value), many(field, value)]);

const chosenOrNone = <Field extends string, Value extends z.ZodType>(field: Field, value: Value) =>
  chosenBy('op', [one(field, value), many(field, value), existence(field)]);

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

const filters = () => z.array(conversationFilter).min(1).max(100);

/** What a view or an answer shows; in a request it is `filterField`. */
export const conversationFilter: z.ZodType<Filter> = z
  .union(
    [
      conditionField,
      z.strictObject({
        get and() {
          return filters();
        },
      }),
      z.strictObject({
        get or() {
          return filters();
        },
      }),
      z.strictObject({
        get not() {
          return conversationFilter;
        },
      }),
    ],
    { error: 'is neither a condition (`field`, `op`, `value`) nor one of `and`, `or` and `not`' },
  )
  .meta({
    id: 'ConversationFilter',
    description: 'A condition, or filters that all (`and`) or some (`or`) must hold, or one that must `not`.',
  }) as z.ZodType<Filter>;

/** Says of every mistake where it is: a union's own message would be at the outermost filter. */
export const filterField = z.preprocess((value, { addIssue }) => {
  reportMistakes(boundedFilter(value), conditionField, addIssue);
  return value;
}, conversationFilter) as z.ZodType<Filter, unknown>;

/** Problems of whatever goes by a custom field: it may be gone since the request was written, or hold other values. */
export const FIELD_CONDITION_PROBLEMS = ['unknown_field', 'field_value_invalid'] as const;

/** Problems of operations that take a filter. */
export const FILTER_PROBLEMS = ['filter_too_complex', ...FIELD_CONDITION_PROBLEMS] as const;
