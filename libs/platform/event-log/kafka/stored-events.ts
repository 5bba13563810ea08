import { NO_FINGERPRINT } from '../../event-codec/codec-errors.js';
import { whyUnread } from '../../kafka/fetch-answers.js';
import { HEADER, readHeaders, unframe } from '../../kafka/frame.js';
import type { StoredEvent } from '../event-log.js';
import { type SchemaIds, UnknownSchemaIdError } from './schema-ids.js';

/** A record as kafkajs gives it, to readers and to consumers. */
export interface LogRecord {
  /** As a decimal text. */
  offset: string;
  value: Buffer | null;
  headers?: Record<string, Buffer | string | (Buffer | string)[] | null | undefined>;
}

/** Whether a record is of one of these types, by its header; one that does not say is of every type. */
export function isOfType(record: LogRecord, types: ReadonlySet<string> | null): boolean {
  if (types === null) return true;
  const type = record.headers?.[HEADER.type];
  return type === undefined || type === null || types.has(type.toString());
}

/**
 * The records' events, undecoded. A record that holds none of this store (its id, 32 hex digits) has NO_FINGERPRINT, and
 * says why in its payload: it fails where it is decoded, alone. Throws where the schema ids cannot be known now, and for a batch that
 * was not read: nobody knows which events are in it, and none may be passed over.
 */
export async function storedEventsOf(
  records: readonly LogRecord[],
  ids: SchemaIds,
  ours: string,
): Promise<StoredEvent[]> {
  const fingerprints = new Map<number, Buffer | UnknownSchemaIdError>();
  const events: StoredEvent[] = [];
  for (const record of records) {
    const unread = whyUnread(record.value);
    if (unread !== null) throw new Error(`Offset ${record.offset}: ${unread}`);
    const { store, position } = readHeaders(record.headers);
    const place = { position: Number(record.offset) + 1, storePosition: store === ours ? (position ?? 0) : 0 };
    if (store !== ours) {
      events.push(noEvent(place, store === null ? NO_STORE : ofAnotherStore(store, ours)));
      continue;
    }
    const framed = framedIn(record);
    if (framed === null) {
      events.push(noEvent(place, 'The value is not a zero byte, the four bytes of a schema id and Avro.'));
      continue;
    }
    const { schemaId, payload } = framed;
    let fingerprint = fingerprints.get(schemaId);
    if (fingerprint === undefined) {
      fingerprint = await fingerprintOf(schemaId, ids);
      fingerprints.set(schemaId, fingerprint);
    }
    events.push(
      fingerprint instanceof UnknownSchemaIdError
        ? noEvent(place, fingerprint.message)
        : { ...place, fingerprint, payload },
    );
  }
  return events;
}

const NO_STORE = 'No relay wrote it: it has no header heddle-store.';

function ofAnotherStore(theirs: string, ours: string): string {
  return `It is of the store ${theirs.slice(0, 32)}, and this is ${ours}: give each installation its own HEDDLE_KAFKA_PREFIX.`;
}

async function fingerprintOf(id: number, ids: SchemaIds): Promise<Buffer | UnknownSchemaIdError> {
  try {
    return await ids.fingerprintOf(id);
  } catch (error) {
    if (error instanceof UnknownSchemaIdError) return error;
    throw error;
  }
}

function framedIn({ value }: LogRecord): ReturnType<typeof unframe> | null {
  try {
    return unframe(value);
  } catch {
    return null;
  }
}

function noEvent(place: Pick<StoredEvent, 'position' | 'storePosition'>, reason: string): StoredEvent {
  return { ...place, fingerprint: NO_FINGERPRINT, payload: Buffer.from(reason) };
}
