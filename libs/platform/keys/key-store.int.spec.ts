import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import pg from 'pg';
import { newId } from '../kernel/id.js';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.js';
import type { KeyDatabase } from './key-database.js';
import { BrokenKeyError, PersonErasedError, WorkspaceErasedError } from './key-errors.js';
import { KeyStore, type MadeKey } from './key-store.js';
import { claimHash } from './workspace-key.js';

let database: TestDatabase;
let pool: pg.Pool;
const hex = (made: MadeKey) => made.dataKey.id.toString('hex');

/** Counts the statements that go through. */
function counting(db: KeyDatabase) {
  const names: (string | undefined)[] = [];
  const counted: KeyDatabase = {
    query: (statement) => {
      names.push(statement.name);
      return db.query(statement);
    },
  };
  return { names, db: counted };
}

async function stored(store: KeyStore, workspace: string, subject: string): Promise<MadeKey> {
  const made = await store.make(pool, workspace, subject);
  await pool.query(store.insertRows([made.row]));
  return made;
}

const bytesOf = (key: { key: unknown } | null | undefined) =>
  (key?.key as { export(): Buffer } | null | undefined)?.export().toString('hex') ?? null;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 4 });
  await pool.query('create schema keys');
  for (const file of ['0001_keys.sql', '0003_withheld.sql']) {
    const sql = await readFile(join(import.meta.dirname, 'migrations', file), 'utf8');
    await pool.query(sql.replace(/^grant .*$/m, ''));
  }
});

afterAll(async () => {
  await pool?.end();
  await database?.drop();
});

describe('a person’s key', () => {
  test('is the same for every process, by id and by person', async () => {
    const here = new KeyStore();
    const there = new KeyStore();
    const [workspace, subject] = [newId('wsp'), newId('cus')];
    const made = await stored(here, workspace, subject);
    const [bySubject] = await there.loadForSubjects(pool, [{ workspace, subject }]);
    expect(bytesOf(bySubject)).toBe(bytesOf(made.dataKey));
    expect(bySubject).toMatchObject({ id: made.dataKey.id, subject });
    const byId = await new KeyStore().loadByIds(pool, [hex(made)]);
    expect(bytesOf(byId.get(hex(made)))).toBe(bytesOf(made.dataKey));
  });

  test('is answered at the place of its subject, whoever else is asked for, in any workspace', async () => {
    const store = new KeyStore();
    const [v, w] = [newId('wsp'), newId('wsp')];
    const inV = await stored(store, v, 'cus_same');
    const inW = await stored(store, w, 'cus_same');
    const found = await new KeyStore().loadForSubjects(pool, [
      { workspace: w, subject: 'cus_same' },
      { workspace: w, subject: 'cus_none' },
      { workspace: v, subject: 'cus_same' },
      { workspace: w, subject: 'cus_same' },
    ]);
    expect(found.map((key) => key?.id.toString('hex') ?? null)).toEqual([hex(inW), null, hex(inV), hex(inW)]);
  });

  test('is asked for once, in one query for all', async () => {
    const store = new KeyStore();
    const workspace = newId('wsp');
    const made: MadeKey[] = [];
    for (let i = 0; i < 5; i++) made.push(await stored(store, workspace, newId('cus')));
    const reader = new KeyStore();
    const { names, db } = counting(pool);
    await reader.loadByIds(db, made.map(hex));
    expect(names.filter((name) => name === 'keys.by_id')).toHaveLength(1);
    names.length = 0;
    await reader.loadByIds(db, made.map(hex));
    await reader.loadForSubjects(
      db,
      made.map(({ row }) => ({ workspace, subject: row.subject })),
    );
    expect(names).toEqual([]);
  });

  test('is not known before its row has committed, and kept is known without a query', async () => {
    const store = new KeyStore();
    const [workspace, subject] = [newId('wsp'), newId('cus')];
    const lost = await store.make(pool, workspace, subject);
    expect(await store.loadForSubjects(pool, [{ workspace, subject }])).toEqual([null]);
    expect((await store.loadByIds(pool, [hex(lost)])).size).toBe(0);
    const made = await stored(store, workspace, subject);
    store.keep(made);
    const { names, db } = counting(pool);
    expect(await store.loadForSubjects(db, [{ workspace, subject }])).toEqual([made.dataKey]);
    expect(names).toEqual([]);
  });

  test('a second one for the same person is refused by the database', async () => {
    const [workspace, subject] = [newId('wsp'), newId('cus')];
    await stored(new KeyStore(), workspace, subject);
    await expect(stored(new KeyStore(), workspace, subject)).rejects.toMatchObject({
      code: '23505',
      constraint: 'data_keys_one_per_subject',
    });
  });

  test('does not open with another workspace’s key', async () => {
    const store = new KeyStore();
    const [workspace, other] = [newId('wsp'), newId('wsp')];
    const made = await stored(store, workspace, newId('cus'));
    await store.workspaceKey(pool, other);
    await pool.query('update keys.data_keys set workspace = $1 where id = $2', [other.slice(4), hex(made)]);
    await expect(new KeyStore().loadByIds(pool, [hex(made)])).rejects.toThrow(BrokenKeyError);
  });

  test('is nowhere in the table', async () => {
    const made = await stored(new KeyStore(), newId('wsp'), newId('cus'));
    const { rows } = await pool.query('select wrapped from keys.data_keys where id = $1', [hex(made)]);
    expect(rows[0].wrapped.includes(Buffer.from(bytesOf(made.dataKey)!, 'hex'))).toBe(false);
  });
});

