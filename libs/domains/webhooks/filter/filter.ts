import type { Chosen, Existence, FilterOf } from '../../../platform/filters/filter.js';
import type { FieldValue } from '../../../platform/kernel/fields/field-declaration.js';

export const STATUSES = ['open', 'snoozed', 'closed'] as const;
export const PRIORITIES = ['urgent', 'high', 'normal', 'low'] as const;

/** Whose custom fields conditions can be on. */
export const FIELD_OWNERS = ['conversation', 'customer', 'company', 'tenant'] as const;
export type FieldOwner = (typeof FIELD_OWNERS)[number];

/** A custom field of what the event is about, by its key. */
export type CustomFieldCondition = {
  field: 'custom_field';
  object?: FieldOwner | undefined;
  key: string;
} & (
  | { op: 'is' | 'is_not' | 'lt' | 'lte' | 'gt' | 'gte'; value: FieldValue }
  | { op: 'in' | 'not_in'; value: readonly FieldValue[] }
  | { op: 'any' | 'none' }
);

/**
 * One thing that is true of an event, or of what it is about right after it, or is not: never unknown. An event that is
 * about nobody has not the customer X.
 */
export type Condition =
  | Chosen<'status', (typeof STATUSES)[number]>
  | Chosen<'priority', (typeof PRIORITIES)[number]>
  | Chosen<'channel' | 'actor_type', string>
  | Chosen<'customer' | 'company' | 'tenant' | 'label' | 'team' | 'assignee' | 'activity', string>
  | Existence<'customer' | 'company' | 'tenant' | 'label' | 'team' | 'assignee' | 'activity'>
  | CustomFieldCondition;

/** Which events are meant, of those whose types are. */
export type Filter = FilterOf<Condition>;

/** Its conditions, in their order. */
export function conditionsOf(filter: Filter): Condition[] {
  if ('and' in filter) return filter.and.flatMap(conditionsOf);
  if ('or' in filter) return filter.or.flatMap(conditionsOf);
  return 'not' in filter ? conditionsOf(filter.not) : [filter];
}
