import type { Chosen, Existence, FilterOf, One } from '../../../platform/filters/filter.js';
import type { FieldValue } from '../../../platform/kernel/fields/field-declaration.js';
import type { Priority, Status } from '../conversation.commands.js';

/** Ids of things that a conversation has one of, or none. */
export type IdField = 'assignee' | 'team' | 'status_detail';
/** Ids of things that a conversation can have many of. */
export type SetField = 'label' | 'company' | 'tenant';
export type TimeField = 'created_at' | 'updated_at' | 'closed_at' | 'snoozed_until';

/** A custom field of a conversation, or of any of its messages; by its key. */
export type CustomFieldCondition = {
  field: 'custom_field';
  object?: 'conversation' | 'message' | undefined;
  key: string;
} & (
  | { op: 'is' | 'is_not' | 'lt' | 'lte' | 'gt' | 'gte'; value: FieldValue }
  | { op: 'in' | 'not_in'; value: readonly FieldValue[] }
  | { op: 'contains'; value: string }
  | { op: 'any' | 'none' }
);

/** One thing that is true of a conversation, or is not: never unknown. A conversation without a title has not the title "x". */
export type Condition = PlainCondition | CustomFieldCondition;

/** On what every conversation has, whatever is declared. */
export type PlainCondition =
  | Chosen<'status', Status>
  | Chosen<'priority', Priority>
  | Chosen<'customer' | 'channel', string>
  | Chosen<IdField | SetField | 'external_id', string>
  | Existence<IdField | SetField | 'external_id' | 'title' | 'closed_at' | 'snoozed_until'>
  | One<'title', string>
  | { field: 'title'; op: 'contains'; value: string }
  | One<'locked', boolean>
  | { field: TimeField; op: 'before' | 'after'; value: string };

/** Which conversations are meant. */
export type Filter = FilterOf<Condition>;
