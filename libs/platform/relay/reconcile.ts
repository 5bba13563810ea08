import { Buffer } from 'node:buffer';
import type { KafkaConfig } from 'kafkajs';
import type { EventSchema } from '../../contract/event-schema.js';
import { TAKE_APPEND_LOCK } from '../event-store/append-lock.js';
import { partitionName, type Topics } from '../kafka/topics.js';
import { idToBytes } from '../kernel/id.js';
import { byteaArray, int4Array, int8Array, textArray, timestampArray, uuidArray } from '../postgres/binary-array.js';
import type { Connection, SqlStatement } from '../postgres/connection.js';
import { DivergedError } from './diverged-error.js';
import { type Envelope, EnvelopeReader } from './envelope.js';
import { FencedProducer } from './fenced-producer.js';
import { Lease } from './lease.js';
import type { ArrivedEvent } from './partition-tail.js';
import { RecordMaker } from './record-maker.js';
import { compareHistories, earliest } from './recovery.js';
import { Turn } from './turn.js';

/** An event that Kafka has kept and the store has lost. */
export interface ReturningEvent {
  position: number;
  envelope: Envelope;
  /** 32 hex digits. */
  fingerprint: string;
  payload: Buffer;
}

export type Query = (statement: SqlStatement) => Promise<{ rows: unknown[] }>;

export interface ReconcileOptions {
  /** As the owner of the database: it writes the log. */
  connection: Connection;
  kafka: KafkaConfig;
  names: Topics;
  contract: readonly EventSchema[];
  /** Registry ids by the schemas' fingerprints. */
  ids: ReadonlyMap<string, number>;
  /** The store's id, 32 hex digits. */
  store: string;
  /** How long relays leave it alone that says nothing; ms. */
  leaseMs?: number;
  /** Brings heads and claims to where these events take them: only the domains can. Runs in the same transaction. */
  restoreHeads: (query: Query, events: readonly ReturningEvent[]) => Promise<void>;
  /** Tells whoever counts on positions without a gap of those that nobody has any more. Runs in the same transaction. */
  passOver?: (query: Query, positions: readonly number[]) => Promise<void>;
}

export interface Reconciled {
  /** How many events came back. */
  events: number;
  /** The store's last position now. */
  end: number;
  /** Positions of events that were lost with the store before Kafka had them, and before one that it had. */
  missing: number[];
}

const LEASE_MS = 10_000;
const MOST_AT_ONCE = 500;

const INSERT = `
insert into log.events (position, workspace, stream, seq, type, recorded_at, schema_fingerprint, payload)
select * from unnest($1::bigint[], $2::uuid[], $3::uuid[], $4::integer[], $5::text[], $6::timestamptz[], $7::bytea[], $8::bytea[])`;

/** A life that has taken no appends begins where the log ends now. */
const CONFIRM = `
update log.epochs
   set fork_position = case when fork_position = $2 and confirmed_at is null then $1 else fork_position end,
       confirmed_at = coalesce(confirmed_at, now())
 where epoch = (select max(epoch) from log.epochs)`;

/**
 * Brings back what Kafka has and the store lacks, after the store was put back to an earlier moment: the same events at
 * the same positions, byte for byte; all of them, or none. The relay is shut out meanwhile, and goes on by itself.
 *
 * The two must be equal up to the store's end: where the store has taken appends since it was put back, positions mean
 * two things, and DivergedError is thrown before anything is changed. Then the store's present life is confirmed, and
 * begins where the returned history ends: cursors that were given out before it hold. Idempotency records do not come back.
 */
export async function reconcile(options: ReconcileOptions): Promise<Reconciled> {
  const { connection, kafka, names, contract, ids, store, leaseMs = LEASE_MS } = options;
  const turn = (await Turn.begin(connection, 'heddle log reconcile', leaseMs, { isForced: true }))!;
  const topics = names.partitioned;
  const lease = new Lease(turn, leaseMs);
  let producer: FencedProducer | null = null;
  try {
    producer = await FencedProducer.takeOver(kafka, store, topics);
    const records = new RecordMaker(contract, names, store, ids, connection);
    const { marks, left } = await compareHistories(producer, turn, topics, { connection, records, store });
    const envelopes = new EnvelopeReader(contract);
    const fingerprints = new Map([...ids].map(([fingerprint, id]) => [id, fingerprint]));
    const result = await connection.exclusively(async (query) => {
      await query({ text: 'begin' });
      // The append's own lock: positions stay as they are until this is done.
      await query({ text: TAKE_APPEND_LOCK });
      const { rows } = await query({ text: 'select coalesce(max(position), 0) as "end" from log.events' });
      const before = Number((rows[0] as { end: number }).end);
      let end = before;
      const missing: number[] = [];
      let events = 0;
      for (let held: ReturningEvent[] = []; ; ) {
        const next = await earliest(left);
        if (next === null || held.length === MOST_AT_ONCE) {
          if (held.length > 0) await insert(query, held);
          if (held.length > 0) await options.restoreHeads(query, held);
          held = [];
          if (next === null) break;
        }
        const { tail, event } = next;
        if (event.position <= end) {
          const what = `the store has taken another event at position ${event.position} than the one that Kafka holds`;
          throw new DivergedError(what, 'reconcile');
        }
        held.push(returning(event, fingerprints, envelopes));
        for (let position = end + 1; position < event.position; position++) missing.push(position);
        end = event.position;
        events++;
        tail.take();
        const mark = marks.get(partitionName(tail.place))!;
        mark.lastPosition = event.position;
        mark.end = event.offset + 1;
      }
      if (missing.length > 0) await options.passOver?.(query, missing);
      await query({ text: CONFIRM, values: [end, before] });
      await query({ text: `select pg_notify('heddle_log', $1::text)`, values: [end] });
      // A relay that took over meanwhile has compared with what the store was before.
      await turn.requireIn(query);
      await query({ text: 'commit' });
      return { events, end, missing };
    });
    await turn.move(turn.position, [...marks.values()]);
    return result;
  } finally {
    lease.end();
    await producer?.close().catch(() => undefined);
    await turn.end('Kafka and the store were reconciled.').catch(() => undefined);
  }
}

function returning(
  { position, schemaId, payload, eventId }: ArrivedEvent,
  fingerprints: ReadonlyMap<number, string>,
  envelopes: EnvelopeReader,
): ReturningEvent {
  const fingerprint = fingerprints.get(schemaId);
  const envelope = fingerprint === undefined ? null : envelopes.read(fingerprint, payload);
  if (fingerprint === undefined || envelope === null) {
    throw new Error(
      `The event ${eventId} at position ${position} on Kafka has the schema ${schemaId}, and is not of one that this version knows: use the version that wrote it.`,
    );
  }
  return { position, envelope, fingerprint, payload };
}

async function insert(query: Query, events: readonly ReturningEvent[]): Promise<void> {
  await query({
    text: INSERT,
    values: [
      int8Array(events.map(({ position }) => position)),
      uuidArray(events.map(({ envelope }) => idToBytes(envelope.workspace))),
      uuidArray(events.map(({ envelope }) => idToBytes(envelope.stream))),
      int4Array(events.map(({ envelope }) => envelope.seq)),
      textArray(events.map(({ envelope }) => envelope.type)),
      timestampArray(events.map(({ envelope }) => envelope.recordedAt)),
      byteaArray(events.map(({ fingerprint }) => Buffer.from(fingerprint, 'hex'))),
      byteaArray(events.map(({ payload }) => payload)),
    ],
  });
}
