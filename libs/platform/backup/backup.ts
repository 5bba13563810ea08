import { readdir, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { newClient } from '../postgres/client.js';
import { makeFolder } from '../postgres/make-folder.js';
import { BackupError } from './backup-error.js';
import { mayReplaceKeys, writeKeys } from './keys-file.js';
import { type ManifestPart, writeManifest } from './manifest.js';
import { writePart } from './part-file.js';
import { counting, type OnProgress } from './progress.js';
import { copyOut, SAME_TEXT_EVERYWHERE, SOURCES, type SourceTable, sourceTables } from './source-tables.js';

export interface BackupOptions {
  /** Where the keys go; `<directory>.keys` if not given. An older file of the same store is replaced. */
  keysFile?: string;
  onProgress?: OnProgress;
}

export interface BackupSummary {
  directory: string;
  keysFile: string;
  storeId: string;
  /** The last event that is in it. */
  lastPosition: number;
  /** Rows a table, such as `log.events`. */
  rows: Record<string, number>;
  /** Of all parts, compressed. */
  bytes: number;
  /** Keys of workspaces and people in the keys file, destroyed ones included. */
  keys: number;
  seconds: number;
}

interface Store {
  store_id: string;
  epoch: number;
  last_position: number;
  migrations: string[];
  destructions: number;
  postgres: string;
  taken_at: string;
}

/** Where the keys of a backup lie if nothing else is said. */
export function defaultKeysFile(directory: string): string {
  return `${resolve(directory)}.keys`;
}

/**
 * Copies the whole log and the registry, as one transaction sees them, into a new folder, while the store is in use; and the keys into a
 * file apart from it. The read models are left out: a restore builds them again. Throws BackupError of one line; then,
 * and when it is killed, the folder has no manifest, and is no backup.
 */
export async function backup(adminUrl: string, directory: string, options: BackupOptions = {}): Promise<BackupSummary> {
  const started = Date.now();
  const folder = resolve(directory);
  const keysFile = resolve(options.keysFile ?? defaultKeysFile(folder));
  if (keysFile.startsWith(join(folder, '/'))) {
    throw new BackupError(
      `The keys file ${keysFile} lies in the backup: put it elsewhere, or whoever has the one has all.`,
    );
  }
  await makeFolderFor('the keys file', dirname(resolve(keysFile)));
  await makeEmpty(folder);
  const client = await connect(adminUrl);
  const parts: ManifestPart[] = [];
  try {
    await client.query(`begin isolation level repeatable read, read only; ${SAME_TEXT_EVERYWHERE}`);
    const store = await describe(client);
    await mayReplaceKeys(keysFile, store.store_id, store.destructions);
    const tables = await sourceTables(client);
    for (const table of tables) {
      // Whoever owns the tables is held to their row-level security too, and would silently copy nothing.
      await client.query(`set local role ${SOURCES[table.schema]}`);
      parts.push(await copyTable(client, folder, table, options.onProgress));
      await client.query('reset role');
    }
    const keys = await writeKeys(client, keysFile, store, counting(options.onProgress, 'copy', 'keys', null));
    await client.query('commit');
    await writeManifest(folder, { ...store, parts });
    return {
      directory: folder,
      keysFile,
      storeId: store.store_id,
      lastPosition: store.last_position,
      rows: Object.fromEntries(parts.map((part) => [part.table, part.rows])),
      bytes: parts.reduce((sum, part) => sum + part.bytes, 0),
      keys: keys.rows,
      seconds: (Date.now() - started) / 1000,
    };
  } catch (error) {
    for (const name of await readdir(folder)) await rm(join(folder, name), { force: true });
    throw error;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/**
 * Replaces the keys file by the keys as they are now. After an erasure this is what ends it: until then the file still
 * holds the destroyed key. Returns the number of keys.
 */
export async function backupKeys(adminUrl: string, keysFile: string): Promise<number> {
  await makeFolderFor('the keys file', dirname(resolve(keysFile)));
  const client = await connect(adminUrl);
  try {
    await client.query(`begin isolation level repeatable read, read only; ${SAME_TEXT_EVERYWHERE}`);
    const store = await describe(client);
    await mayReplaceKeys(keysFile, store.store_id, store.destructions);
    return (await writeKeys(client, keysFile, store, () => undefined)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function connect(adminUrl: string): Promise<pg.Client> {
  const client = newClient({ connectionString: adminUrl, application_name: 'heddle backup' });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

async function makeFolderFor(what: string, path: string): Promise<void> {
  try {
    await makeFolder(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code === 'EEXIST' || code === 'ENOTDIR' ? 'a file is in its way' : (code ?? message);
    throw new BackupError(`The folder ${path} for ${what} cannot be made (${reason}): name another one.`);
  }
}

async function makeEmpty(folder: string): Promise<void> {
  await makeFolderFor('the backup', folder);
  if ((await readdir(folder)).length > 0) {
    throw new BackupError(`${folder} is not empty: name a new folder for this backup, or delete that one.`);
  }
}

async function describe(client: pg.Client): Promise<Store> {
  const present = await client.query<{ there: boolean }>(`select to_regclass('log.store') is not null as there`);
  const { rows } = present.rows[0]!.there ? await client.query<Record<keyof Store, string>>(DESCRIBE) : { rows: [] };
  const row = rows[0];
  if (row === undefined) {
    throw new BackupError('The database holds no store yet: start Heddle on it once, or correct DATABASE_URL.');
  }
  await client.query('set local role heddle_log_writer');
  const last = await client.query<{ last: string }>('select coalesce(max(position), 0)::text as last from log.events');
  await client.query('reset role');
  return {
    taken_at: new Date().toISOString(),
    store_id: row.store_id,
    epoch: Number(row.epoch),
    last_position: Number(last.rows[0]!.last),
    postgres: row.postgres,
    migrations: JSON.parse(row.migrations),
    destructions: Number(row.destructions),
  };
}

const DESCRIBE = `
select s.id as store_id, current_setting('server_version') as postgres,
       (select coalesce(max(epoch), 0)::text from log.epochs) as epoch,
       (select latest::text from keys.destructions) as destructions,
       (select coalesce(json_agg(name order by name), '[]')::text from heddle.migrations
         where name like 'log:%' or name like 'keys:%' or name like 'registry:%') as migrations
  from log.store s`;

async function copyTable(
  client: pg.Client,
  folder: string,
  table: SourceTable,
  onProgress: OnProgress | undefined,
): Promise<ManifestPart> {
  const name = `${table.schema}.${table.name}`;
  const file = `${name}.copy.zst`;
  const rows = client.query(copyTo(copyOut(table)));
  const digest = await writePart(join(folder, file), rows, counting(onProgress, 'copy', name, null));
  return { table: name, file, columns: table.columns, rows: rows.rowCount, ...digest };
}
