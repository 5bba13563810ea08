import { Buffer } from 'node:buffer';
import type { EventSchema } from '../../contract/event-schema.js';
import { frame, HEADER } from '../kafka/frame.js';
import type { RecordToSend } from '../kafka/kafkajs-cluster.js';
import { PARTITIONS, type Topics } from '../kafka/topics.js';
import { STREAM_TYPES } from '../kernel/id.js';
import type { Connection } from '../postgres/connection.js';
import { EnvelopeReader } from './envelope.js';
import { partitionOf } from './murmur2.js';
import type { StoreRow } from './store-reader.js';

/** A record, and where it belongs. */
export interface PlacedRecord {
  topic: string;
  partition: number;
  position: number;
  record: RecordToSend;
}

/** An event whose schema has no id here: a newer version wrote it, or the registry has yet to be asked. */
export class NoSchemaIdError extends Error {
  override name = 'NoSchemaIdError';
}

/** How many events of a stream are looked at for one that names it. */
const SIBLINGS = 20;

/**
 * Makes Kafka's records of the store's rows (docs/decisions/0015). Bytes that are no event of their schema are carried,
 * too, without the headers that only they could fill: what to do with them is the readers' to say.
 */
export class RecordMaker {
  private readonly topics = new Map<string, string>();
  private readonly envelopes: EnvelopeReader;
  /** As it is in each record's header. */
  private readonly store: Buffer;

  constructor(
    contract: readonly EventSchema[],
    names: Topics,
    /** 32 hex digits. */
    store: string,
    /** Registry ids by fingerprint. */
    private readonly ids: ReadonlyMap<string, number>,
    private readonly connection: Connection,
  ) {
    this.envelopes = new EnvelopeReader(contract);
    this.store = Buffer.from(store);
    for (const { fingerprint, domain } of contract) this.topics.set(fingerprint, names.of(domain));
  }

  /** Throws NoSchemaIdError. */
  async make(row: StoreRow): Promise<PlacedRecord> {
    return this.makeAtOnce(row) ?? this.place(row, await this.streamOf(row), null);
  }

  /** Null for bytes that are not of their schema: those need a look at their stream. Throws NoSchemaIdError. */
  makeAtOnce(row: StoreRow): PlacedRecord | null {
    const envelope = this.envelopes.read(row.fingerprint, row.payload);
    return envelope === null && this.topics.has(row.fingerprint)
      ? null
      : this.place(row, envelope?.stream ?? '', envelope);
  }

  /** The id that the envelope of these bytes has; null where it cannot be read. */
  eventIdOf(row: Pick<StoreRow, 'fingerprint' | 'payload'>): string | null {
    return this.envelopes.read(row.fingerprint, row.payload)?.id ?? null;
  }

  private place(row: StoreRow, stream: string, envelope: ReturnType<EnvelopeReader['read']>): PlacedRecord {
    const { position, fingerprint, payload } = row;
    const [topic, id] = [this.topics.get(fingerprint), this.ids.get(fingerprint)];
    if (topic === undefined || id === undefined) {
      const why =
        topic === undefined
          ? 'a newer version wrote it: start the relay of that version'
          : 'no registry gave it an id yet';
      throw new NoSchemaIdError(`The event at position ${position} (${row.type}) has a schema without an id; ${why}.`);
    }
    const key = Buffer.from(stream);
    const headers: RecordToSend['headers'] = {};
    if (envelope !== null) headers[HEADER.eventId] = envelope.id;
    headers[HEADER.type] = row.type;
    headers[HEADER.store] = this.store;
    headers[HEADER.position] = String(position);
    if (envelope !== null && envelope.traceparent !== null) headers[HEADER.traceparent] = envelope.traceparent;
    // Not the event's own: a broker forgets a producer, and with it whom it has shut out, by the times of its records.
    const timestamp = Date.now();
    const record = { key, value: frame(id, payload), headers, timestamp };
    return { topic, partition: partitionOf(key, PARTITIONS), position, record };
  }

  /** As another event of the stream names it; else by the type's noun; else without a prefix. */
  private async streamOf({ stream, type }: StoreRow): Promise<string> {
    const { rows } = await this.connection.query<{ fingerprint: string; payload: Buffer }>({
      text: `select encode(schema_fingerprint, 'hex') as fingerprint, payload from log.events
              where stream = $1 order by seq limit $2`,
      values: [stream, SIBLINGS],
    });
    for (const { fingerprint, payload } of rows) {
      const named = this.envelopes.read(fingerprint, payload);
      if (named !== null) return named.stream;
    }
    const noun = type.slice(0, type.indexOf('.'));
    const prefix = Object.keys(STREAM_TYPES).find((each) => STREAM_TYPES[each] === noun);
    return prefix === undefined ? stream : `${prefix}_${stream}`;
  }
}
