import { hash } from 'node:crypto';
import { Problem } from '../kernel/problem.js';

/** What Postgres's integer holds. */
const MOST_SEQ = 2_147_483_647;

/**
 * Where a page of a list ends: the last item's key, bound to the list, its filters and the workspace, so that a
 * cursor taken elsewhere is refused and not misread. Keys never change, so pages are stable under inserts.
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
    if (!bound || bytes.toString('base64url') !== cursor) throw invalid();
    return bytes.subarray(6);
  }

  /** Of a list in the order of `seq`. */
  encodeSeq(seq: number): string {
    const key = Buffer.alloc(4);
    key.writeUInt32BE(seq, 0);
    return this.encode(key);
  }

  /** The `seq` after which a page begins; 0 for no cursor. Throws `invalid_cursor`. */
  decodeSeq(cursor: string | undefined): number {
    const seq = this.decode(cursor, 4)?.readUInt32BE(0) ?? 0;
    if (seq > MOST_SEQ) throw invalid();
    return seq;
  }
}

function invalid(): Problem {
  return new Problem(
    'invalid_cursor',
    'The cursor is not one of this list with these filters. Begin again without a cursor.',
  );
}
