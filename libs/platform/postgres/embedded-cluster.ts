import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DataDirectoryError } from './data-directory.js';
import type { PostgresBinaries } from './embedded-binaries.js';
import { postgresEnvironment } from './embedded-environment.js';
import { giveTo, type Identity } from './embedded-identity.js';

export const SUPERUSER = 'postgres';

/** Runs a program to its end as the identity; rejects with what it said on standard error. */
function runAs(identity: Identity, command: string, args: string[]): Promise<void> {
  const [first, ...rest] = [...identity.prefix, command, ...args];
  return new Promise((resolve, reject) => {
    const child = spawn(first!, rest, {
      uid: identity.uid,
      gid: identity.gid,
      env: postgresEnvironment(),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.on('data', (chunk) => {
      said += chunk;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(said.trim().replaceAll(/\s*\n\s*/g, '; ') || `ended with ${signal ?? code}`));
    });
  });
}

/** Throws DataDirectoryError when the cluster was made by another major version of Postgres than the one at hand. */
export function checkClusterVersion(cluster: string, major: number): void {
  const made = readFileSync(join(cluster, 'PG_VERSION'), 'utf8').trim();
  if (made !== String(major)) {
    throw new DataDirectoryError(
      `${cluster} was made by Postgres ${made}, this Heddle brings ${major}: back it up with the Heddle that made it (npx heddle backup), then restore into a new data directory.`,
    );
  }
}

/**
 * Makes the cluster at `cluster` when there is none: UTF-8, sorted by code point, passwords by SCRAM-SHA-256 for every
 * connection. It is made beside its place and renamed, so that a kill leaves no half-made one.
 */
export async function ensureCluster(
  cluster: string,
  binaries: PostgresBinaries,
  identity: Identity,
  password: string,
): Promise<void> {
  const folder = join(cluster, '..');
  for (const name of readdirSync(folder)) {
    if (name.startsWith('postgres-making-')) rmSync(join(folder, name), { recursive: true, force: true });
  }
  if (existsSync(cluster)) return checkClusterVersion(cluster, binaries.major);

  const making = join(folder, `postgres-making-${randomBytes(4).toString('hex')}`);
  mkdirSync(making, { mode: 0o700 });
  const passwordFile = join(making, 'password');
  const incoming = join(making, 'cluster');
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  giveTo(identity, making);
  const ctype = process.platform === 'linux' ? 'C.UTF-8' : process.platform === 'darwin' ? 'en_US.UTF-8' : 'C';
  try {
    await runAs(identity, binaries.initdb, [
      ...['-D', incoming, '--username', SUPERUSER, '--pwfile', passwordFile, '--auth=scram-sha-256'],
      ...['--encoding=UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C'],
      `--lc-ctype=${ctype}`,
    ]);
    renameSync(incoming, cluster);
  } catch (error) {
    throw new DataDirectoryError(
      `Postgres could not make its files in ${folder} (${(error as Error).message}): make room, or set HEDDLE_DATA_DIR to another folder.`,
    );
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
}

/**
 * The binaries where the identity can read them. Only `nobody` may be unable to: it gets a copy (60 MB) in the data
 * directory, which has to be passable for it, and so may not lie under a closed folder such as /root.
 */
export async function readableBinaries(
  dataDir: string,
  binaries: PostgresBinaries,
  identity: Identity,
): Promise<PostgresBinaries> {
  if (identity.kind !== 'nobody') return binaries;
  chmodSync(dataDir, 0o711);
  if (await canRun(binaries.postgres, identity)) return binaries;
  const root = join(dataDir, `postgres-binaries-${binaries.major}`);
  const copied = { ...binaries, root, initdb: join(root, 'bin/initdb'), postgres: join(root, 'bin/postgres') };
  if (existsSync(root) && (await canRun(copied.postgres, identity))) return copied;
  rmSync(root, { recursive: true, force: true });
  cpSync(binaries.root, root, { recursive: true, verbatimSymlinks: true });
  giveTo(identity, root);
  if (await canRun(copied.postgres, identity)) return copied;
  throw new DataDirectoryError(
    `The data directory ${dataDir} cannot be reached by the user with the id ${identity.uid}, as which Postgres has to run here because it refuses root: set HEDDLE_DATA_DIR to a folder such as /var/lib/heddle, or start Heddle as an ordinary user.`,
  );
}

async function canRun(postgres: string, identity: Identity): Promise<boolean> {
  try {
    await runAs(identity, postgres, ['--version']);
    return true;
  } catch {
    return false;
  }
}
