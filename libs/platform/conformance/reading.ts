import type { LogPartition, ReadOptions, StoredEvent } from '../event-log/event-log.js';
import type { Installation } from './engine-under-test.js';
import { type MadeEvent, TYPES } from './made-events.js';

/** An event as a reader met it. */
export interface ReadEvent extends StoredEvent {
  partition: string;
  id: string;
  type: string;
  stream: string;
  seq: number;
}

/** Positions by partition. */
export type Marks = ReadonlyMap<string, number>;

const MOST_PAGES = 5000;

/** Reads page after page until one says that there is no more. */
export async function readFrom(
  on: Installation,
  partition: LogPartition,
  after: number,
  options: Partial<ReadOptions> = {},
): Promise<ReadEvent[]> {
  const events: ReadEvent[] = [];
  let reached = after;
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    const page = await partition.read(reached, { limit: 10_000, ...options });
    if (page.scannedTo === reached) return events;
    events.push(...page.events.map((event) => decoded(on, partition.name, event)));
    reached = page.scannedTo;
  }
  throw new Error(`${partition.name} has no end in ${MOST_PAGES} pages after ${after}; the last reached ${reached}.`);
}

/** What a reader can tell of an event, with a copy of its bytes. */
export function decoded({ codec }: Installation, partition: string, event: StoredEvent): ReadEvent {
  const { meta, type } = codec.decode(event.fingerprint, event.payload);
  const { id, stream, seq } = meta;
  return { ...event, payload: Buffer.from(event.payload), partition, id, type, stream, seq };
}

/** Where the partitions end now. */
export async function marksOf(on: Installation, types: readonly string[] = TYPES): Promise<Marks> {
  const partitions = await on.log.partitionsOf(types);
  return new Map(await Promise.all(partitions.map(async (one) => [one.name, await one.end()] as const)));
}

/** All that stands after the marks, partition by partition. */
export async function readSince(
  on: Installation,
  marks: Marks,
  { of = TYPES, ...options }: Partial<ReadOptions> & { of?: readonly string[] } = {},
): Promise<ReadEvent[]> {
  const events: ReadEvent[] = [];
  for (const partition of await on.log.partitionsOf(of)) {
    events.push(...(await readFrom(on, partition, marks.get(partition.name)!, options)));
  }
  return events;
}

export interface Stretch {
  partition: LogPartition;
  /** The position before the first of the events. */
  after: number;
  /** As they were appended, with their positions. */
  events: (MadeEvent & { position: number })[];
}

/** Appends events that lie in one partition, such as those of one stream, and finds it. */
export async function appendStretch(on: Installation, events: readonly MadeEvent[]): Promise<Stretch> {
  const marks = await marksOf(on, [events[0]!.type]);
  await on.append(events);
  for (const partition of await on.log.partitionsOf([events[0]!.type])) {
    const after = marks.get(partition.name)!;
    const end = await partition.end();
    if (end === after) continue;
    // What was appended last ends the partition, without a hole before it.
    const first = end - events.length + 1;
    return { partition, after: first - 1, events: events.map((event, i) => ({ ...event, position: first + i })) };
  }
  throw new Error('What was appended has moved the end of no partition.');
}

/** A promise that must be kept in time. */
export async function inTime<T>(promise: Promise<T>, what: string, patienceMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Not within ${patienceMs} ms: ${what}.`)), patienceMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
