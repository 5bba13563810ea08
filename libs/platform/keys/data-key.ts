import type { KeyObject } from 'node:crypto';

/**
 * The key of one person (a customer, a user) in one workspace: everything that identifies them on the log is sealed
 * with it, and destroying it is what forgets them.
 */
export interface DataKey {
  /** 16 bytes, a UUIDv7; stands beside every sealed field. */
  id: Buffer;
  /** The person's id, such as `cus_…`. */
  subject: string;
  /**
   * 32 bytes for AES-256; null once it was destroyed. A `KeyObject`, for it shows no key to a log or a JSON text, and
   * node:crypto takes 10 µs to make one of raw bytes, three times what sealing a message does.
   */
  key: KeyObject | null;
  /** The events, as `placeOf` names them, whose fields it may not open any more; null for none. */
  withheld: ReadonlySet<string> | null;
}

/** How a place on a stream is named where events are withheld, such as `conv_0198…/7`. */
export function placeOf(stream: string, seq: number): string {
  return `${stream}/${seq}`;
}

/** Keys by their id in 32 hex digits: what `EventCodec.open` reads from. */
export type Keyring = ReadonlyMap<string, DataKey>;
