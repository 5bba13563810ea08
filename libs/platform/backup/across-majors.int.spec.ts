import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { chooseIdentity } from '../postgres/embedded-identity.js';
import { freePorts } from '../testing/free-ports.js';
import { createTestDatabase } from '../testing/test-database.js';
import { backup } from './backup.js';
import { restore } from './restore.js';
import { SampleStore } from './sample-store.fixture.js';

/** Where Debian and Ubuntu put the oldest Postgres that Heddle takes. */
const BINARIES = '/usr/lib/postgresql/15/bin';
const onPostgres15 = existsSync(join(BINARIES, 'postgres')) ? it : it.skip;

async function connectable(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1000 });
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

describe('a backup across major versions of Postgres', () => {
  let folder: string;
  let server: ChildProcess;
  let url: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'heddle-postgres-15-'));
  });

  afterEach(async () => {
    if (server !== undefined && server.exitCode === null) {
      server.kill('SIGQUIT');
      await new Promise((resolve) => server.once('exit', resolve));
    }
    rmSync(folder, { recursive: true, force: true });
  });

  async function startPostgres15(): Promise<void> {
    const cluster = join(folder, 'cluster');
    const { prefix, uid, gid } = await chooseIdentity(cluster);
    const run = (program: string, args: string[]) => [...prefix, join(BINARIES, program), '-D', cluster, ...args];
    const [initdb, ...initdbArgs] = run('initdb', ['-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-locale', '-N']);
    execFileSync(initdb!, initdbArgs, { uid, gid, stdio: ['ignore', 'ignore', 'pipe'] });
    const port = await freePorts(1);
    const settings = ['-p', String(port), '-k', '', '-c', 'listen_addresses=127.0.0.1', '-F'];
    const [postgres, ...args] = run('postgres', settings);
    server = spawn(postgres!, args, { uid, gid, stdio: 'ignore' });
    url = `postgresql://postgres@127.0.0.1:${port}/postgres`;
    while (!(await connectable(url))) {
      if (server.exitCode !== null) throw new Error(`Postgres 15 ended with ${server.exitCode}`);
      await sleep(50);
    }
  }

  async function log(of: SampleStore): Promise<unknown[]> {
    const tables = ['log.events', 'log.streams', 'log.idempotency', 'log.claims', 'log.store', 'keys.data_keys'];
    const rows: unknown[] = [];
    for (const table of tables) rows.push((await of.query(`select t::text as row from ${table} t order by 1`)).rows);
    return rows;
  }

  onPostgres15(
    'carries a store from the embedded Postgres to 15 and back (skipped where Debian’s 15 is missing)',
    async () => {
      await startPostgres15();
      const embedded = await createTestDatabase();
      const returned = await createTestDatabase();
      const wiring = { migrate: SampleStore.prepare, projections: [], rebuild: async () => ({ events: 0, rows: 0 }) };
      try {
        const original = await SampleStore.start(embedded.url);
        for (let i = 0; i < 5; i++) await original.addCustomer(`customer ${i}`);
        await backup(embedded.url, join(folder, 'down'));
        await restore(url, join(folder, 'down'), wiring);
        const older = await SampleStore.start(url);
        expect(await log(older)).toEqual(await log(original));
        expect(String((await older.query('show server_version')).rows[0]!.server_version)).toMatch(/^15/);
        await older.addCustomer('made on 15');

        await backup(url, join(folder, 'up'));
        await restore(returned.url, join(folder, 'up'), wiring);
        const back = await SampleStore.start(returned.url);
        expect(await log(back)).toEqual(await log(older));
        expect((await back.query('select epoch from log.epochs order by 1')).rows).toEqual([
          { epoch: 1 },
          { epoch: 2 },
          { epoch: 3 },
        ]);
        await Promise.all([original.close(), older.close(), back.close()]);
      } finally {
        await embedded.drop();
        await returned.drop();
      }
    },
  );
});
