import { Problem } from '../kernel/problem.js';
import type { StoreIdentity } from './epoch.js';

/** A place in the log: everything up to and with `position` was seen. `seq` tells where that is within one stream. */
export interface Place {
  position: number;
  seq?: number;
}

const VERSION = 1;
const SIZE = 19;
const MOST_SEQ = 2_147_483_647;

/**
 * The public cursor: version, the store's first four bytes, epoch, position and a stream's seq, in base64url
 * (RFC 4648, section 5). Opaque to clients, the same for every transport, and kept through a move to Kafka.
 */
export function encodeCursor(store: StoreIdentity, place: Place): string {
  const bytes = Buffer.alloc(SIZE);
  bytes.writeUInt8(VERSION, 0);
  bytes.write(store.id.slice(0, 8), 1, 'hex');
  bytes.writeUInt16BE(store.epochs.at(-1)?.epoch ?? 0, 5);
  bytes.writeBigUInt64BE(BigInt(place.position), 7);
  bytes.writeUInt32BE(place.seq ?? 0, 15);
  return bytes.toString('base64url');
}

/** Which of a request's fields holds a cursor, and what to do where it is none. */
const HELD_IN = {
  cursor: { subject: 'The cursor', advice: 'Begin again without a cursor.' },
  wait_for: { subject: 'The cursor in `wait_for`', advice: 'Send the `Heddle-Position` of a write, or leave it out.' },
} as const;

/**
 * Throws `invalid_cursor` for text that is no cursor of this store, and `cursor_diverged` for a position that a
 * restore or a failover has undone since.
 */
export function decodeCursor(store: StoreIdentity, text: string, field: keyof typeof HELD_IN = 'cursor'): Place {
  const { subject, advice } = HELD_IN[field];
  const bytes = Buffer.from(text, 'base64url');
  const isOne = bytes.length === SIZE && bytes[0] === VERSION && bytes.readUInt32BE(15) <= MOST_SEQ;
  if (!isOne || bytes.toString('base64url') !== text) {
    throw new Problem('invalid_cursor', `${subject} is not one that this API gave. ${advice}`);
  }
  if (bytes.toString('hex', 1, 5) !== store.id.slice(0, 8)) {
    throw new Problem('invalid_cursor', `${subject} is from another installation. ${advice}`);
  }
  const epoch = bytes.readUInt16BE(5);
  const position = Number(bytes.readBigUInt64BE(7));
  const next = store.epochs.find((later) => later.epoch > epoch && position > later.forkPosition);
  if (next !== undefined) {
    throw new Problem(
      'cursor_diverged',
      `The store was restored to position ${next.forkPosition}, which is before this cursor's: what followed it then ` +
        'is not what follows it now. Read again from a cursor at or before that position, or from the beginning.',
    );
  }
  const seq = bytes.readUInt32BE(15);
  return seq === 0 ? { position } : { position, seq };
}

/** A position that the log has not reached: the store was put back in a way that nobody can see, or somebody made it up. */
export function beyondTheEnd(position: number): Problem {
  return new Problem(
    'cursor_diverged',
    `The cursor stands at ${position}, where this log has no event: the store was put back to an earlier moment. Read ` +
      'again from an older cursor, or from the beginning.',
  );
}
