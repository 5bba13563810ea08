import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { TAKE_APPEND_LOCK } from '../event-store/append-lock.js';
import { newClient } from '../postgres/client.js';
import type { Projection } from '../projections/projection.js';
import { defaultKeysFile } from './backup.js';
import { BackupError } from './backup-error.js';
import { type KeysHeader, loadKeys, readKeysHeader, verifyKeys } from './keys-file.js';
import { type Manifest, type ManifestPart, readManifest } from './manifest.js';
import { digestOf, readPart } from './part-file.js';
import { counting, type OnProgress } from './progress.js';
import { quoted, SAME_TEXT_EVERYWHERE } from './source-tables.js';

export interface RestoreOptions {
  /** The newest keys file of the store; `<directory>.keys` if not given. */
  keysFile?: string;
  /** Brings roles, schemas and tables about: what the server does at its start. */
  migrate(adminUrl: string): Promise<void>;
  /** Every read model of the installation. */
  projections: readonly Projection[];
  /** Builds one of them from the log. */
  rebuild(adminUrl: string, projection: Projection): Promise<{ events: number; rows: number }>;
  onProgress?: OnProgress;
}

export interface RestoreSummary {
  storeId: string;
  lastPosition: number;
  /** The store's new life: cursors past `lastPosition` from an older one are refused. */
  epoch: number;
  /** Rows a table, such as `log.events`. */
  rows: Record<string, number>;
  keys: number;
  /** Rows a projection. */
  readModels: Record<string, number>;
  seconds: number;
}

/**
 * Brings a backup back into an empty database of any Postgres that Heddle takes, whichever it came from: nothing is
 * written before every file's SHA-256 was compared, and the log and the keys come in one transaction. Then the read
 * models are built; a restore that is interrupted there has the whole log, and `heddle projection rebuild` does the rest.
 * Throws BackupError of one line.
 */
export async function restore(adminUrl: string, directory: string, options: RestoreOptions): Promise<RestoreSummary> {
  const started = Date.now();
  const { onProgress } = options;
  const folder = resolve(directory);
  const keysFile = resolve(options.keysFile ?? defaultKeysFile(folder));
  const manifest = await readManifest(folder);
  const keys = await keysFor(manifest, keysFile);
  for (const part of manifest.parts) await verifyPart(folder, part, onProgress);
  await verifyKeys(keysFile, keys, counting(onProgress, 'verify', 'keys', keys.bytes));

  const client = newClient({ connectionString: adminUrl, application_name: 'heddle restore' });
  client.on('error', () => undefined);
  await client.connect();
  let epoch: number;
  try {
    const present = await client.query<{ there: boolean }>(`select to_regclass('log.store') is not null as there`);
    if (present.rows[0]!.there) await refuseUnlessEmpty(client);
    await options.migrate(adminUrl);
    await refuseUnlessKnown(client, manifest);
    await client.query(`begin; ${SAME_TEXT_EVERYWHERE}`);
    // The append's own lock: no server that is running by mistake writes between the look and the load.
    await client.query(TAKE_APPEND_LOCK);
    await loadTables(client, folder, manifest, onProgress);
    await goOnBeyondGivenIds(client);
    await loadKeys(client, keysFile, keys, counting(onProgress, 'load', 'keys', keys.bytes));
    await withholdNothingToCome(client);
    epoch = await beginEpoch(client, manifest);
    await client.query('commit');
    for (const { table } of manifest.parts) await client.query(`analyze ${qualified(table)}`);
  } finally {
    await client.end().catch(() => undefined);
  }

  const readModels: Record<string, number> = {};
  for (const projection of options.projections) {
    onProgress?.({ step: 'rebuild', name: projection.name, bytes: 0, of: null });
    try {
      readModels[projection.name] = (await options.rebuild(adminUrl, projection)).rows;
    } catch (error) {
      const left = options.projections.slice(options.projections.indexOf(projection)).map(({ name }) => name);
      throw new BackupError(
        `The log and the keys are in, and the read model ${projection.name} could not be made: ${(error as Error).message}. Before Heddle is started, run \`heddle projection rebuild\` for ${left.join(', ')}.`,
      );
    }
  }
  return {
    storeId: manifest.store_id,
    lastPosition: manifest.last_position,
    epoch,
    rows: Object.fromEntries(manifest.parts.map((part) => [part.table, part.rows])),
    keys: keys.rows,
    readModels,
    seconds: (Date.now() - started) / 1000,
  };
}

function qualified(table: string): string {
  return table.split('.').map(quoted).join('.');
}

async function keysFor(manifest: Manifest, keysFile: string): Promise<KeysHeader> {
  const keys = await readKeysHeader(keysFile);
  if (keys === null) {
    throw new BackupError(
      `The keys file ${keysFile} does not exist, and without it no name can be read: name the newest one.`,
    );
  }
  if (keys.store_id !== manifest.store_id) {
    throw new BackupError(
      `The keys file ${keysFile} is of another store than the backup: name the store's newest one.`,
    );
  }
  if (keys.taken_at < manifest.taken_at || keys.destructions < manifest.destructions) {
    throw new BackupError(
      `The keys file ${keysFile} is older than the backup: people erased in between would come back, and new ones could ` +
        "not be read. Name the store's newest one.",
    );
  }
  return keys;
}

