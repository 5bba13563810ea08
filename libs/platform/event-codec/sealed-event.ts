import type { DomainEvent, EventMeta } from '../kernel/event.js';

/** `heddle.Sealed`: `ciphertext` is nonce (12 bytes), AES-256-GCM text, tag (16 bytes). */
export interface Sealed {
  key_id: Buffer;
  ciphertext: Buffer;
}

/** A decoded event whose personal fields are still `Sealed` (or null). */
export interface SealedEvent {
  type: string;
  meta: EventMeta;
  data: Record<string, unknown>;
}

/** An event whose personal fields are plain text, or `erased`. */
export interface OpenEvent extends DomainEvent<string, Record<string, unknown>> {
  meta: EventMeta;
}

/** Avro bytes, and the fingerprint (16 bytes) of the schema they were written with. */
export interface EncodedEvent {
  fingerprint: Buffer;
  payload: Buffer;
}
