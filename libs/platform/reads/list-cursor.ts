import { hash } from 'node:crypto';
import { Problem } from '../kernel/problem.js';

const MOST_INTEGER = 2_147_483_647;

/**
 * Where a page of a list ends: the last item's key, bound to the list, its filters and the workspace, so that a
 * cursor taken elsewhere is refused and not misread. Pages are stable under inserts. A key that is an id or a time of creation
 * never changes; where it can (`updated_at`, `priority`, `last_message_at`, relevance), what changes its place meanwhile may come
 * twice or not at all.
 */
export class ListCursor {
  private readonly binding: Buffer;

  /** `filters` as validated, without `limit` and `cursor`. */
  constructor(list: string, workspace: string | null, filters: Record<string, unknown> = {}) {
    this.binding = Buffer.from(hash('sha256', JSON.stringify([list, workspace, filters]), 'hex').slice(0, 12), 'hex');
  }

  encode(key: Buffer): string {
    return Buffer.concat([this.binding, key]).toString('base64url');
  }

  /** The key's bytes; null for no cursor. Throws `invalid_cursor`. */
  decode(cursor: string | undefined, keyBytes: number): Buffer | null {
    if (cursor === undefined) return null;
    const bytes = Buffer.from(cursor, 'base64url');
    const bound = bytes.length === 6 + keyBytes && bytes.subarray(0, 6).equals(this.binding);
    if (!bound || bytes.toString('base64url') !== cursor) {
      throw notOfThisList();
    }
    return bytes.subarray(6);
  }

  encodeNumber(key: number): string {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(key);
    return this.encode(bytes);
  }

  /** A key that is a whole number from 0 on, as a column of type integer holds it; null for no cursor. Throws `invalid_cursor`. */
  decodeNumber(cursor: string | undefined): number | null {
    const key = this.decode(cursor, 4)?.readUInt32BE(0) ?? null;
    if (key !== null && key > MOST_INTEGER) throw notOfThisList();
    return key;
  }
}

/** `invalid_cursor`: no list of this API gave it. */
export function notOfThisList(): Problem {
  return new Problem(
    'invalid_cursor',
    'The cursor is not one of this list with these filters. Begin again without a cursor.',
  );
}
