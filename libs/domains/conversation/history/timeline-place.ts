import { type ListCursor, notOfThisList } from '../../../platform/reads/list-cursor.js';
import type { ActivityPlace } from './customer-activities.js';

/** Up to where a timeline was read, on both that it is made of. */
export interface TimelinePlace {
  /** On the conversation's stream. */
  seq: number;
  activity: ActivityPlace;
}

/** The first time that Postgres and RFC 3339 both have, and the last. */
const FIRST_MS = Date.parse('0001-01-01T00:00:00Z');
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');
const MOST_INTEGER = 2_147_483_647;

export const BEGINNING: TimelinePlace = { seq: 0, activity: { occurredAt: FIRST_MS, position: 0 } };

const BYTES = 20;

export function encodePlace(list: ListCursor, { seq, activity }: TimelinePlace): string {
  const key = Buffer.alloc(BYTES);
  key.writeUInt32BE(seq);
  key.writeBigInt64BE(BigInt(activity.occurredAt), 4);
  key.writeBigInt64BE(BigInt(activity.position), 12);
  return list.encode(key);
}

/** Throws `invalid_cursor`, also for a place that no timeline can have reached. */
export function decodePlace(list: ListCursor, cursor: string | undefined): TimelinePlace {
  const key = list.decode(cursor, BYTES);
  if (key === null) return BEGINNING;
  const seq = key.readUInt32BE(0);
  const [occurredAt, position] = [Number(key.readBigInt64BE(4)), Number(key.readBigInt64BE(12))];
  const isPlace =
    seq <= MOST_INTEGER &&
    occurredAt >= FIRST_MS &&
    occurredAt <= LAST_MS &&
    position >= 0 &&
    position <= Number.MAX_SAFE_INTEGER;
  if (!isPlace) throw notOfThisList();
  return { seq, activity: { occurredAt, position } };
}