describe('a destroyed key', () => {
  test('leaves a tombstone, and nobody makes the person another', async () => {
    const store = new KeyStore();
    const [workspace, subject] = [newId('wsp'), newId('cus')];
    const made = await stored(store, workspace, subject);
    store.keep(made);
    expect(await store.destroy(pool, workspace, subject)).toBe(true);
    expect(await store.destroy(pool, workspace, subject)).toBe(false);

    const { rows } = await pool.query('select wrapped, destroyed_at from keys.data_keys where id = $1', [hex(made)]);
    expect(rows).toEqual([{ wrapped: null, destroyed_at: expect.any(Date) }]);
    expect((await store.loadByIds(pool, [hex(made)])).get(hex(made))?.key).toBeNull();
    await expect(store.make(pool, workspace, subject)).rejects.toThrow(PersonErasedError);
    // A process that has not looked yet is stopped by the tombstone itself.
    await expect(stored(new KeyStore(), workspace, subject)).rejects.toMatchObject({ code: '23505' });
  });

  test('leaves a tombstone also where there was none, even while one is being made', async () => {
    const store = new KeyStore();
    const [workspace, subject] = [newId('wsp'), newId('cus')];
    expect(await store.destroy(pool, workspace, newId('cus'))).toBe(true);

    const made = await store.make(pool, workspace, subject);
    const client = await pool.connect();
    await client.query('begin');
    await client.query(store.insertRows([made.row]));
    const destroying = new KeyStore().destroy(pool, workspace, subject);
    await client.query('select pg_sleep(0.05)');
    await client.query('commit');
    client.release();
    expect(await destroying).toBe(true);
    const [key] = await new KeyStore().loadForSubjects(pool, [{ workspace, subject }]);
    expect(key).toMatchObject({ id: made.dataKey.id, key: null });
  });

  test('is forgotten by other processes within the time that is promised', async () => {
    const here = new KeyStore({ freshFor: 100 });
    const there = new KeyStore();
    const [workspace, subject] = [newId('wsp'), newId('cus')];
    const made = await stored(here, workspace, subject);
    expect((await here.loadByIds(pool, [hex(made)])).get(hex(made))?.key).not.toBeNull();
    await there.destroy(pool, workspace, subject);
    await new Promise((resolve) => setTimeout(resolve, 110));
    expect((await here.loadByIds(pool, [hex(made)])).get(hex(made))?.key).toBeNull();
    expect((await here.loadForSubjects(pool, [{ workspace, subject }]))[0]?.key).toBeNull();
  });

  test('that was read just before it was destroyed is not kept', async () => {
    const store = new KeyStore({ freshFor: 60_000 });
    const [workspace, subject] = [newId('wsp'), newId('cus')];
    const made = await stored(store, workspace, subject);
    const slow: KeyDatabase = {
      query: async (statement) => {
        const answer = await pool.query(statement);
        if (statement.name === 'keys.by_id') await store.destroy(pool, workspace, subject);
        return answer;
      },
    };
    await store.loadByIds(slow, [hex(made)]);
    expect((await store.loadByIds(pool, [hex(made)])).get(hex(made))?.key).toBeNull();
  });

  test('that was made just before it was destroyed is not kept', async () => {
    const store = new KeyStore({ freshFor: 60_000 });
    const [workspace, subject] = [newId('wsp'), newId('cus')];
    const made = await stored(store, workspace, subject);
    await store.destroy(pool, workspace, subject);
    store.keep(made);
    expect((await store.loadForSubjects(pool, [{ workspace, subject }]))[0]?.key).toBeNull();
  });

  test('is numbered in the order it becomes visible, whoever began first', async () => {
    const store = new KeyStore();
    const workspace = newId('wsp');
    const first = await pool.connect();
    await first.query('begin');
    await store.destroy(first, workspace, 'cus_a');
    let secondDone = false;
    const second = store.destroy(pool, workspace, 'cus_b').then(() => {
      secondDone = true;
    });
    await first.query('select pg_sleep(0.05)');
    expect(secondDone).toBe(false);
    await first.query('commit');
    first.release();
    await second;
    const { rows } = await pool.query('select subject from keys.data_keys where workspace = $1 order by destruction', [
      workspace.slice(4),
    ]);
    expect(rows.map((row) => row.subject)).toEqual(['cus_a', 'cus_b']);
  });

  test('cannot be stored without its mark, nor a mark beside a key', async () => {
    const made = await stored(new KeyStore(), newId('wsp'), newId('cus'));
    const update = (set: string) => pool.query(`update keys.data_keys set ${set} where id = $1`, [hex(made)]);
    await expect(update('wrapped = null')).rejects.toMatchObject({ code: '23514' });
    await expect(update('destroyed_at = now(), destruction = 1')).rejects.toMatchObject({ code: '23514' });
  });
});

