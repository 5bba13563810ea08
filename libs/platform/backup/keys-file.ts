import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import type pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { z } from 'zod';
import { BackupError } from './backup-error.js';
import { digestOf, flushNames, readPart, writePart } from './part-file.js';

const FORMAT = 'heddle-keys';
const VERSION = 1;
const HEADER_BYTES = 1024;

const header = z.object({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  taken_at: z.string(),
  store_id: z.string(),
  /** How many keys had been destroyed when it was taken: of two files of a store the one with more is the newer. */
  destructions: z.number(),
  rows: z.number(),
  bytes: z.number(),
  /** Of all that follows the header, in hex. */
  sha256: z.string(),
});

/**
 * The first 1,024 bytes of a keys file: one line of JSON, filled up with spaces. The rest is one zstd stream of COPY's
 * text: kind, id, workspace, subject, key, created, destroyed, number of the destruction. Of an event that is withheld:
 * the id of the key, and the event's place as the subject.
 */
export type KeysHeader = z.infer<typeof header>;

const COLUMNS = 'kind, id, workspace, subject, key, created_at, destroyed_at, destruction';

const COPY_OUT = `copy (
  select 'workspace' as kind, workspace as id, workspace, null as subject, key, created_at, destroyed_at, destruction
    from keys.workspace_keys
  union all
  select 'person', id, workspace, subject, wrapped, created_at, destroyed_at, destruction from keys.data_keys
  union all
  select 'withheld', key, workspace, stream || '/' || seq, null, withheld_at, withheld_at, destruction from keys.withheld
  order by kind desc, id, subject) to stdout`;

/** Reads the header; null when there is no such file. Throws BackupError for a file of another kind. */
export async function readKeysHeader(path: string): Promise<KeysHeader | null> {
  let file: FileHandle;
  try {
    file = await open(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    throw new BackupError(`The keys file ${path} cannot be read (${code}): name another one.`);
  }
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0);
    return header.parse(JSON.parse(buffer.toString('utf8', 0, bytesRead)));
  } catch {
    throw new BackupError(`${path} is not a keys file that this Heddle can read: name another one.`);
  } finally {
    await file.close();
  }
}

/** Throws BackupError unless the store's keys may take the place of what lies at `path`. */
export async function mayReplaceKeys(path: string, storeId: string, destructions: number): Promise<void> {
  const present = await readKeysHeader(path);
  if (present === null) return;
  if (present.store_id !== storeId) {
    throw new BackupError(`${path} holds the keys of another store: name another keys file.`);
  }
  if (present.destructions > destructions) {
    throw new BackupError(
      `${path} knows of ${present.destructions} destroyed keys, this store of ${destructions}: it is newer, and ` +
        'replacing it would bring people back who were erased. Name another keys file.',
    );
  }
}

/** Replaces the keys file (mode 0600) by the keys as the client's transaction sees them. */
export async function writeKeys(
  client: pg.Client,
  path: string,
  about: Pick<KeysHeader, 'taken_at' | 'store_id' | 'destructions'>,
  onChunk: (chunk: Buffer) => void,
): Promise<KeysHeader> {
  const incoming = `${path}.incoming`;
  await rm(incoming, { force: true });
  const rows = client.query(copyTo(COPY_OUT));
  const digest = await writePart(incoming, rows, onChunk, HEADER_BYTES);
  const written: KeysHeader = { format: FORMAT, version: VERSION, ...about, rows: rows.rowCount, ...digest };
  const file = await open(incoming, 'r+');
  try {
    await file.write(`${JSON.stringify(written).padEnd(HEADER_BYTES - 1)}\n`, 0);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(incoming, path);
  await flushNames(path);
  return written;
}

/** Throws BackupError unless the file is whole. */
export async function verifyKeys(path: string, expected: KeysHeader, onChunk: (chunk: Buffer) => void): Promise<void> {
  const { bytes, sha256 } = await digestOf(path, onChunk, HEADER_BYTES);
  if (bytes === expected.bytes && sha256 === expected.sha256) return;
  throw new BackupError(`The keys file ${path} was altered or cut off: take it from another copy.`);
}

/**
 * Puts a file's keys among those that are there, in the client's transaction. A destroyed key stays destroyed, whichever
 * side knows of it.
 */
export async function loadKeys(
  client: pg.Client,
  path: string,
  about: KeysHeader,
  onChunk: (chunk: Buffer) => void,
): Promise<void> {
  await client.query(`create temporary table incoming_keys (kind text, id uuid, workspace uuid, subject text, key bytea,
    created_at timestamptz, destroyed_at timestamptz, destruction bigint) on commit drop`);
  const incoming = client.query(copyFrom(`copy incoming_keys (${COLUMNS}) from stdin`));
  await readPart(path, incoming, onChunk, HEADER_BYTES);
  const { rows } = await client.query<{ workspace: string }>(`
    select i.workspace from incoming_keys i join keys.workspace_keys k on k.workspace = i.workspace
     where i.kind = 'workspace' and i.key <> k.key limit 1`);
  if (rows[0] !== undefined) {
    throw new BackupError(
      `The database has another key for the workspace ${rows[0].workspace} than the keys file: restore into an empty one.`,
    );
  }
  await client.query(`
    insert into keys.workspace_keys as here (workspace, key, created_at, destroyed_at, destruction)
      select workspace, key, created_at, destroyed_at, destruction from incoming_keys where kind = 'workspace'
    on conflict (workspace) do update
      set key = null, destroyed_at = excluded.destroyed_at, destruction = excluded.destruction
      where here.key is not null and excluded.key is null`);
  // A tombstone made for a person without a key has an id that no event knows: it takes the id of the key it stops.
  await client.query(`
    insert into keys.data_keys as here (id, workspace, subject, wrapped, created_at, destroyed_at, destruction)
      select id, workspace, subject, key, created_at, destroyed_at, destruction from incoming_keys where kind = 'person'
    on conflict on constraint data_keys_one_per_subject do update
      set id = excluded.id, wrapped = null,
          destroyed_at = coalesce(here.destroyed_at, excluded.destroyed_at),
          destruction = coalesce(here.destruction, excluded.destruction)
      where here.wrapped is null or excluded.wrapped is null`);
  await client.query(`
    insert into keys.withheld (stream, seq, workspace, key, withheld_at, destruction)
      select split_part(subject, '/', 1), split_part(subject, '/', 2)::integer, workspace, id, created_at, destruction
        from incoming_keys where kind = 'withheld'
    on conflict do nothing`);
  await client.query('update keys.destructions set latest = greatest(latest, $1)', [about.destructions]);
}