async function verifyPart(folder: string, part: ManifestPart, onProgress: OnProgress | undefined): Promise<void> {
  const path = join(folder, part.file);
  const size = await stat(path).then(
    (file) => file.size,
    () => null,
  );
  const again = 'take the backup from another copy';
  if (size === null) throw new BackupError(`${path} is missing: ${again}.`);
  if (size !== part.bytes)
    throw new BackupError(`${path} has ${size} bytes, the manifest says ${part.bytes}: ${again}.`);
  const { sha256 } = await digestOf(path, counting(onProgress, 'verify', part.table, part.bytes));
  if (sha256 !== part.sha256)
    throw new BackupError(`${path} was altered, its SHA-256 is not the manifest's: ${again}.`);
}

async function refuseUnlessEmpty(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ store: string | null; events: boolean }>(
    'select (select id from log.store) as store, exists (select from log.events) as events',
  );
  if (rows[0]!.store === null && !rows[0]!.events) return;
  throw new BackupError(
    `The database holds a store already (${rows[0]!.store ?? 'with events'}): restore into an empty database, or a new data directory.`,
  );
}

async function refuseUnlessKnown(client: pg.Client, manifest: Manifest): Promise<void> {
  const { rows } = await client.query<{ name: string }>('select name from heddle.migrations');
  const known = new Set(rows.map((row) => row.name));
  const unknown = manifest.migrations.find((name) => !known.has(name));
  if (unknown !== undefined) {
    throw new BackupError(
      `The backup was made by a newer Heddle (this one has no ${unknown}): restore it with that version or a later one.`,
    );
  }
}

async function loadTables(
  client: pg.Client,
  folder: string,
  manifest: Manifest,
  onProgress: OnProgress | undefined,
): Promise<void> {
  // COPY does not go through row-level security, which is forced on the owner too. Until the commit nobody sees it off.
  const forced = await client.query<{ name: string }>(
    `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = 'log' and c.relforcerowsecurity`,
  );
  for (const { name } of forced.rows) await client.query(`alter table ${name} no force row level security`);
  await refuseUnlessEmpty(client);
  if (manifest.parts.some(({ table }) => table.startsWith('registry.'))) await makeRoomInRegistry(client);
  // The migrations put a new store's home there; this one's may be another.
  if (manifest.parts.some(({ table }) => table === 'log.home')) await client.query('delete from log.home');
  for (const part of manifest.parts) {
    const columns = part.columns.map(quoted).join(', ');
    const rows = client.query(copyFrom(`copy ${qualified(part.table)} (${columns}) from stdin`));
    await readPart(join(folder, part.file), rows, counting(onProgress, 'load', part.table, part.bytes));
    if (rows.rowCount !== part.rows) {
      throw new BackupError(
        `${part.file} holds ${rows.rowCount} rows, the manifest says ${part.rows}: take another copy.`,
      );
    }
  }
  for (const { name } of forced.rows) await client.query(`alter table ${name} force row level security`);
}

/** The migrations put the registry's first number there. */
async function makeRoomInRegistry(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ schemas: boolean }>('select exists (select from registry.schemas) as schemas');
  if (rows[0]!.schemas) {
    throw new BackupError(
      'The database holds schemas already: restore into an empty database, or a new data directory.',
    );
  }
  await client.query('delete from registry.settings');
  await client.query('delete from registry.numbers');
}

/** More schemas than anybody registers between a backup and its restore. */
const IDS_LEFT_OUT = 1000;

/**
 * A keys file that is newer than the backup knows of redactions that the restored log does not: other events will get the
 * numbers of those that they are about.
 */
async function withholdNothingToCome(client: pg.Client): Promise<void> {
  await client.query(`
    delete from keys.withheld w
     where w.seq > coalesce((select s.version from log.streams s where s.stream = right(w.stream, 32)::uuid), 0)`);
}

/** An id that was given after the backup may stand before messages on Kafka: it must not come to mean another schema. */
async function goOnBeyondGivenIds(client: pg.Client): Promise<void> {
  await client.query(`update registry.numbers set latest_id = least(latest_id::bigint + ${IDS_LEFT_OUT}, 2147483647)`);
}

/**
 * The restored store's new life, also in the cluster that it came from, where the server would see no difference and
 * would give the positions after the fork a second meaning under the same epoch.
 */
async function beginEpoch(client: pg.Client, manifest: Manifest): Promise<number> {
  const { rows } = await client.query<{ epoch: number }>(
    `insert into log.epochs (epoch, fork_position, system_identifier, timeline)
       select coalesce((select max(epoch) from log.epochs), 0) + 1, $1,
              (select system_identifier::text from pg_control_system()),
              ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::integer
     returning epoch`,
    [manifest.last_position],
  );
  return Number(rows[0]!.epoch);
}
