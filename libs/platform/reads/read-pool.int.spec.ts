import pg from 'pg';
import { newId } from '../kernel/id.js';
import { migrate } from '../postgres/migrate.js';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.js';
import { ReadPool } from './read-pool.js';

let database: TestDatabase;
let pool: ReadPool;
const workspaces = Array.from({ length: 5 }, () => newId('wsp'));

beforeAll(async () => {
  database = await createTestDatabase();
  await migrate(database.url, ['alpha'], []);
  const admin = new pg.Client({ connectionString: database.url });
  await admin.connect();
  await admin.query("create table alpha.things (workspace uuid); select heddle.isolate('alpha', 'things')");
  for (const [i, workspace] of workspaces.entries()) {
    for (let n = 0; n <= i; n++) await admin.query('insert into alpha.things values ($1)', [workspace.slice(4)]);
  }
  await admin.end();
  pool = new ReadPool(database.url, 'alpha', 2);
});
afterAll(async () => {
  await pool.close();
  await database.drop();
});

// Caught when: the workspace is set on one session and the read sent on another, or set once a session.
it('gives each of a thousand reads at once the rows of its own workspace', async () => {
  const wanted = Array.from({ length: 1000 }, (_, i) => (i * 7) % 5);
  const counts = await Promise.all(
    wanted.map(async (i) => {
      const { rows } = await pool.query<{ workspace: string }>(workspaces[i]!, {
        text: 'select workspace from alpha.things',
      });
      expect(rows.every(({ workspace }) => workspace.replaceAll('-', '') === workspaces[i]!.slice(4))).toBe(true);
      return rows.length;
    }),
  );
  expect(counts).toEqual(wanted.map((i) => i + 1));
});

it('cannot write', async () => {
  await expect(
    pool.query(workspaces[0]!, { text: 'insert into alpha.things values (gen_random_uuid())' }),
  ).rejects.toMatchObject({ code: '25006' });
});

it('uses all of its sessions', async () => {
  const results = await Promise.all(
    Array.from({ length: 4 }, () =>
      pool.query<{ pid: number }>(workspaces[0]!, { text: 'select pg_backend_pid() as pid, pg_sleep(0.05)' }),
    ),
  );
  expect(new Set(results.map(({ rows }) => rows[0]!.pid)).size).toBe(2);
});

it('lets nothing wait behind slow reads, and leaves another workspace a session for its own', async () => {
  const nap = { text: 'select pg_sleep(2)' };
  const slow = Array.from({ length: 6 }, () => pool.slowly(workspaces[0]!, nap));
  const began = performance.now();
  const took = async (read: Promise<unknown>) => {
    await read;
    return performance.now() - began;
  };
  const [quick, other] = await Promise.all([
    took(Promise.all(Array.from({ length: 20 }, () => pool.query(workspaces[0]!, { text: 'select 1' })))),
    took(pool.slowly(workspaces[1]!, { text: 'select workspace from alpha.things' })),
  ]);
  expect(quick).toBeLessThan(1900);
  expect(other).toBeLessThan(1900);
  await Promise.all(slow);
  expect(performance.now() - began).toBeGreaterThan(5900);
});

it('gives a slow read the rows of its own workspace alone', async () => {
  const reads = workspaces.map(async (workspace, i) => {
    const { rows } = await pool.slowly<{ workspace: string }>(workspace, {
      text: 'select workspace from alpha.things',
    });
    expect([i, rows.length]).toEqual([i, i + 1]);
  });
  await Promise.all(reads);
});
