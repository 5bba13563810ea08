import { createSecretKey, randomBytes } from 'node:crypto';
import pg from 'pg';
import { EVENT_SCHEMAS } from '../../contract/generated/event-schemas.js';
import { EventCodec } from '../event-codec/event-codec.js';
import type { EncodedEvent } from '../event-codec/sealed-event.js';
import { idToBytes, newId } from '../kernel/id.js';
import type { DataKey } from '../keys/data-key.js';
import { byteaArray, int4Array, textArray, timestampArray, uuidArray } from '../postgres/binary-array.js';

/** An event as a test states it; what is left out is made up. */
export interface WrittenEvent {
  type: string;
  stream: string;
  data: object;
  /** ms since 1970. */
  occurredAt?: number;
  /** ms since 1970; in the envelope alone. */
  recordedAt?: number;
}

/** Appends events to a store without a write side, with envelopes and the codec of the contract. */
export class LogWriter {
  readonly codec = new EventCodec(EVENT_SCHEMAS);
  /** All personal fields are sealed with this one key, which no database holds. */
  readonly key: DataKey = {
    id: randomBytes(16),
    subject: newId('cus'),
    key: createSecretKey(randomBytes(32)),
    withheld: null,
  };
  private readonly client: pg.Client;
  private readonly seqs = new Map<string, number>();

  constructor(
    url: string,
    readonly workspace = newId('wsp'),
  ) {
    this.client = new pg.Client({ connectionString: url, application_name: 'log writer' });
  }

  async connect(): Promise<this> {
    await this.client.connect();
    return this;
  }

  /** Returns the position of the last one. They are one group: other appends come before or after. */
  async append(events: readonly WrittenEvent[]): Promise<number> {
    return this.appendEncoded(events.map((event) => ({ ...event, ...this.encode(event) })));
  }

  /** Appends bytes that need not be an event at all. */
  async appendEncoded(events: readonly (EncodedEvent & { type: string; stream: string; seq?: number })[]) {
    const now = Date.now();
    const none = { uuid: uuidArray([]), text: textArray([]), int4: int4Array([]), bytea: byteaArray([]) };
    const workspace = idToBytes(this.workspace);
    const { rows } = await this.client.query<{ before: number }>({
      name: 'append',
      text: `select log.append($1::uuid[], $2::uuid[], $3::text[], $4::integer[], $5::integer[], $6::text[],
               $7::uuid[], $8::uuid[], $9::integer[], $10::text[], $11::timestamptz[], $12::bytea[], $13::bytea[],
               $14::uuid[], $15::uuid[], $16::integer[], $17::bytea[], $18::integer[], $19::integer[],
               $20::uuid[], $21::uuid[], $22::uuid[]) as before`,
      values: [
        ...[none.uuid, none.uuid, none.text, none.int4, none.int4, none.text],
        uuidArray(events.map(() => workspace)),
        uuidArray(events.map(({ stream }) => idToBytes(stream))),
        int4Array(events.map(({ seq, stream }) => seq ?? this.nextSeq(stream))),
        textArray(events.map(({ type }) => type)),
        timestampArray(events.map(() => now)),
        byteaArray(events.map(({ fingerprint }) => fingerprint)),
        byteaArray(events.map(({ payload }) => payload)),
        ...[none.uuid, none.uuid, none.int4, none.bytea, none.int4, none.int4, none.uuid, none.uuid, none.uuid],
      ],
    });
    return Number(rows[0]!.before) + events.length;
  }

  async close(): Promise<void> {
    await this.client.end();
  }

  private encode({
    type,
    stream,
    data,
    occurredAt = Date.now(),
    recordedAt = Date.now(),
  }: WrittenEvent): EncodedEvent & { seq: number } {
    const seq = this.nextSeq(stream);
    const meta = {
      id: newId('evt'),
      workspace: this.workspace,
      stream,
      seq,
      type,
      occurred_at: occurredAt,
      recorded_at: recordedAt,
      actor: { type: 'system', id: 'test', on_behalf_of: null },
      correlation_id: null,
      causation_id: null,
      traceparent: null,
      ext: {},
    };
    return { seq, ...this.codec.encode(type, meta, data, this.key) };
  }

  private nextSeq(stream: string): number {
    const seq = (this.seqs.get(stream) ?? 0) + 1;
    this.seqs.set(stream, seq);
    return seq;
  }
}
