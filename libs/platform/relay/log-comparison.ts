import { createHash } from 'node:crypto';
import type { EventSchema } from '../../contract/event-schema.js';
import type { EventLog, LogPartition, StoredEvent } from '../event-log/event-log.js';
import { partitionName } from '../kafka/topics.js';
import type { Connection } from '../postgres/connection.js';
import { EnvelopeReader } from './envelope.js';
import type { RecordMaker } from './record-maker.js';
import { readStore, type StoreRow } from './store-reader.js';

export interface ComparisonOptions {
  connection: Connection;
  /** Kafka, as its readers see it. */
  log: EventLog;
  records: RecordMaker;
  contract: readonly EventSchema[];
  /** The store's position through which both are compared. */
  upTo: number;
  onProgress?: (position: number) => void;
}

export interface ComparedLog {
  events: number;
  /** Events by the topic that they lie in. */
  topics: Record<string, number>;
  streams: number;
  /** SHA-256 over position (8 bytes), event id and payload of every event on Kafka, in the store's order; in hex. */
  checksum: string;
}

/** Kafka and the store differ, first at this position of the store. */
export class DifferenceError extends Error {
  override name = 'DifferenceError';

  constructor(
    readonly position: number,
    what: string,
  ) {
    super(`Kafka and the store differ first at position ${position}: ${what}.`);
  }
}

const PAGE = { events: 1000, bytes: 4 * 1024 * 1024 };
const STREAMS_AT_ONCE = 5000;

/**
 * Holds what readers get from Kafka against the store: the same events, each once and at its place, and the last number
 * of every stream. Both are read once, in the store's order. Throws DifferenceError.
 */
export async function compareLogs(options: ComparisonOptions): Promise<ComparedLog> {
  const { connection, log, records, contract, upTo, onProgress } = options;
  const partitions = await log.partitionsOf(contract.map(({ type }) => type));
  const readers = new Map(partitions.map((partition) => [partition.name, new PartitionReader(partition, upTo)]));
  const envelopes = new EnvelopeReader(contract);
  const checksum = createHash('sha256');
  const topics: Record<string, number> = {};
  const lastSeqs = new Map<string, number>();
  let events = 0;
  for (let position = 0; position < upTo; ) {
    const { rows } = await readStore(connection, position, PAGE);
    if (rows.length === 0) break;
    for (const row of rows) {
      if (row.position > upTo) break;
      const { topic, partition } = await records.make(row);
      const reader = readers.get(partitionName({ topic, partition }))!;
      const event = requireEqual(await reader.peek(), row, reader.name);
      reader.take();
      const envelope = envelopes.read(event.fingerprint.toString('hex'), event.payload);
      const place = Buffer.alloc(8);
      place.writeBigInt64BE(BigInt(event.storePosition));
      checksum
        .update(place)
        .update(envelope?.id ?? '')
        .update(event.payload);
      if (envelope !== null) lastSeqs.set(row.stream, envelope.seq);
      topics[topic] = (topics[topic] ?? 0) + 1;
      events++;
    }
    position = rows.at(-1)!.position;
    onProgress?.(Math.min(position, upTo));
  }
  for (const reader of readers.values()) {
    const beyond = await reader.peek();
    if (beyond !== null) {
      throw new DifferenceError(beyond.storePosition, `${reader.name} has an event there that the store lacks`);
    }
  }
  await requireLastSeqs(connection, lastSeqs, upTo);
  return { events, topics, streams: lastSeqs.size, checksum: checksum.digest('hex') };
}

function requireEqual(event: StoredEvent | null, row: StoreRow, name: string): StoredEvent {
  const { position, fingerprint, payload } = row;
  if (event === null || event.storePosition > position) {
    throw new DifferenceError(position, `${name} lacks the store's event`);
  }
  if (event.storePosition < position) {
    throw new DifferenceError(
      event.storePosition,
      `${name} has an event there that is not the store's, or is there twice`,
    );
  }
  if (event.fingerprint.toString('hex') !== fingerprint || !event.payload.equals(payload)) {
    throw new DifferenceError(position, `${name} has another event there than the store`);
  }
  return event;
}

async function requireLastSeqs(connection: Connection, seqs: ReadonlyMap<string, number>, upTo: number): Promise<void> {
  const streams = [...seqs.keys()];
  for (let from = 0; from < streams.length; from += STREAMS_AT_ONCE) {
    const { rows } = await connection.query<{ stream: string; seq: number; position: number }>({
      name: 'last_seqs',
      text: `select replace(stream::text, '-', '') as stream, max(seq) as seq, max(position) as position
               from log.events where stream = any ($1::uuid[]) and position <= $2 group by stream`,
      values: [streams.slice(from, from + STREAMS_AT_ONCE), upTo],
    });
    for (const { stream, seq, position } of rows) {
      if (seqs.get(stream) === seq) continue;
      throw new DifferenceError(Number(position), `the stream ${stream} ends with ${seqs.get(stream)} and not ${seq}`);
    }
  }
}

/** One partition's events up to a position of the store. */
class PartitionReader {
  private held: readonly StoredEvent[] = [];
  private at = 0;
  private after = 0;
  private isRead = false;

  constructor(
    private readonly partition: LogPartition,
    private readonly upTo: number,
  ) {}

  get name(): string {
    return this.partition.name;
  }

  /** The next event, which stays the next one until `take`; null where there is none up to the position. */
  async peek(): Promise<StoredEvent | null> {
    while (this.at === this.held.length && !this.isRead) {
      const { events, scannedTo } = await this.partition.read(this.after, { limit: PAGE.events });
      this.isRead = events.length === 0 && scannedTo === this.after;
      // What no relay wrote has no place in the store.
      this.held = events.filter(({ storePosition }) => storePosition > 0);
      this.at = 0;
      this.after = scannedTo;
    }
    const event = this.held[this.at] ?? null;
    return event === null || event.storePosition > this.upTo ? null : event;
  }

  take(): void {
    this.at++;
  }
}
