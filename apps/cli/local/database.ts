import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { newClient } from '../../../libs/platform/postgres/client.js';
import { openDataDirectory } from '../../../libs/platform/postgres/data-directory.js';
import { checkDataDirectory } from '../../../libs/platform/postgres/data-directory-owner.js';
import { startEmbeddedPostgres } from '../../../libs/platform/postgres/embedded.js';
import { checkDatabaseUrl } from '../../../libs/platform/settings/database-check.js';
import { loadSettings } from '../../../libs/platform/settings/settings.js';
import { Failure } from '../failure.js';

export type Environment = Record<string, string | undefined>;

async function answers(url: string): Promise<boolean> {
  const client = newClient({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** The URL that a running Heddle left in its data directory; null where nothing answers to it (any more). */
async function runningEmbedded(dataDir: string): Promise<string | null> {
  if (existsSync(dataDir)) checkDataDirectory(dataDir);
  const file = join(dataDir, 'postgres-url');
  if (!existsSync(file)) return null;
  const url = readFileSync(file, 'utf8').trim();
  return (await answers(url)) ? url : null;
}

/** The embedded Postgres survives us unless it is stopped; Ctrl-C and its like end the command once it is. */
function stopOnSignal(stop: () => Promise<void>): () => void {
  const numbers = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 };
  const names = Object.keys(numbers) as (keyof typeof numbers)[];
  let ending = false;
  const end = (signal: keyof typeof numbers): void => {
    if (ending) return;
    ending = true;
    void stop().finally(() => process.exit(128 + numbers[signal]));
  };
  for (const name of names) process.on(name, end as NodeJS.SignalsListener);
  return () => {
    for (const name of names) process.off(name, end as NodeJS.SignalsListener);
  };
}

/**
 * Runs `work` on the installation's database: that of DATABASE_URL, the embedded one of the Heddle that is running, or
 * the embedded one started for as long as this takes. `make`: whether a data directory without one gets one.
 */
export async function withDatabase<T>(
  env: Environment,
  make: boolean,
  work: (adminUrl: string) => Promise<T>,
): Promise<T> {
  const { databaseUrl, dataDir } = loadSettings(env);
  if (databaseUrl !== null) {
    await checkDatabaseUrl(databaseUrl);
    return work(databaseUrl);
  }
  const running = await runningEmbedded(dataDir);
  if (running !== null) return work(running);
  if (!make && !existsSync(join(dataDir, 'postgres'))) {
    throw new Failure(`${dataDir} holds no store: start Heddle once, or set HEDDLE_DATA_DIR or DATABASE_URL.`);
  }
  const directory = await openDataDirectory(dataDir);
  try {
    const postgres = await startEmbeddedPostgres({ dataDir });
    const forget = stopOnSignal(() => postgres.stop());
    try {
      return await work(postgres.url);
    } finally {
      await postgres.stop();
      forget();
    }
  } finally {
    await directory.release();
  }
}
