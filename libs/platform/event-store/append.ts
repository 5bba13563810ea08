import { byteaArray, int4Array, textArray, timestampArray, uuidArray } from '../postgres/binary-array.js';
import type { SqlStatement } from '../postgres/connection.js';

/** A stream's change: the version that its decisions were made on, and what they made of it. Uuids are 16 bytes. */
export interface StreamChange {
  stream: Buffer;
  workspace: Buffer;
  type: string;
  base: number;
  version: number;
  state: string;
}

export interface EventRow {
  workspace: Buffer;
  stream: Buffer;
  seq: number;
  type: string;
  recordedAt: number;
  fingerprint: Buffer;
  payload: Buffer;
}

export interface IdempotencyRow {
  key: Buffer;
  fingerprint: Buffer;
  status: number;
  response: Buffer;
  /** The command's last event, as its index in the group's events; null where it had none. */
  event: number | null;
  etag: number | null;
}

export interface ClaimRow {
  claim: Buffer;
  workspace: Buffer;
  stream: Buffer;
}

/** What is appended together, or not at all. */
export interface Group {
  streams: StreamChange[];
  events: EventRow[];
  idempotency: IdempotencyRow[];
  claims: ClaimRow[];
  /** The store's life that the decisions were made in; null compares nothing. */
  epoch: number | null;
}

/** What stood against an append, as uuids in 32 hex digits. */
export interface Conflict {
  streams: ReadonlySet<string>;
  keys: ReadonlySet<string>;
  claims: ReadonlySet<string>;
  /** The store lives another life: nothing that was known of it holds. */
  epoch: boolean;
}

const APPEND = `select log.append(
  $1::uuid[], $2::uuid[], $3::text[], $4::integer[], $5::integer[], $6::text[],
  $7::uuid[], $8::uuid[], $9::integer[], $10::text[], $11::timestamptz[], $12::bytea[], $13::bytea[],
  $14::uuid[], $15::uuid[], $16::integer[], $17::bytea[], $18::integer[], $19::integer[],
  $20::uuid[], $21::uuid[], $22::uuid[], $23::integer) as before`;

/** The one statement that appends a group; it returns `before`, the position before the group's first event. */
export function appendStatement({ streams, events, idempotency, claims, epoch }: Group): SqlStatement {
  return {
    name: 'append',
    text: APPEND,
    values: [
      uuidArray(streams.map((s) => s.workspace)),
      uuidArray(streams.map((s) => s.stream)),
      textArray(streams.map((s) => s.type)),
      int4Array(streams.map((s) => s.base)),
      int4Array(streams.map((s) => s.version)),
      textArray(streams.map((s) => s.state)),
      uuidArray(events.map((e) => e.workspace)),
      uuidArray(events.map((e) => e.stream)),
      int4Array(events.map((e) => e.seq)),
      textArray(events.map((e) => e.type)),
      timestampArray(events.map((e) => e.recordedAt)),
      byteaArray(events.map((e) => e.fingerprint)),
      byteaArray(events.map((e) => e.payload)),
      uuidArray(idempotency.map((k) => k.key)),
      uuidArray(idempotency.map((k) => k.fingerprint)),
      int4Array(idempotency.map((k) => k.status)),
      byteaArray(idempotency.map((k) => k.response)),
      int4Array(idempotency.map((k) => (k.event === null ? null : k.event + 1))),
      int4Array(idempotency.map((k) => k.etag)),
      uuidArray(claims.map((c) => c.claim)),
      uuidArray(claims.map((c) => c.workspace)),
      uuidArray(claims.map((c) => c.stream)),
      epoch,
    ],
  };
}

/** The conflict that an append was refused for; null for any other error. */
export function conflictOf(error: unknown): Conflict | null {
  const { code, detail } = error as { code?: string; detail?: string };
  if (code !== 'HD001' || detail === undefined) return null;
  const found = JSON.parse(detail) as Record<'streams' | 'keys' | 'claims', string[] | null> & { epoch?: boolean };
  const hex = (uuids: string[] | null) => new Set((uuids ?? []).map((uuid) => uuid.replaceAll('-', '')));
  return { streams: hex(found.streams), keys: hex(found.keys), claims: hex(found.claims), epoch: found.epoch === true };
}
