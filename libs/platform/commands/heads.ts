import { type IdPrefix, idToBytes, prefixOf, STREAM_TYPES, toId } from '../kernel/id.js';
import type { SqlStatement } from '../postgres/connection.js';

/** A stream's version and folded state, as it was when it was read or last appended to by this process. */
export interface Head {
  /** The stream's id. */
  stream: string;
  workspace: string;
  type: string;
  version: number;
  /** As `log.streams` keeps it, or as the decider folded it. */
  state: object | SealedState;
}

/** A state that names a person, before their key has been loaded. */
export interface SealedState {
  sealed: Buffer;
}

export function isSealedState(state: object): state is SealedState {
  return 'sealed' in state && Buffer.isBuffer(state.sealed);
}

interface Session {
  query(statement: SqlStatement): Promise<{ rows: unknown[] }>;
}

interface HeadRow {
  stream: string;
  workspace: string;
  type: string;
  version: number;
  state: string;
}

const SEALED = 'sealed:';

/** Reads heads by their streams' ids; those without events are left out. */
export async function readHeads(session: Session, streams: readonly string[]): Promise<Head[]> {
  const prefixes = new Map(streams.map((id) => [idToBytes(id).toString('hex'), prefixOf(id)]));
  const { rows } = await session.query({
    name: 'heads',
    text: 'select stream, workspace, type, version, state from log.streams where stream = any ($1::uuid[])',
    values: [[...prefixes.keys()]],
  });
  return (rows as HeadRow[]).map((row) => ({
    stream: toId(prefixes.get(row.stream.replaceAll('-', '')) as IdPrefix, row.stream),
    workspace: toId('wsp', row.workspace),
    type: row.type,
    version: row.version,
    state: row.state.startsWith(SEALED)
      ? { sealed: Buffer.from(row.state.slice(SEALED.length), 'base64') }
      : (JSON.parse(row.state) as object),
  }));
}

/**
 * Whether a head is what its stream's id says. Streams are stored without their prefix: `conv_` with the uuid of a
 * customer leads to the customer's head, and to no conversation.
 */
export function isOfItsKind({ stream, type }: Head): boolean {
  return STREAM_TYPES[prefixOf(stream)] === type;
}

export function sealedStateText(sealed: Buffer): string {
  return SEALED + sealed.toString('base64');
}

/**
 * Heads in memory, so that a command on a busy stream reads nothing before it is decided. They may be stale: the
 * append compares versions, and a conflict drops the head. Two generations: what was not used while the younger one
 * filled up goes; a use costs one look-up.
 */
export class HeadCache {
  private young = new Map<string, Head>();
  private old = new Map<string, Head>();

  /** Holds `most` heads at least, and twice as many at most. */
  constructor(private readonly most: number) {}

  get(stream: string): Head | undefined {
    const head = this.young.get(stream);
    if (head !== undefined) return head;
    const survivor = this.old.get(stream);
    if (survivor !== undefined) this.set(survivor);
    return survivor;
  }

  set(head: Head): void {
    if (this.young.size >= this.most && !this.young.has(head.stream)) {
      this.old = this.young;
      this.young = new Map();
    }
    this.young.set(head.stream, head);
  }

  clear(): void {
    this.young.clear();
    this.old.clear();
  }

  drop(stream: string): void {
    this.young.delete(stream);
    this.old.delete(stream);
  }
}
