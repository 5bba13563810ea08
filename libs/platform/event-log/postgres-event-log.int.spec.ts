import pg from 'pg';
import { newId } from '../kernel/id.js';
import { migrate } from '../postgres/migrate.js';
import { LogWriter, type WrittenEvent } from '../testing/log-writer.js';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.js';
import { PostgresEventLog } from './postgres-event-log.js';

let database: TestDatabase;
let log: PostgresEventLog;
let writer: LogWriter;

beforeEach(async () => {
  database = await createTestDatabase();
  await migrate(database.url, [], [{ schema: 'log', folder: 'libs/platform/event-store/migrations' }]);
  log = new PostgresEventLog(database.url, 'heddle_log_writer');
  writer = await new LogWriter(database.url).connect();
});
afterEach(async () => {
  await Promise.all([log.close(), writer.close()]);
  await database.drop();
});

const closed = (): WrittenEvent => ({
  type: 'conversation.closed',
  stream: newId('conv'),
  data: { message_id: null, article: null },
});
const unassigned = (): WrittenEvent => ({ type: 'conversation.unassigned', stream: newId('conv'), data: {} });

it('is at its end at once where it is empty, whatever is asked for', async () => {
  const nothing = { events: [], scannedTo: 0 };
  expect(await log.end()).toBe(0);
  expect(await log.read(0, { limit: 10 })).toEqual(nothing);
  expect(await log.read(0, { limit: 10, upTo: 500 })).toEqual(nothing);
  expect(await log.read(0, { limit: 10, types: ['conversation.closed'], upTo: 500 })).toEqual(nothing);
});

it('reads everything once in pages of any size, in order, bytes as they were written', async () => {
  const written = Array.from({ length: 23 }, () => ({
    ...writer.codec.encode('conversation.unassigned', metaOf('conversation.unassigned'), {}, null),
    type: 'conversation.unassigned',
    stream: newId('conv'),
  }));
  await writer.appendEncoded(written);
  for (const limit of [1, 7, 22, 23, 24]) {
    const read = [];
    for (let after = 0; ; ) {
      const page = await log.read(after, { limit });
      if (page.scannedTo === after) break;
      read.push(...page.events);
      after = page.scannedTo;
    }
    expect(read.map(({ position }) => position)).toEqual(written.map((_, i) => i + 1));
    expect(read.map(({ payload }) => payload)).toEqual(written.map(({ payload }) => payload));
    expect(read.map(({ fingerprint }) => fingerprint)).toEqual(written.map(({ fingerprint }) => fingerprint));
  }
});

it('says how far it has looked: to the last event of a full page, else to the end', async () => {
  await writer.append([closed(), unassigned(), closed(), unassigned(), unassigned()]);
  const types = ['conversation.closed'];
  const positions = async (after: number, options: { limit: number; upTo?: number }) => {
    const page = await log.read(after, { ...options, types });
    return [page.events.map(({ position }) => position), page.scannedTo];
  };
  expect(await positions(0, { limit: 1 })).toEqual([[1], 1]);
  expect(await positions(1, { limit: 1 })).toEqual([[3], 3]);
  expect(await positions(3, { limit: 1 })).toEqual([[], 5]);
  expect(await positions(0, { limit: 9 })).toEqual([[1, 3], 5]);
  expect(await positions(0, { limit: 9, upTo: 2 })).toEqual([[1], 2]);
  expect(await positions(0, { limit: 9, upTo: 900 })).toEqual([[1, 3], 5]);
  expect(await positions(900, { limit: 9 })).toEqual([[], 900]);
});

it('misses nothing and repeats nothing beside writers that append, abort and pause', async () => {
  const others = await Promise.all([1, 2, 3].map(() => new LogWriter(database.url).connect()));
  const aborting = new pg.Client({ connectionString: database.url });
  await aborting.connect();
  let writing = true;
  const aborts = (async () => {
    while (writing) {
      await aborting.query('begin');
      await aborting.query('select pg_advisory_xact_lock(4851, 1)');
      await aborting.query(
        `insert into log.events select coalesce(max(position), 0) + 1, gen_random_uuid(), gen_random_uuid(), 1, 'x', now(), ''::bytea, ''::bytea from log.events`,
      );
      await aborting.query('rollback');
    }
  })();
  const appends = others.map(async (other) => {
    for (let i = 0; i < 60; i++) await other.append([closed(), unassigned(), closed()]);
  });
  const done = Promise.all(appends).then(() => {
    writing = false;
  });
  const seen: number[] = [];
  for (let after = 0, last = false; ; ) {
    const page = await log.read(after, { limit: 50 });
    seen.push(...page.events.map(({ position }) => position));
    if (page.scannedTo === after && last) break;
    last = !writing;
    after = page.scannedTo;
  }
  await Promise.all([done, aborts]);
  expect(seen).toEqual(Array.from({ length: 540 }, (_, i) => i + 1));
  await Promise.all([aborting.end(), ...others.map((other) => other.close())]);
}, 120_000);

it('wakes its listeners for the appends of others, until they stop listening', async () => {
  await log.start();
  await new Promise((resolve) => setTimeout(resolve, 50));
  let woken = 0;
  let ring: () => void = () => undefined;
  const stop = log.onAppend(() => {
    woken++;
    ring();
  });
  const rung = new Promise<void>((resolve) => {
    ring = resolve;
  });
  await writer.append([closed()]);
  await rung;
  stop();
  const before = woken;
  await writer.append([closed()]);
  await log.end();
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(woken).toBe(before);
});

function metaOf(type: string) {
  return {
    id: newId('evt'),
    workspace: writer.workspace,
    stream: newId('conv'),
    seq: 1,
    type,
    occurred_at: 0,
    recorded_at: 0,
    actor: { type: 'system', id: 'test', on_behalf_of: null },
    correlation_id: null,
    causation_id: null,
    traceparent: null,
    ext: {},
  };
}
