import { type ChildProcess, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { createTestDatabase } from '../testing/test-database.js';
import { eventually } from '../testing/until.js';
import { newClient } from './client.js';
import { startEmbeddedPostgres } from './embedded.js';
import type { IdentityKind } from './embedded-identity.js';

const module = new URL('./embedded.ts', `file://${import.meta.filename}`).href;
const FAST = { max_wal_size: '256MB' };

async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

function postmasterPid(dataDir: string): number {
  return Number(readFileSync(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]);
}

function isGone(pid: number): boolean {
  try {
    return /\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return true;
  }
}

/** Starts the server in a process of its own; resolves with that process and the server's URL. */
function spawnOwner(dataDir: string): Promise<{ owner: ChildProcess; url: string }> {
  const program = `
    import { registerHooks } from 'node:module';
    registerHooks({ resolve: (name, context, next) =>
      next(name.startsWith('.') && context.parentURL?.includes('/libs/') ? name.replace(/\\.js$/, '.ts') : name, context) });
    const { startEmbeddedPostgres } = await import(${JSON.stringify(module)});
    const postgres = await startEmbeddedPostgres({ dataDir: ${JSON.stringify(dataDir)} });
    process.stdout.write(postgres.url);
    setInterval(() => {}, 1000);`;
  const owner = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  return new Promise((resolve, reject) => {
    owner.stdout!.once('data', (chunk) => resolve({ owner, url: String(chunk) }));
    owner.once('exit', (code) => reject(new Error(`the owner ended with ${code}`)));
  });
}

describe('the embedded Postgres', () => {
  let dataDir: string;
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'heddle-embedded-'));
  });
  afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

  test('starts on a new folder, durable, and keeps its data over a restart', async () => {
    const first = await startEmbeddedPostgres({ dataDir });
    expect(readFileSync(join(dataDir, 'postgres-url'), 'utf8')).toBe(`${first.url}\n`);
    expect(statSync(join(dataDir, 'postgres-url')).mode & 0o777).toBe(0o600);
    expect(statSync(join(dataDir, 'postgres-password')).mode & 0o777).toBe(0o600);
    expect(
      await query(
        first.url,
        `select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit,
          current_setting('full_page_writes') as pages, pg_encoding_to_char(encoding) as encoding,
          datlocale, datctype from pg_database where datname = 'postgres'`,
      ),
    ).toEqual([
      { fsync: 'on', commit: 'on', pages: 'on', encoding: 'UTF8', datlocale: 'C.UTF-8', datctype: 'C.UTF-8' },
    ]);
    await query(first.url, 'create table kept as select 7 as value');
    await first.stop();
    expect(isGone(first.pid)).toBe(true);
    expect(existsSync(join(dataDir, 'postgres-url'))).toBe(false);
    expect(readdirSync(dataDir).sort()).toEqual(['postgres', 'postgres-password', 'postgres.log']);

    const second = await startEmbeddedPostgres({ dataDir });
    expect(await query(second.url, 'select value from kept')).toEqual([{ value: 7 }]);
    await second.stop();
  }, 120_000);

  test('refuses a wrong password, and knows no connection without one', async () => {
    const postgres = await startEmbeddedPostgres({ dataDir });
    const wrong = new URL(postgres.url);
    wrong.password = 'wrong';
    await expect(query(wrong.href, 'select 1')).rejects.toMatchObject({ code: '28P01' });
    expect(readFileSync(join(dataDir, 'postgres', 'pg_hba.conf'), 'utf8')).not.toMatch(/^[^#].*\b(trust|peer)\b/m);
    await postgres.stop();
  }, 120_000);

  test('comes back on the same port with all that was committed when its postmaster is killed with -9, again and again', async () => {
    const said: string[] = [];
    const postgres = await startEmbeddedPostgres({ dataDir, settings: FAST, onLog: (line) => said.push(line) });
    await query(postgres.url, 'create table kept (value int)');
    for (let round = 1; round <= 3; round += 1) {
      await query(postgres.url, `insert into kept values (${round})`);
      // A backend that is busy does not notice that its postmaster died, and holds the shared memory.
      const busy = new pg.Client({ connectionString: postgres.url });
      busy.on('error', () => {});
      await busy.connect();
      const work = busy.query('select count(*) from generate_series(1, 10000000000)').catch(() => {});
      const { pid } = postgres;
      process.kill(pid, 'SIGKILL');
      const rows = await eventually(() => query(postgres.url, 'select value from kept order by value'));
      expect(rows.map(({ value }) => value)).toEqual(Array.from({ length: round }, (_, index) => index + 1));
      expect(postgres.pid).not.toBe(pid);
      await work;
      await busy.end().catch(() => {});
    }
    expect(said.filter((line) => line === 'Postgres is back')).toHaveLength(3);
    await postgres.stop();
    expect(isGone(postgres.pid)).toBe(true);
  }, 120_000);

  test('ends with the process that started it, and the next start finds all that was committed', async () => {
    const { owner, url } = await spawnOwner(dataDir);
    await query(url, 'create table kept as select 1 as value');
    const pid = postmasterPid(dataDir);
    owner.kill('SIGKILL');
    const next = await startEmbeddedPostgres({ dataDir });
    expect(isGone(pid)).toBe(true);
    expect(await query(next.url, 'select value from kept')).toEqual([{ value: 1 }]);
    await next.stop();
  }, 120_000);

  test('ends an orphan that nothing told to end', async () => {
    const { owner, url } = await spawnOwner(dataDir);
    await query(url, 'create table kept as select 1 as value');
    const pid = postmasterPid(dataDir);
    // A stopped process gets no signal until it goes on: as on a host without setpriv.
    process.kill(pid, 'SIGSTOP');
    owner.kill('SIGKILL');
    const next = await startEmbeddedPostgres({ dataDir });
    expect(isGone(pid)).toBe(true);
    expect(await query(next.url, 'select value from kept')).toEqual([{ value: 1 }]);
    await next.stop();
  }, 120_000);

  test('a postmaster.pid that names some other process hinders nothing, and that process lives on', async () => {
    const first = await startEmbeddedPostgres({ dataDir });
    const left = readFileSync(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8');
    await first.stop();
    const other = spawn('sleep', ['60'], { stdio: 'ignore' });
    try {
      writeFileSync(join(dataDir, 'postgres', 'postmaster.pid'), left.replace(/^\d+/, String(other.pid)));
      const second = await startEmbeddedPostgres({ dataDir });
      await second.stop();
      expect(isGone(other.pid!)).toBe(false);
    } finally {
      other.kill('SIGKILL');
    }
  }, 120_000);

  test('what a killed first start left half-made is made anew', async () => {
    mkdirSync(join(dataDir, 'postgres-making-1a2b3c4d', 'cluster'), { recursive: true });
    const postgres = await startEmbeddedPostgres({ dataDir });
    expect(readdirSync(dataDir).filter((name) => name.startsWith('postgres-making'))).toEqual([]);
    await postgres.stop();
  }, 120_000);

  test('a cluster of another major version, and one without its password, are refused in one line', async () => {
    const postgres = await startEmbeddedPostgres({ dataDir });
    await postgres.stop();
    const version = join(dataDir, 'postgres', 'PG_VERSION');
    writeFileSync(version, '17\n');
    await expect(startEmbeddedPostgres({ dataDir })).rejects.toThrow(
      /postgres was made by Postgres 17, .* brings 18: .+$/,
    );
    writeFileSync(version, '18\n');
    rmSync(join(dataDir, 'postgres-password'));
    await expect(startEmbeddedPostgres({ dataDir })).rejects.toThrow(/postgres-password is missing/);
  }, 120_000);

  test('inherits nothing of our environment but the search path', async () => {
    process.env.HEDDLE_ROOT_KEY = 'a-key-of-the-environment';
    try {
      const postgres = await startEmbeddedPostgres({ dataDir });
      await query(postgres.url, 'create table environment (line text)');
      await query(postgres.url, `copy environment from program 'env'`);
      const rows = await query(postgres.url, `select split_part(line, '=', 1) as name from environment`);
      await postgres.stop();
      const names = rows.map(({ name }) => name);
      expect(names).toEqual(expect.arrayContaining(['PATH', 'LANG', 'TZ']));
      expect(names.filter((name) => !/^(PATH|LANG|TZ|PWD|SHLVL|OLDPWD|_|LC_.*|PG.*)$/.test(String(name)))).toEqual([]);
    } finally {
      delete process.env.HEDDLE_ROOT_KEY;
    }
  }, 120_000);

  test('its URL makes clients insist on SCRAM, which it passes', async () => {
    const postgres = await startEmbeddedPostgres({ dataDir });
    expect(new URL(postgres.url).searchParams.get('require_auth')).toBe('scram-sha-256');
    const client = newClient({ connectionString: postgres.url });
    await client.connect();
    expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    await client.end();
    await postgres.stop();
  }, 120_000);

  test('says why it does not start', async () => {
    const settings = { shared_buffers: 'plenty' };
    await expect(startEmbeddedPostgres({ dataDir, settings })).rejects.toThrow(
      /^The embedded Postgres does not start: .*shared_buffers.*exit status 1.*postgres\.log\.$/,
    );
  }, 120_000);

  // As root every way is tried that hosts force on us; one cluster goes through them, as when a host's rules change.
  const kinds: IdentityKind[] = process.getuid!() === 0 ? ['namespace', 'capability', 'nobody'] : ['self'];
  test(`runs as ${kinds.join(', ')}`, async () => {
    for (const identity of kinds) {
      const postgres = await startEmbeddedPostgres({ dataDir, identity });
      await query(postgres.url, 'create table if not exists seen (value int)');
      await query(postgres.url, 'insert into seen values (1)');
      expect(statSync(join(dataDir, 'postgres')).uid).toBe(
        identity === 'namespace' || identity === 'self' ? process.getuid!() : 65_534,
      );
      await postgres.stop();
      expect(isGone(postgres.pid)).toBe(true);
    }
    const last = await startEmbeddedPostgres({ dataDir });
    expect(await query(last.url, 'select value from seen')).toHaveLength(kinds.length);
    await last.stop();
  }, 120_000);
});

describe('a test database', () => {
  test('is empty, is another each time, and goes away with its connections', async () => {
    const [one, two] = await Promise.all([createTestDatabase(), createTestDatabase()]);
    expect(one.url).not.toBe(two.url);
    await query(one.url, 'create table here (value int)');
    await expect(query(two.url, 'select * from here')).rejects.toMatchObject({ code: '42P01' });
    await Promise.all([one.drop(), two.drop()]);
    await expect(query(one.url, 'select 1')).rejects.toMatchObject({ code: '3D000' });
  }, 120_000);
});
