import { NO_FINGERPRINT } from '../../event-codec/codec-errors.js';
import type { StoredEvent } from '../event-log.js';
import { type SchemaIds, UnknownSchemaIdError } from './schema-ids.js';

/** A record as kafkajs gives it, to readers and to consumers. */
export interface LogRecord {
  /** As a decimal text. */
  offset: string;
  value: Buffer | null;
  headers?: Record<string, Buffer | string | (Buffer | string)[] | undefined>;
}

/** Confluent's frame: a zero byte, the schema's id (4 bytes, big-endian), Avro. */
const FRAME = 5;

/** Whether a record is of one of these types, by its header; one that does not say is of every type. */
export function isOfType(record: LogRecord, types: ReadonlySet<string> | null): boolean {
  if (types === null) return true;
  const type = record.headers?.['heddle-type'];
  return type === undefined || types.has(type.toString());
}

/**
 * The records' events, undecoded. A record that holds none has NO_FINGERPRINT, and says why in its payload: it fails
 * where it is decoded, alone. Throws where the schema ids cannot be known now.
 */
export async function storedEventsOf(records: readonly LogRecord[], ids: SchemaIds): Promise<StoredEvent[]> {
  const fingerprints = new Map<number, Buffer | UnknownSchemaIdError>();
  const events: StoredEvent[] = [];
  for (const { offset, value } of records) {
    const position = Number(offset) + 1;
    if (value === null || value.length < FRAME || value[0] !== 0) {
      events.push(noEvent(position, 'The value is not a zero byte, the four bytes of a schema id and Avro.'));
      continue;
    }
    const id = value.readInt32BE(1);
    let fingerprint = fingerprints.get(id);
    if (fingerprint === undefined) {
      fingerprint = await fingerprintOf(id, ids);
      fingerprints.set(id, fingerprint);
    }
    events.push(
      fingerprint instanceof UnknownSchemaIdError
        ? noEvent(position, fingerprint.message)
        : { position, fingerprint, payload: value.subarray(FRAME) },
    );
  }
  return events;
}

async function fingerprintOf(id: number, ids: SchemaIds): Promise<Buffer | UnknownSchemaIdError> {
  try {
    return await ids.fingerprintOf(id);
  } catch (error) {
    if (error instanceof UnknownSchemaIdError) return error;
    throw error;
  }
}

function noEvent(position: number, reason: string): StoredEvent {
  return { position, fingerprint: NO_FINGERPRINT, payload: Buffer.from(reason) };
}
