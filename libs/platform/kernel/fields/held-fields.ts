import { isRefusal, type Refusal, refuse } from '../decider.js';
import { choicesOf, type FieldDependency, type FieldKind, type FieldValue, isChoice } from './field-declaration.js';

/** As many as one thing has values for, at most: its state names each of them. */
export const MOST_HELD = 100;

/** What a thing's state keeps of a value that it has: not the value itself, which may be long, or personal. */
export interface HeldField {
  key: string;
  /** What it chooses, where other fields may depend on it. */
  choices?: readonly string[];
}

/** By the field's id; what has no value is not in it. */
export type HeldFields = Readonly<Record<string, HeldField>>;

/** A value as a field in that version takes it; already held against its kind and options. */
export interface FieldChange {
  field: string;
  key: string;
  kind: FieldKind;
  version: number;
  personal: boolean;
  /** The value as JSON; null takes it away. */
  json: string | null;
  /** Whether the thing was seen to have that value, or none, when the command was made. */
  isSame: boolean;
  dependsOn: FieldDependency | null;
  /** The field's default, for a new thing: where the field is not asked for, it is left out. */
  byDefault?: boolean;
}

export interface RequiredField {
  field: string;
  key: string;
  dependsOn: FieldDependency | null;
}

export interface ChangeFields {
  changes: readonly FieldChange[];
  /** Whether values that the changes do not name are taken away. */
  replaces: boolean;
  /** Those that must have a value after it. */
  required: readonly RequiredField[];
}

/** The data of a `<noun>.field_set`. */
export interface FieldSet {
  field_id: string;
  key: string;
  kind: string;
  version: number;
  value: string | null;
  personal_value: string | null;
}

/** The data of a `<noun>.field_cleared`. */
interface FieldCleared {
  field_id: string;
  key: string;
}

/** An event of the thing's stream, without the noun that its type begins with. */
export type FieldEvent = { verb: 'field_set'; data: FieldSet } | { verb: 'field_cleared'; data: FieldCleared };

type EventOf<Noun extends string> =
  | { type: `${Noun}.field_set`; data: FieldSet }
  | { type: `${Noun}.field_cleared`; data: FieldCleared };

/** An event for each value that is not as it should be; none where all are. */
export function fieldEvents({ changes, replaces, required }: ChangeFields, held: HeldFields): FieldEvent[] | Refusal {
  const named = new Set(changes.map(({ field }) => field));
  const cleared = replaces ? Object.keys(held).filter((field) => !named.has(field)) : [];
  const events: FieldEvent[] = cleared.map((field) => clearing(field, held[field]!.key));
  let after = events.reduce(withField, held);
  // A field depends on one that was made before it, so that whether it is asked for is known by its turn.
  for (const change of [...changes].sort((a, b) => (a.field < b.field ? -1 : 1))) {
    if (change.byDefault === true && !isAsked(change.dependsOn, after)) continue;
    const event = eventOf(change, after);
    if (event === null) continue;
    events.push(event);
    after = withField(after, event);
  }
  return refused(changes, after) ?? missing(required, after) ?? events;
}

/** As events of the thing's own stream. */
export function fieldEventsOf<Noun extends string>(
  noun: Noun,
  command: ChangeFields,
  held: HeldFields,
): EventOf<Noun>[] | Refusal {
  const events = fieldEvents(command, held);
  return isRefusal(events)
    ? events
    : events.map(({ verb, data }) => ({ type: `${noun}.${verb}`, data }) as EventOf<Noun>);
}

/** Refuses what does not have all the values that it must have. */
export function missing(required: readonly RequiredField[], held: HeldFields): Refusal | null {
  const field = required.find(({ field: id, dependsOn }) => held[id] === undefined && isAsked(dependsOn, held));
  if (field === undefined) return null;
  return refuse('field_required', `The field ${field.key} is required. Give it a value first.`);
}

export function withField(
  held: HeldFields,
  { verb, data }: { verb: 'field_set'; data: Omit<FieldSet, 'personal_value'> } | FieldEvent,
): HeldFields {
  const { [data.field_id]: _, ...others } = held;
  if (verb === 'field_cleared') return others;
  const { key, kind, value } = data;
  if (value === null || !isChoice({ kind: kind as FieldKind, personal: false })) {
    return { ...others, [data.field_id]: { key } };
  }
  return { ...others, [data.field_id]: { key, choices: choicesOf(JSON.parse(value) as FieldValue) } };
}

function eventOf({ field, key, kind, version, personal, json, isSame }: FieldChange, held: HeldFields) {
  const isHeld = held[field] !== undefined;
  if (json === null) return isHeld ? clearing(field, key) : null;
  if (isHeld && isSame) return null;
  const [value, personal_value] = personal ? [null, json] : [json, null];
  const set: FieldEvent = { verb: 'field_set', data: { field_id: field, key, kind, version, value, personal_value } };
  return set;
}

function clearing(field_id: string, key: string): FieldEvent {
  return { verb: 'field_cleared', data: { field_id, key } };
}

function refused(changes: readonly FieldChange[], after: HeldFields): Refusal | null {
  const unasked = changes.find(
    ({ json, isSame, byDefault, dependsOn }) =>
      json !== null && !isSame && byDefault !== true && !isAsked(dependsOn, after),
  );
  if (unasked !== undefined) {
    const detail = `The field ${unasked.key} is asked for only where another field has a certain value, and it does not.`;
    return refuse('field_not_asked', detail);
  }
  if (Object.keys(after).length <= MOST_HELD) return null;
  return refuse('too_many_fields', `One thing has values for ${MOST_HELD} custom fields at most.`);
}

function isAsked(dependsOn: FieldDependency | null, held: HeldFields): boolean {
  if (dependsOn === null) return true;
  const choices = held[dependsOn.field_id]?.choices ?? [];
  return choices.some((choice) => dependsOn.values.includes(choice));
}
