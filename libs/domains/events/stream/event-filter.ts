import type { EventData } from '../../../contract/generated/event-data.js';
import { typesOfWord, unknownWord, WORDS_ARE } from '../../../platform/event-schemas/type-words.js';
import type { RecordedEvent } from '../../../platform/kernel/event.js';
import { type FieldError, Problem } from '../../../platform/kernel/problem.js';

/** What a request, or a message of a socket, says of the events that it wants. */
export interface FilterInput {
  /** Types, groups, `<noun>.*`, and on streams `typing` and `presence`; with commas between. */
  type?: string | undefined;
  conversation?: string | undefined;
  customer?: string | undefined;
  actor?: string | undefined;
  /** What the workspace calls its activities: names and `<beginning>.*`, with commas between. */
  activity?: string | undefined;
}

/** Which events somebody wants: all that meet each of its conditions; null is no condition. */
export interface EventFilter {
  types: ReadonlySet<string> | null;
  conversation: string | null;
  customer: string | null;
  /** The id of who called. */
  actor: string | null;
  /** What activities are called; one that ends in `.` means all that begin so. */
  activities: ReadonlySet<string> | null;
  /** The names of signals, which are on no log. */
  signals: ReadonlySet<string>;
}

/** What belongs to the customer of a filter, with those who are read as the same one. */
export interface CustomerSubjects {
  customers: ReadonlySet<string>;
  conversations: ReadonlySet<string>;
}

/** What is told of conversations, and is on no log. */
export const SIGNALS = ['typing', 'presence'] as const;
const MOST_TYPES = 50;
/** Each beginning is held against every activity that is looked at. */
const MOST_ACTIVITIES = 50;

/**
 * `place` is where its fields stand: `query`, `body`, `message/filter`. Throws `invalid_value` that names each word that is no type of an event,
 * no group and no noun.
 */
export function parseFilter(input: FilterInput, place = 'query'): EventFilter {
  const { conversation = null, customer = null, actor = null, activity } = input;
  const words = input.type === undefined ? null : input.type.split(',');
  const signals = words === null ? SIGNALS : SIGNALS.filter((name) => words.includes(name));
  // Nobody types in the name of a key, and what is told of a customer is told of the conversations.
  const hears = actor === null && activity === undefined ? signals : [];
  return {
    types: words === null ? null : typesOf(words, `/${place}/type`),
    conversation,
    customer,
    actor,
    activities: activity === undefined ? null : activitiesOf(activity.split(','), `/${place}/activity`),
    signals: new Set(hears),
  };
}

/** Throws `invalid_value` where a list is asked for what is on no log. */
export function requireOnLog({ type }: FilterInput): void {
  const signal = SIGNALS.find((name) => type?.split(',').includes(name));
  if (signal === undefined) return;
  const [pointer, message] = ['/query/type', `names ${signal}, which is on no log: a stream tells it as it happens`];
  throw new Problem('invalid_value', `${pointer} ${message}.`, { errors: [{ pointer, message }] });
}

function typesOf(words: readonly string[], pointer: string): ReadonlySet<string> {
  const types = new Set<string>();
  const errors: FieldError[] = [];
  if (words.length > MOST_TYPES) errors.push({ pointer, message: `names more than ${MOST_TYPES} types` });
  for (const word of words.slice(0, MOST_TYPES)) {
    const meant = isSignal(word) ? [] : typesOfWord(word);
    if (meant === null) errors.push({ pointer, message: unknownWord(word) });
    else for (const type of meant) types.add(type);
  }
  if (errors.length === 0) return types;
  throw new Problem('invalid_value', `${pointer} ${errors[0]!.message}. ${WORDS_ARE}`, { errors });
}

function activitiesOf(words: readonly string[], pointer: string): ReadonlySet<string> {
  const names = new Set(words.map((word) => word.replace(/\*$/, '')));
  if (names.size <= MOST_ACTIVITIES) return names;
  const message = `names more than ${MOST_ACTIVITIES} activities`;
  throw new Problem('invalid_value', `${pointer} ${message}.`, { errors: [{ pointer, message }] });
}

function isSignal(word: string): boolean {
  return (SIGNALS as readonly string[]).includes(word);
}

/** The same text for filters that mean the same: readers with one are given the same bytes. */
export function keyOf({ types, conversation, customer, actor, activities, signals }: EventFilter): string {
  const sorted = (set: ReadonlySet<string> | null) => (set === null ? null : [...set].sort());
  return JSON.stringify([sorted(types), conversation, customer, actor, sorted(activities), sorted(signals)]);
}

/** Whether an event is wanted; `subjects` where the filter names a customer. */
export function matches(
  filter: EventFilter,
  { type, meta, data }: Pick<RecordedEvent, 'type' | 'meta' | 'data'>,
  subjects: CustomerSubjects | null,
): boolean {
  const { types, conversation, customer, actor, activities } = filter;
  if (types !== null && !types.has(type)) return false;
  if (actor !== null && meta.actor.id !== actor) return false;
  const activity = type === 'activity.recorded' ? (data as EventData['activity.recorded']) : null;
  if (activities !== null && (activity === null || !isCalled(activities, activity.activity_type))) return false;
  const subject = activity?.subject_id ?? meta.stream;
  if (conversation !== null && subject !== conversation) return false;
  return customer === null || (subjects !== null && isOf(subjects, subject));
}

function isCalled(activities: ReadonlySet<string>, name: string): boolean {
  for (const called of activities) if (called.endsWith('.') ? name.startsWith(called) : name === called) return true;
  return false;
}

/** Whether what is told of a conversation is wanted. */
export function matchesSignal(
  { signals, conversation, customer }: EventFilter,
  { name, stream }: { name: string; stream: string },
  subjects: CustomerSubjects | null,
): boolean {
  if (!signals.has(name) || (conversation !== null && stream !== conversation)) return false;
  return customer === null || (subjects !== null && isOf(subjects, stream));
}

function isOf({ customers, conversations }: CustomerSubjects, stream: string): boolean {
  return customers.has(stream) || conversations.has(stream);
}
