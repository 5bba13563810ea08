/** Conditions, joined by and, or and not. */
export type FilterOf<Condition> =
  | { and: readonly FilterOf<Condition>[] }
  | { or: readonly FilterOf<Condition>[] }
  | { not: FilterOf<Condition> }
  | Condition;

/** Equal to a value, or not. */
export interface One<Field extends string, Value> {
  field: Field;
  op: 'is' | 'is_not';
  value: Value;
}

/** Equal to one of several values, or to none of them. */
export interface Many<Field extends string, Value> {
  field: Field;
  op: 'in' | 'not_in';
  value: readonly Value[];
}

/** Whether there is a value at all. */
export interface Existence<Field extends string> {
  field: Field;
  op: 'none' | 'any';
}

export type Chosen<Field extends string, Value> = One<Field, Value> | Many<Field, Value>;

export const MOST_CONDITIONS = 100;
export const DEEPEST_FILTER = 10;
