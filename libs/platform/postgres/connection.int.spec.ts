import pg from 'pg';
import { Problem } from '../kernel/problem.js';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.js';
import { eventually, until } from '../testing/until.js';
import { Connection, type ConnectionOptions, isUnavailable } from './connection.js';

let database: TestDatabase;
let admin: pg.Client;
const open: Connection[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  admin = new pg.Client({ connectionString: database.url });
  await admin.connect();
  await admin.query('create table numbers (n integer primary key)');
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((connection) => connection.close()));
  await admin.query('truncate numbers');
});
afterAll(async () => {
  await admin.end();
  await database.drop();
});

function connect(options: Partial<ConnectionOptions> = {}): Connection {
  const connection = new Connection({ url: database.url, applicationName: 'under test', ...options });
  open.push(connection);
  return connection;
}

const insert = (n: number) => ({ text: 'insert into numbers values ($1)', values: [n] });
const numbers = async () =>
  (await admin.query<{ n: number }>('select n from numbers order by n')).rows.map(({ n }) => n);
const cut = () =>
  admin.query("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'under test'");
const UNAVAILABLE = { code: 'unavailable', status: 503, more: { retryAfter: 1 } };

it('connects at the first query, once, and answers in order', async () => {
  let connects = 0;
  const connection = connect({ onConnect: async () => void connects++ });
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, i) =>
      connection.query<{ i: number }>({ text: 'select $1::integer as i', values: [i] }),
    ),
  );
  expect(answers.map(({ rows }) => rows[0]!.i)).toEqual(Array.from({ length: 50 }, (_, i) => i));
  expect(connects).toBe(1);
});

// Caught when: a statement is sent under its name while the one before it, which fails, was to prepare it. Postgres
// then knows no such statement (26000), or gets it twice (42P05).
it('carries out named statements behind a transaction that fails before it has prepared them', async () => {
  const connection = connect();
  await connection.ready();
  const named = (n: number) => ({ name: 'insert number', text: 'insert into numbers values ($1)', values: [n] });
  const failing = () => connection.transaction([{ text: 'select 1 / $1::integer', values: [0] }, named(0)]);
  const settled: PromiseSettledResult<unknown>[] = [];
  for (let round = 1; round <= 3; round++) {
    const sent = [
      failing(),
      connection.transaction([named(10 * round)]),
      connection.transaction([named(10 * round + 1)]),
    ];
    settled.push(...(await Promise.allSettled(sent)));
  }
  expect(settled.map(({ status }) => status)).toEqual(
    Array.from({ length: 3 }, () => ['rejected', 'fulfilled', 'fulfilled']).flat(),
  );
  expect(await numbers()).toEqual([10, 11, 20, 21, 30, 31]);
});

it('goes on after a statement that fails, with those sent behind it', async () => {
  const connection = connect();
  const results = await Promise.allSettled([
    connection.query(insert(1)),
    connection.query({ text: 'select 1/0' }),
    connection.query(insert(2)),
  ]);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(await numbers()).toEqual([1, 2]);
});

describe('a transaction', () => {
  it('takes effect as a whole, and answers for each statement', async () => {
    const results = await connect().transaction([insert(1), { text: 'select count(*)::integer as n from numbers' }]);
    expect(results).toHaveLength(2);
    expect(results[1]!.rows).toEqual([{ n: 1 }]);
    expect(await numbers()).toEqual([1]);
  });

  // Caught when: COMMIT is sent after a failed statement on a session that is not in a transaction.
  it('takes no effect where a statement fails, and tells that one’s error', async () => {
    const connection = connect();
    await connection.ready();
    await expect(connection.transaction([insert(1), insert(1), { text: 'nonsense' }])).rejects.toMatchObject({
      code: '23505',
    });
    expect(await numbers()).toEqual([]);
    await connection.transaction([insert(2)]);
    expect(await numbers()).toEqual([2]);
  });
});

describe('an exclusive conversation', () => {
  it('is rolled back where its work throws', async () => {
    const connection = connect();
    const work = connection.exclusively(async (query) => {
      await query({ text: 'begin' });
      await query(insert(1));
      throw new Error('changed my mind');
    });
    await expect(work).rejects.toThrow('changed my mind');
    expect(await numbers()).toEqual([]);
    await connection.query(insert(2));
    expect(await numbers()).toEqual([2]);
  });

  it('ends with its session', async () => {
    const connection = connect();
    const work = connection.exclusively(async (query) => {
      await query({ text: 'begin' });
      await query(insert(1));
      await cut();
      await query({ text: 'commit' });
    });
    await expect(work.catch((error) => Promise.reject(isUnavailable(error)))).rejects.toBe(true);
    expect(await numbers()).toEqual([]);
  });
});

