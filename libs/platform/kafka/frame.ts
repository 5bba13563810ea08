import { Buffer } from 'node:buffer';

const MAGIC = 0;
/** A zero byte and the schema's id. */
export const FRAME_BYTES = 5;

export class MalformedFrameError extends Error {
  override name = 'MalformedFrameError';
}

/**
 * Confluent's wire format: a zero byte, the id that the registry gave the schema (int32, big-endian), the bytes.
 * https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop/index.html#wire-format
 */
export function frame(schemaId: number, payload: Buffer): Buffer {
  const framed = Buffer.allocUnsafe(FRAME_BYTES + payload.length);
  framed[0] = MAGIC;
  framed.writeInt32BE(schemaId, 1);
  payload.copy(framed, FRAME_BYTES);
  return framed;
}

/** The payload shares the memory of the frame. Throws MalformedFrameError for what is no frame. */
export function unframe(framed: Buffer | null): { schemaId: number; payload: Buffer } {
  if (framed === null || framed.length < FRAME_BYTES || framed[0] !== MAGIC) {
    throw new MalformedFrameError('The value does not begin with a zero byte and a schema id of four bytes.');
  }
  return { schemaId: framed.readInt32BE(1), payload: framed.subarray(FRAME_BYTES) };
}

export const HEADER = {
  eventId: 'heddle-event-id',
  type: 'heddle-type',
  store: 'heddle-store',
  position: 'heddle-position',
  traceparent: 'traceparent',
} as const;

/** What the headers say of a record. A field is null where there is no such header. */
export interface HeaderFields {
  eventId: string | null;
  type: string | null;
  /** The store's id, 32 hex digits. */
  store: string | null;
  /** The event's place in its store. */
  position: number | null;
  traceparent: string | null;
}

export function readHeaders(headers: Readonly<Record<string, unknown>> | undefined): HeaderFields {
  const text = (name: string) => {
    const value = headers?.[name];
    return value === undefined || value === null ? null : String(value);
  };
  const position = text(HEADER.position);
  return {
    eventId: text(HEADER.eventId),
    type: text(HEADER.type),
    store: text(HEADER.store),
    position: position !== null && /^[1-9]\d{0,15}$/.test(position) ? Number(position) : null,
    traceparent: text(HEADER.traceparent),
  };
}
