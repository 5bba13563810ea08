import type { EventData } from '../../../contract/generated/event-data.js';
import type { RecordedEvent } from '../../../platform/kernel/event.js';
import { type FactNeed, type Facts, type FactValue, nameOfNeed } from './facts.js';
import { valueTest } from './field-value-test.js';
import { type Condition, type CustomFieldCondition, conditionsOf, type FieldOwner, type Filter } from './filter.js';

/** What a filter sees of an event. */
export type FilteredEvent = Pick<RecordedEvent, 'type' | 'meta' | 'data' | 'position'>;

export interface CompiledFilter {
  /** What `matches` asks for, each once; where it is empty, the event decides by itself. */
  facts: readonly FactNeed[];
  matches(event: FilteredEvent, facts: Facts): boolean;
}

type Predicate = CompiledFilter['matches'];

/** Total: it answers for every event, and takes no longer than its conditions are many. */
export function compileFilter(filter: Filter): CompiledFilter {
  const needs = new Map<string, FactNeed>();
  for (const condition of conditionsOf(filter)) {
    const need = needOf(condition);
    if (need !== null) needs.set(nameOfNeed(need), need);
  }
  return { facts: [...needs.values()], matches: predicateOf(filter) };
}

function predicateOf(filter: Filter): Predicate {
  if ('and' in filter) {
    const all = filter.and.map(predicateOf);
    return (event, facts) => all.every((holds) => holds(event, facts));
  }
  if ('or' in filter) {
    const some = filter.or.map(predicateOf);
    return (event, facts) => some.some((holds) => holds(event, facts));
  }
  if ('not' in filter) {
    const inner = predicateOf(filter.not);
    return (event, facts) => !inner(event, facts);
  }
  return holdsOf(filter);
}

/** Of several values it is enough that one is meant. */
function holdsOf(condition: Condition): Predicate {
  const isNegative = condition.op === 'is_not' || condition.op === 'not_in' || condition.op === 'none';
  const isMeant = testOf(condition);
  const values = valuesOf(condition);
  return (event, facts) => values(event, facts).some(isMeant) !== isNegative;
}

function valuesOf(condition: Condition): (event: FilteredEvent, facts: Facts) => readonly FactValue[] {
  if (condition.field === 'actor_type') return ({ meta }) => [meta.actor.type];
  if (condition.field === 'activity') return activityOf;
  const need = needOf(condition)!;
  return (_, facts) => facts(need);
}

function activityOf({ type, data }: FilteredEvent): readonly string[] {
  return type === 'activity.recorded' ? [(data as EventData['activity.recorded']).activity_type] : [];
}

function needOf(condition: Condition): FactNeed | null {
  if (condition.field === 'actor_type' || condition.field === 'activity') return null;
  return condition.field === 'custom_field'
    ? { kind: 'custom_field', object: ownerOf(condition), key: condition.key }
    : { kind: condition.field };
}

/** Whose field a condition means. */
export function ownerOf({ object = 'conversation' }: CustomFieldCondition): FieldOwner {
  return object;
}

function testOf(condition: Condition): (value: FactValue) => boolean {
  if (!('value' in condition)) return () => true;
  if (condition.field === 'custom_field') return valueTest(condition.op, condition.value);
  const given: readonly string[] = typeof condition.value === 'string' ? [condition.value] : condition.value;
  if (condition.field !== 'activity') return (value) => given.includes(value as string);
  return (value) => given.some((name) => isCalled(name, value as string));
}

/** `invoice.*` is every name that begins with `invoice.`. */
function isCalled(name: string, activity: string): boolean {
  return name.endsWith('.*') ? activity.startsWith(name.slice(0, -1)) : activity === name;
}