describe('a session that is lost', () => {
  it('fails what is under way as unavailable, and comes back by itself', async () => {
    const connection = connect();
    await connection.ready();
    const slow = connection.query({ text: 'select pg_sleep(5)' });
    const caught = slow.catch((error) => isUnavailable(error));
    await new Promise((resolve) => setTimeout(resolve, 50));
    await cut();
    expect(await caught).toBe(true);
    await until(() => !connection.isUp);
    await expect(connection.query(insert(1))).rejects.toMatchObject(UNAVAILABLE);
    await until(() => connection.isUp);
    await connection.query(insert(2));
    expect(await numbers()).toEqual([2]);
    expect(connection.busy).toBe(0);
  });

  it('is missed at once where there is no server, without a queue', async () => {
    const connection = connect({ url: 'postgresql://nobody@127.0.0.1:1/none' });
    await expect(connection.ready()).rejects.toMatchObject(UNAVAILABLE);
    const started = Date.now();
    await expect(connection.query(insert(1))).rejects.toMatchObject(UNAVAILABLE);
    await expect(connection.transaction([insert(1)])).rejects.toMatchObject(UNAVAILABLE);
    // In a queue it would wait for ever.
    expect(Date.now() - started).toBeLessThan(1500);
  });

  // A server that is stopped (SIGSTOP), or behind a cable that was cut, closes nothing.
  it('is given up where it does not answer in time', async () => {
    const connection = connect({ answerWithin: 1000 });
    await connection.ready();
    const started = Date.now();
    await expect(
      connection.query({ text: 'select pg_sleep(5)' }).catch((error) => Promise.reject(isUnavailable(error))),
    ).rejects.toBe(true);
    expect(Date.now() - started).toBeLessThan(4500);
    await until(() => connection.isUp);
    await connection.query(insert(1));
    await cut();
  });

  it('does not come back once it was closed', async () => {
    const connection = connect();
    await connection.ready();
    await connection.close();
    await expect(connection.query(insert(1))).rejects.toMatchObject(UNAVAILABLE);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(connection.isUp).toBe(false);
  });
});

it('takes on its role and its parameters at once', async () => {
  const connection = connect({ role: 'pg_read_all_data', parameters: { statement_timeout: '1234ms' } });
  const { rows } = await connection.query({
    text: "select current_user as role, current_setting('statement_timeout') as timeout",
  });
  expect(rows).toEqual([{ role: 'pg_read_all_data', timeout: '1234ms' }]);
});

it('reads under the workspace that each read names, however they alternate', async () => {
  const connection = connect();
  const names = Array.from({ length: 200 }, (_, i) => ['a', 'b', 'b', 'c'][i % 4]!);
  const results = await Promise.all(
    names.map((name) =>
      connection.queryAs<{ w: string }>(name, { text: "select current_setting('heddle.workspace') as w" }),
    ),
  );
  expect(results.map(({ rows }) => rows[0]!.w)).toEqual(names);
});

// Caught when: what the last session was set to is remembered over its end.
it('names the workspace again on a new session', async () => {
  const connection = connect();
  const read = () => connection.queryAs('a', { text: "select current_setting('heddle.workspace', true) as w" });
  const session = async () =>
    (await connection.query<{ pid: number }>({ text: 'select pg_backend_pid() as pid' })).rows;
  expect((await read()).rows).toEqual([{ w: 'a' }]);
  const before = await session();
  await cut();
  // It may be back before anybody has seen it gone.
  await eventually(async () => expect(await session()).not.toEqual(before));
  expect((await read()).rows).toEqual([{ w: 'a' }]);
});

describe('isUnavailable', () => {
  it.each(['08006', '53100', '53300', '57P01', '57P03', '58030', '55P03', '57014', '25P03', 'ECONNREFUSED', 'EPIPE'])(
    'is true for %s',
    (code) => expect(isUnavailable(Object.assign(new Error('x'), { code }))).toBe(true),
  );

  it.each(['23505', '22021', '40P01', '42501', 'HD001', undefined])('is false for %s', (code) =>
    expect(isUnavailable(Object.assign(new Error('x'), { code }))).toBe(false),
  );

  it('knows problems, and what the client says without a code', () => {
    expect(isUnavailable(new Problem('unavailable', 'x'))).toBe(true);
    expect(isUnavailable(new Problem('not_found', 'x'))).toBe(false);
    expect(isUnavailable(new Error('Connection terminated unexpectedly'))).toBe(true);
  });
});