describe('a workspace’s key', () => {
  test('is made once, by however many ask at the same time', async () => {
    const workspace = newId('wsp');
    const keys = await Promise.all(Array.from({ length: 8 }, () => new KeyStore().workspaceKey(pool, workspace)));
    const claims = keys.map((key) => claimHash(key, 'customer', '', 'ada').toString('hex'));
    expect(new Set(claims).size).toBe(1);
    expect(
      claimHash(await new KeyStore().workspaceKey(pool, newId('wsp')), 'customer', '', 'ada').toString('hex'),
    ).not.toBe(claims[0]);
  });

  test('destroyed takes every key of the workspace with it, in every process', async () => {
    const here = new KeyStore({ freshFor: 50 });
    const workspace = newId('wsp');
    const made = await stored(here, workspace, newId('cus'));
    const elsewhere = await stored(here, newId('wsp'), newId('cus'));
    await here.loadByIds(pool, [hex(made), hex(elsewhere)]);
    expect(await new KeyStore().destroyWorkspace(pool, workspace)).toBe(true);
    expect(await new KeyStore().destroyWorkspace(pool, workspace)).toBe(false);
    await new Promise((resolve) => setTimeout(resolve, 60));
    const keyring = await here.loadByIds(pool, [hex(made), hex(elsewhere)]);
    expect(keyring.get(hex(made))?.key).toBeNull();
    expect(keyring.get(hex(elsewhere))?.key).not.toBeNull();
    await expect(here.make(pool, workspace, newId('cus'))).rejects.toThrow(WorkspaceErasedError);
  });
});

describe('what a key may not open any more', () => {
  test('is known at once where it was withheld, and elsewhere as soon as a destroyed key is', async () => {
    const [here, there] = [new KeyStore({ freshFor: 50 }), new KeyStore({ freshFor: 50 })];
    const [workspace, subject] = [newId('wsp'), newId('cus')];
    const made = await stored(here, workspace, subject);
    for (const store of [here, there]) await store.loadByIds(pool, [hex(made)]);
    const rows = [3, 5].map((seq) => ({ stream: 'conv_1', seq, workspace, key: made.dataKey.id }));
    await pool.query(here.withholdRows(rows));
    here.withheld(rows);
    expect((await here.loadByIds(pool, [hex(made)])).get(hex(made))?.withheld).toEqual(
      new Set(['conv_1/3', 'conv_1/5']),
    );
    await new Promise((resolve) => setTimeout(resolve, 60));
    const [bySubject] = await there.loadForSubjects(pool, [{ workspace, subject }]);
    expect(bySubject?.withheld).toEqual(new Set(['conv_1/3', 'conv_1/5']));
    // Again, as a redaction that comes back into a store does.
    await pool.query(there.withholdRows(rows));
    const { rows: kept } = await pool.query('select seq from keys.withheld order by seq');
    expect(kept).toEqual([{ seq: 3 }, { seq: 5 }]);
  });
});

describe('with the database away', () => {
  const away: KeyDatabase = { query: () => Promise.reject(new Error('away')) };

  test('cached keys serve for as long as they may, and then no longer', async () => {
    let now = 0;
    const clock = jest.spyOn(performance, 'now').mockImplementation(() => now);
    const store = new KeyStore({ freshFor: 200 });
    const [workspace, subject] = [newId('wsp'), newId('cus')];
    await stored(store, workspace, subject);
    await store.loadForSubjects(pool, [{ workspace, subject }]);
    now = 199;
    expect((await store.loadForSubjects(away, [{ workspace, subject }]))[0]?.key).not.toBeNull();
    now = 200;
    await expect(store.loadForSubjects(away, [{ workspace, subject }])).rejects.toThrow('away');
    expect((await store.loadForSubjects(pool, [{ workspace, subject }]))[0]?.key).not.toBeNull();
    clock.mockRestore();
  });
});
