import type { FieldValue } from '../../../platform/kernel/fields/field-declaration.js';
import type { Condition, FieldOwner } from './filter.js';

/** What a condition goes by that does not stand in the event. */
export type FactNeed =
  | { kind: Exclude<Condition['field'], 'custom_field' | 'actor_type' | 'activity'> }
  | { kind: 'custom_field'; object: FieldOwner; key: string };

/** The same for what is the same. */
export function nameOfNeed(need: FactNeed): string {
  return need.kind === 'custom_field' ? `${need.object} ${need.key}` : need.kind;
}

/** Null for a value that is there and cannot be compared: it may name a person, or is a long text. */
export type FactValue = FieldValue | null;

/** What is so of what an event is about, right after it; of a customer all who are read as the same one. */
export type Facts = (need: FactNeed) => readonly FactValue[];
