import { MalformedFrameError } from '../kafka/frame.js';
import { partitionName, type TopicPartitions } from '../kafka/topics.js';
import type { Connection } from '../postgres/connection.js';
import { DivergedError } from './diverged-error.js';
import type { FencedProducer } from './fenced-producer.js';
import { type ArrivedEvent, ForeignRecordError, PartitionTail, type StrangeRecords } from './partition-tail.js';
import type { PlacedRecord, RecordMaker } from './record-maker.js';
import { readStore, type StoreRow } from './store-reader.js';
import type { PartitionMark, Turn } from './turn.js';

const PAGE = { events: 1000, bytes: 4 * 1024 * 1024 };

/**
 * What arrived since the checkpoint, as each partition's mark. Both are read in the order of positions side by side, and
 * must be equal: each partition's last event of the checkpoint is where it was, each event after it that Kafka holds is
 * the store's at that position, and none before a partition's last one is missing. Throws DivergedError where they are not.
 */
export async function recover(
  ...of: Parameters<typeof compareHistories>
): Promise<{ marks: PartitionMark[]; strange: StrangeRecords[] }> {
  const { marks, left, strange } = await compareHistories(...of);
  const first = await earliest(left);
  if (first !== null) {
    throw storeLacks(first.event);
  }
  return { marks: [...marks.values()], strange };
}

export interface ComparedHistories {
  /** What both have, by `<topic>/<partition>`. */
  marks: Map<string, PartitionMark>;
  /** The partitions that go on past the store's end, from there on. */
  left: PartitionTail[];
  /** What no relay wrote, of each partition that has some, as far as it was read. */
  strange: StrangeRecords[];
}

export interface HistoriesToCompare {
  connection: Connection;
  records: RecordMaker;
  /** The store's id, 32 hex digits. */
  store: string;
}

/** Both, as far as the store goes. Throws DivergedError where they differ before the store's end. */
export async function compareHistories(
  producer: FencedProducer,
  turn: Pick<Turn, 'position' | 'marks'>,
  topics: readonly TopicPartitions[],
  of: HistoriesToCompare,
): Promise<ComparedHistories> {
  const found = new Map<string, PartitionMark>();
  const tails = new Map<string, PartitionTail>();
  for (const { topic, partitions } of topics) {
    for (let partition = 0; partition < partitions; partition++) {
      const place = { topic, partition };
      const name = partitionName(place);
      const mark = turn.marks.get(name);
      found.set(name, { ...place, end: mark?.end ?? 0, lastPosition: mark?.lastPosition ?? 0 });
      // From the last event that was acknowledged: it must still be there.
      tails.set(name, new PartitionTail(producer, place, Math.max(0, (mark?.end ?? 0) - 1), of.store));
    }
  }
  try {
    const all = [...tails.values()];
    for (const [name, tail] of tails) await takeLast(tail, found.get(name)!);
    const left = await compare(tails, found, turn.position, of);
    return { marks: found, left, strange: all.flatMap(({ strange }) => strange ?? []) };
  } catch (error) {
    const isStrange = error instanceof ForeignRecordError || error instanceof MalformedFrameError;
    throw isStrange ? new DivergedError(error.message, 'new topics') : error;
  }
}

/** The partition whose next event has the lowest position of all, and that event; null where all are read. */
export async function earliest(
  tails: readonly PartitionTail[],
): Promise<{ tail: PartitionTail; event: ArrivedEvent } | null> {
  let first: { tail: PartitionTail; event: ArrivedEvent } | null = null;
  for (const tail of tails) {
    const event = await tail.peek();
    if (event !== null && (first === null || event.position < first.event.position)) first = { tail, event };
  }
  return first;
}

/**
 * The end alone says nothing of what was lost: each take-over writes to every partition, so that it ends as far on as
 * before.
 */
async function takeLast(tail: PartitionTail, { lastPosition, end }: PartitionMark): Promise<void> {
  if (lastPosition === 0) return;
  const last = await tail.peek();
  if (last?.position !== lastPosition || last.offset !== end - 1) {
    const where = `${partitionName(tail.place)} does not hold the event at position ${lastPosition} at offset ${end - 1}`;
    throw new DivergedError(`${where}, where it was acknowledged: Kafka has lost records`, 'resend');
  }
  tail.take();
}

async function compare(
  tails: Map<string, PartitionTail>,
  found: Map<string, PartitionMark>,
  from: number,
  { connection, records }: { connection: Connection; records: RecordMaker },
): Promise<PartitionTail[]> {
  const left = new Map<string, PartitionTail>();
  for (const [name, tail] of tails) if ((await tail.peek()) !== null) left.set(name, tail);
  for (let position = from; ; ) {
    const { rows, end } = await readStore(connection, position, PAGE);
    if (end < from) {
      throw new DivergedError(
        `the store ends at position ${end}, and Kafka holds its events up to ${from}`,
        'reconcile',
      );
    }
    for (const row of rows) {
      if (left.size === 0) return [];
      const placed = await records.make(row);
      const name = partitionName(placed);
      const mark = found.get(name)!;
      if (row.position <= mark.lastPosition) continue;
      const tail = left.get(name);
      if (tail === undefined) continue;
      const arrived = (await tail.peek())!;
      requireEqual(arrived, row, placed, name, records);
      mark.lastPosition = row.position;
      mark.end = arrived.offset + 1;
      tail.take();
      if ((await tail.peek()) === null) left.delete(name);
    }
    if (left.size === 0) return [];
    if (rows.length === 0) return [...left.values()];
    position = rows.at(-1)!.position;
  }
}

function requireEqual(arrived: ArrivedEvent, row: StoreRow, placed: PlacedRecord, name: string, records: RecordMaker) {
  const { position } = arrived;
  if (position > row.position) {
    const what = `${name} lacks the store's event at position ${row.position}, and goes on with ${position}`;
    throw new DivergedError(what, 'new topics');
  }
  if (position < row.position) throw storeLacks(arrived);
  // Its bytes may have been blanked in the store meanwhile.
  if (arrived.payload.equals(row.payload)) return;
  const id = records.eventIdOf(row);
  if (id === null || id !== arrived.eventId || arrived.key !== placed.record.key.toString()) {
    const what = `Kafka holds the event ${arrived.eventId} at position ${position}, where the store has ${id}`;
    throw new DivergedError(what, 'reconcile');
  }
}

function storeLacks({ eventId, position }: ArrivedEvent): DivergedError {
  const what = `Kafka holds the event ${eventId} at position ${position}, which the store lacks`;
  return new DivergedError(what, 'reconcile');
}
