import { idToBytes, prefixOf, STREAM_TYPES, toId } from '../kernel/id.js';
import type { DataKey } from '../keys/data-key.js';
import { PersonErasedError } from '../keys/key-errors.js';
import type { SqlStatement } from '../postgres/connection.js';
import { isSealedState, openState, parseState, type SealedState } from './sealed-state.js';

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

/** Reads heads by their streams' ids; those without events are left out. */
export async function readHeads(session: Session, streams: readonly string[]): Promise<Head[]> {
  // A uuid may be asked for under several prefixes: whose it is its type tells.
  const ids = Map.groupBy(new Set(streams), (id) => idToBytes(id).toString('hex'));
  const { rows } = await session.query({
    name: 'heads',
    text: 'select stream, workspace, type, version, state from log.streams where stream = any ($1::uuid[])',
    values: [[...ids.keys()]],
  });
  return (rows as HeadRow[]).flatMap((row) =>
    ids.get(row.stream.replaceAll('-', ''))!.map((stream) => ({
      stream,
      workspace: toId('wsp', row.workspace),
      type: row.type,
      version: row.version,
      state: parseState(row.state),
    })),
  );
}

/**
 * Whether a head is what its stream's id says. Streams are stored without their prefix: `conv_` with the uuid of a
 * customer leads to the customer's head, and to no conversation.
 */
export function isOfItsKind({ stream, type }: Head): boolean {
  return STREAM_TYPES[prefixOf(stream)] === type;
}

/** The head with a state to decide on. Throws `PersonErasedError` where the key that would open it is not there. */
export function openHead(head: Head, dataKey: DataKey | null): Head {
  if (!isSealedState(head.state)) return head;
  if (dataKey === null) throw new PersonErasedError(head.stream);
  return { ...head, state: openState(dataKey, head.workspace, head.state) };
}
