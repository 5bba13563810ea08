import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import pg from 'pg';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.js';
import { migrate } from './migrate.js';
import { packageRoot } from './package-root.js';

let database: TestDatabase;
let admin: pg.Client;
let directory: string;
let folder: string;

beforeEach(async () => {
  database = await createTestDatabase();
  admin = new pg.Client({ connectionString: database.url });
  await admin.connect();
  directory = await mkdtemp(join(tmpdir(), 'heddle-migrations-'));
  folder = relative(packageRoot, directory);
});
afterEach(async () => {
  await admin.end();
  await database.drop();
  await rm(directory, { recursive: true });
});

const file = (name: string, sql: string) => writeFile(join(directory, name), sql);
const run = () => migrate(database.url, ['alpha', 'beta'], [{ schema: 'alpha', folder }]);
const ran = async () =>
  (await admin.query<{ name: string }>('select name from heddle.migrations order by name')).rows.map(({ name }) =>
    name.slice(name.lastIndexOf('/') + 1),
  );

it('runs each file once, in the order of their names, in its schema', async () => {
  await file('0002_more.sql', 'alter table things add column more text');
  await file('0001_things.sql', 'create table things (id integer)');
  await file('notes.txt', 'not for Postgres');
  await run();
  await run();
  expect(await ran()).toEqual(['0001_things.sql', '0002_more.sql']);
  const { rows } = await admin.query("select to_regclass('alpha.things')::text as name");
  expect(rows).toEqual([{ name: 'alpha.things' }]);
});

it('runs once where ten processes start at once', async () => {
  await file('0001_things.sql', 'create table things (id integer)');
  await Promise.all(Array.from({ length: 10 }, run));
  expect(await ran()).toEqual(['0001_things.sql']);
});

it('refuses a file that has changed since it was run', async () => {
  await file('0001_things.sql', 'create table things (id integer)');
  await run();
  await file('0001_things.sql', 'create table things (id bigint)');
  await expect(run()).rejects.toThrow(/0001_things\.sql has changed/);
});

it('leaves nothing of a file that fails, and goes on from there', async () => {
  await file('0001_things.sql', 'create table things (id integer)');
  await file('0002_wrong.sql', 'create table others (id integer); select 1/0');
  await expect(run()).rejects.toMatchObject({ code: '22012' });
  expect(await ran()).toEqual(['0001_things.sql']);
  expect((await admin.query("select to_regclass('alpha.others') as name")).rows).toEqual([{ name: null }]);
  await file('0002_wrong.sql', 'create table others (id integer)');
  await run();
  expect(await ran()).toEqual(['0001_things.sql', '0002_wrong.sql']);
});

it('keeps a service out of another’s schema, and readers from writing', async () => {
  await file(
    '0001_things.sql',
    "create table things (id integer, workspace uuid); select heddle.isolate('alpha', 'things')",
  );
  await run();
  await admin.query('insert into alpha.things values (1, gen_random_uuid())');
  const as = async (role: string, sql: string) => {
    await admin.query(`set role ${role}`);
    try {
      return (await admin.query(sql)).rowCount;
    } catch (error) {
      return (error as { code: string }).code;
    } finally {
      await admin.query('reset role');
    }
  };
  const select = 'select from alpha.things';
  const insert = 'insert into alpha.things values (2, gen_random_uuid())';
  expect(await as('heddle_alpha', insert)).toBe(1);
  expect(await as('heddle_alpha', select)).toBe(2);
  expect(await as('heddle_alpha_reader', select)).toBe(0);
  expect(await as('heddle_alpha_reader', insert)).toBe('42501');
  for (const role of [
    'heddle_beta',
    'heddle_beta_reader',
    'heddle_log_writer',
    'heddle_log_reader',
    'heddle_registry',
    'heddle_relay',
  ]) {
    expect([role, await as(role, select)]).toEqual([role, '42501']);
  }
});
