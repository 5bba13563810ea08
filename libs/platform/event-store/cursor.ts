import { Problem } from '../kernel/problem.js';
import type { StoreIdentity } from './epoch.js';

/** A place in the log: everything up to and with `position` was seen. `seq` tells where that is within one stream. */
export interface Place {
  position: number;
  seq?: number;
}

/** Of no workspace, as all were first, and still those of the root key; and of one. */
const UNBOUND = { version: 1, size: 19 };
const BOUND = { version: 2, size: 23 };
const MOST_SEQ = 2_147_483_647;
const bytes = Buffer.alloc(BOUND.size);

/**
 * The public cursor: version, the store's first four bytes, epoch, position, a stream's seq, and the last four bytes of
 * the workspace's id, in base64url (RFC 4648, section 5). Opaque to clients, the same for every transport, and kept
 * through a move to Kafka. One of no workspace, null, lacks these four bytes.
 */
export function encodeCursor(store: StoreIdentity, place: Place, workspace: string | null): string {
  const { version, size } = workspace === null ? UNBOUND : BOUND;
  bytes.writeUInt8(version, 0);
  bytes.write(store.id.slice(0, 8), 1, 'hex');
  bytes.writeUInt16BE(store.epochs.at(-1)?.epoch ?? 0, 5);
  bytes.writeUInt32BE(Math.floor(place.position / 2 ** 32), 7);
  bytes.writeUInt32BE(place.position % 2 ** 32, 11);
  bytes.writeUInt32BE(place.seq ?? 0, 15);
  if (workspace !== null) bytes.write(workspace.slice(-8), UNBOUND.size, 'hex');
  return bytes.toString('base64url', 0, size);
}

/** Which of a request's fields holds a cursor, and what to do where it is none. */
const HELD_IN = {
  cursor: { subject: 'The cursor', advice: 'Begin again without a cursor.' },
  wait_for: { subject: 'The cursor in `wait_for`', advice: 'Send the `Heddle-Position` of a write, or leave it out.' },
} as const;

export interface CursorReader {
  /** Whose cursor it must be, where it is bound; null takes anybody's. */
  workspace: string | null;
  /** Where it stands in the request. */
  field?: keyof typeof HELD_IN;
}

/**
 * Throws `invalid_cursor` for text that is no cursor of this store, or one of another workspace, and `cursor_diverged` for
 * a position that a restore or a failover has undone since.
 */
export function decodeCursor(store: StoreIdentity, text: string, { workspace, field = 'cursor' }: CursorReader): Place {
  const { subject, advice } = HELD_IN[field];
  const bytes = Buffer.from(text, 'base64url');
  const isBound = bytes.length === BOUND.size;
  const isOne =
    (isBound || bytes.length === UNBOUND.size) &&
    bytes[0] === (isBound ? BOUND : UNBOUND).version &&
    bytes.readUInt32BE(15) <= MOST_SEQ;
  if (!isOne || bytes.toString('base64url') !== text) {
    throw new Problem('invalid_cursor', `${subject} is not one that this API gave. ${advice}`);
  }
  if (bytes.toString('hex', 1, 5) !== store.id.slice(0, 8)) {
    throw new Problem('invalid_cursor', `${subject} is from another installation. ${advice}`);
  }
  if (isBound && workspace !== null && bytes.toString('hex', UNBOUND.size) !== workspace.slice(-8)) {
    throw new Problem('invalid_cursor', `${subject} is from another workspace. ${advice}`);
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
