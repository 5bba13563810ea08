import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newClient } from '../postgres/client.js';
import { startEmbeddedPostgres } from '../postgres/embedded.js';

/** A Postgres that no other test knows: roles belong to the cluster. `url` is its superuser's. */
export interface OwnCluster {
  url: string;
  /** Ends it, and removes what it wrote. */
  remove(): Promise<void>;
}

export async function startOwnCluster(): Promise<OwnCluster> {
  const folder = mkdtempSync(join(tmpdir(), 'heddle-rights-'));
  const postgres = await startEmbeddedPostgres({ dataDir: folder, settings: { fsync: 'off' } });
  return {
    url: postgres.url,
    remove: async () => {
      await postgres.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Runs statements in one session. */
export async function run(url: string, ...statements: string[]): Promise<void> {
  const client = newClient({ connectionString: url });
  await client.connect();
  try {
    for (const text of statements) await client.query(text);
  } finally {
    await client.end();
  }
}
