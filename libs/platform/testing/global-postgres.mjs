import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importFromSource } from './from-source.mjs';

const PREFIX = 'heddle-test-postgres-';
const END_MS = 3_000;

/** The exit of a process has no time to wait in: an immediate shutdown, watched until postmaster.pid is gone, then rm. */
function endNow(folder, pid) {
  const file = join(folder, 'postgres', 'postmaster.pid');
  const clock = new Int32Array(new SharedArrayBuffer(4));
  try {
    process.kill(pid, 'SIGQUIT');
    for (const end = Date.now() + END_MS; Date.now() < end && readFileSync(file).length > 0; ) {
      Atomics.wait(clock, 0, 0, 10);
    }
  } catch {
    // The server, or its file, is gone.
  }
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

let started = null;

/**
 * Jest's global set-up: one throwaway Postgres a run, shared by the projects that need one, its superuser's URL in
 * HEDDLE_TEST_POSTGRES_URL. It ends with this process, whatever ends it, and its folder with it or at the next run.
 */
export default async function globalPostgres() {
  started ??= start();
  await started;
}

async function start() {
  const { startEmbeddedPostgres } = await importFromSource(new URL('../postgres/embedded.ts', import.meta.url).href);
  const { removeFoldersOfDeadRuns } = await importFromSource(new URL('./dead-runs.ts', import.meta.url).href);
  removeFoldersOfDeadRuns(PREFIX);
  const folder = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
  let postgres = null;
  process.once('exit', () => endNow(folder, postgres?.pid));
  for (const [signal, status] of Object.entries({ SIGINT: 130, SIGTERM: 143 })) {
    process.once(signal, () => process.exit(status));
  }
  postgres = await startEmbeddedPostgres({
    dataDir: folder,
    settings: { fsync: 'off', full_page_writes: 'off', max_wal_size: '512MB', max_connections: '1000' },
  });
  process.env.HEDDLE_TEST_POSTGRES_URL = postgres.url;
}
