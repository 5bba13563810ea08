import pg from 'pg';
import type { EventLog, LogPage, StoredEvent } from '../event-log/event-log.js';
import { PostgresEventLog } from '../event-log/postgres-event-log.js';
import { absentPositions } from '../event-store/absent-positions.js';
import { identifyStore } from '../event-store/epoch.js';
import { newId } from '../kernel/id.js';
import { Connection } from '../postgres/connection.js';
import { migrate } from '../postgres/migrate.js';
import { redrive } from '../projections/redrive.js';
import { LogWriter } from '../testing/log-writer.js';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.js';
import { FeedFold } from './feed-fold.js';
import { FEED, FeedKeeper } from './feed-keeper.js';
import { feedLog } from './feed-log.js';
import { rebuildFeed } from './rebuild-feed.js';

const PARTITIONS = ['heddle.conversation/0', 'heddle.conversation/1', 'heddle.conversation/2'];
const STREAMS = PARTITIONS.map(() => newId('conv'));

let database: TestDatabase;
let admin: pg.Client;
let writer: LogWriter;
let store: PostgresEventLog;
let feed: PostgresEventLog;
let keeper: FeedKeeper;
let owner: Connection;
let troubles: string[];

beforeEach(async () => {
  database = await createTestDatabase();
  await migrate(
    database.url,
    ['feed'],
    [
      { schema: 'log', folder: 'libs/platform/event-store/migrations' },
      { schema: 'log', folder: 'libs/platform/relay/migrations' },
      { schema: 'feed', folder: 'libs/platform/projections/migrations' },
      { schema: 'feed', folder: 'libs/platform/feed/migrations' },
    ],
  );
  admin = new pg.Client({ connectionString: database.url });
  await admin.connect();
  writer = await new LogWriter(database.url).connect();
  store = new PostgresEventLog(database.url, 'heddle_log_writer');
  feed = feedLog(database.url);
  troubles = [];
  owner = new Connection({ url: database.url, role: 'heddle_log_writer', applicationName: 'feed spec' });
  keeper = new FeedKeeper({
    url: database.url,
    decoder: writer.codec,
    partitions: async () => PARTITIONS,
    absent: (after, before) => absentPositions(owner, after, before),
    onTrouble: (error) => troubles.push(error),
  });
});
afterEach(async () => {
  await Promise.all([owner.close(), keeper.close(), feed.close(), store.close(), writer.close(), admin.end()]);
  await database.drop();
});

/** Events as they lie on Kafka: each stream's in a partition of its own, at offsets that only count there. */
async function partitions(count: number): Promise<StoredEvent[][]> {
  const lanes: StoredEvent[][] = PARTITIONS.map(() => []);
  const order = Array.from({ length: count }, (_, i) => (i * 7 + (i % 5)) % 3);
  await writer.append(order.map((n) => ({ type: 'conversation.unassigned', stream: STREAMS[n]!, data: {} })));
  const { events } = await store.read(0, { limit: count });
  for (const [i, n] of order.entries()) lanes[n]!.push({ ...events[i]!, position: lanes[n]!.length + 1 });
  return lanes;
}

const page = (events: StoredEvent[]): LogPage => ({ events, scannedTo: events.at(-1)!.position });

async function end(expected: number): Promise<void> {
  for (const giveUp = Date.now() + 60_000; ; await new Promise((resolve) => setTimeout(resolve, 5))) {
    const reached = await feed.end();
    if (reached === expected) return;
    if (Date.now() > giveUp) throw new Error(`The feed is readable to ${reached} and not to ${expected}.`);
  }
}

it('is readable up to the first position that has not come, and holds the store’s bytes in its order', async () => {
  const lanes = await partitions(60);
  const [first, second, third] = PARTITIONS.map((name) => keeper.lane(name));
  const all = lanes.flat().sort((a, b) => a.storePosition - b.storePosition);
  const gapAfter = (missing: StoredEvent[]) => Math.min(...missing.map((e) => e.storePosition)) - 1;

  await first!.seek();
  await first!.apply(page(lanes[0]!));
  await end(gapAfter([...lanes[1]!, ...lanes[2]!]));
  await third!.seek();
  await third!.apply(page(lanes[2]!));
  await end(gapAfter(lanes[1]!));
  await second!.seek();
  await second!.apply(page(lanes[1]!.slice(0, 5)));
  await end(gapAfter(lanes[1]!.slice(5)));
  const part = await feed.read(0, { limit: 100 });
  expect(part.events.at(-1)!.position).toBe(gapAfter(lanes[1]!.slice(5)));
  await second!.apply(page(lanes[1]!.slice(5)));
  await end(60);

  const read: StoredEvent[] = [];
  for (let after = 0; after < 60; ) {
    const { events, scannedTo } = await feed.read(after, { limit: 7 });
    read.push(...events);
    after = scannedTo;
  }
  expect(read).toEqual(all.map((event) => ({ ...event, position: event.storePosition })));
});

it('takes nothing from a member that has lost its partition', async () => {
  const [events] = await partitions(30);
  const [stale, fresh] = [keeper.lane(PARTITIONS[0]!), keeper.lane(PARTITIONS[0]!)];
  await Promise.all([stale.seek(), fresh.seek()]);
  await fresh.apply(page(events!));
  await expect(stale.apply(page(events!))).rejects.toMatchObject({ code: 'HD002' });
  const { rows } = await admin.query('select count(*)::integer as rows from feed.events');
  expect(rows).toEqual([{ rows: events!.length }]);
  expect(await stale.seek()).toBe(events!.length);
});

it('goes on past an event that cannot be read, which is listed, and a record that is nobody’s', async () => {
  const lanes = await partitions(30);
  const bad = lanes[1]![3]!;
  const broken = { ...bad, payload: Buffer.from('no event') };
  const foreign = { ...bad, position: lanes[2]!.length + 1, storePosition: 0 };
  const pages = [lanes[0]!, lanes[1]!.with(3, broken), [...lanes[2]!, foreign]];
  for (const [n, events] of pages.entries()) {
    const lane = keeper.lane(PARTITIONS[n]!);
    await lane.seek();
    await lane.apply(page(events));
  }
  await end(30);
  const { events } = await feed.read(0, { limit: 100 });
  expect(events.map(({ position }) => position)).toEqual(
    Array.from({ length: 30 }, (_, i) => i + 1).filter((position) => position !== bad.storePosition),
  );
  const { rows } = await admin.query('select partition, position from feed.dead_letters order by partition');
  expect(rows).toEqual([
    { partition: PARTITIONS[1], position: bad.position },
    { partition: PARTITIONS[2], position: foreign.position },
  ]);
  expect(troubles).toHaveLength(2);
});

it('takes in what was set aside, once it can be read', async () => {
  const lanes = await partitions(30);
  const bad = lanes[1]![3]!;
  await applyAll(lanes.with(1, lanes[1]!.with(3, { ...bad, payload: Buffer.from('no event') })));
  await end(30);
  const log: EventLog = {
    partitionsOf: async () => [
      {
        name: PARTITIONS[1]!,
        end: async () => lanes[1]!.length,
        read: async (after) => ({ events: [lanes[1]![after]!], scannedTo: after + 1 }),
      },
    ],
  };
  const connection = new Connection({ url: database.url, role: 'heddle_feed', applicationName: 'feed redrive' });
  const target = { projection: FEED, fold: new FeedFold(writer.codec) };
  expect(await redrive(connection, log, target)).toEqual({ redriven: 1, failed: 0 });
  await connection.close();
  const { events } = await feed.read(0, { limit: 100 });
  expect(events).toHaveLength(30);
  expect(events[bad.storePosition - 1]!.payload).toEqual(bad.payload);
});

/** As `heddle log reconcile` leaves a store that has lost them for good. */
const lose = (positions: number[]) => admin.query('delete from log.events where position = any ($1)', [positions]);

const relayedTo = (position: number) =>
  admin.query(
    `insert into log.relay (token, holder, lease_until, position, state) values (1, 'spec', now(), $1, 'relaying')
     on conflict (only_row) do update set position = $1`,
    [position],
  );

async function applyAll(lanes: StoredEvent[][]): Promise<void> {
  for (const [n, events] of lanes.entries()) {
    const lane = keeper.lane(PARTITIONS[n]!);
    await lane.seek();
    await lane.apply(page(events));
  }
}

it('passes over a position that nobody has any more, and waits for one that is only late', async () => {
  await owner.exclusively((query) => identifyStore({ query }));
  const lanes = await partitions(30);
  const [lost, late] = [lanes[1]![3]!, lanes[2]![6]!];
  await lose([lost.storePosition]);
  await applyAll(lanes.map((events) => events.filter((event) => event !== lost && event !== late)));
  await relayedTo(lost.storePosition - 1);
  keeper.start();
  await end(lost.storePosition - 1);
  await new Promise((resolve) => setTimeout(resolve, 2500));
  await end(lost.storePosition - 1);
  await relayedTo(30);
  await end(late.storePosition - 1);
  const lane = keeper.lane(PARTITIONS[2]!);
  await lane.seek();
  await lane.apply({ events: [{ ...late, position: 1000 }], scannedTo: 1000 });
  await end(30);
  expect(troubles).toEqual([]);
}, 120_000);

it('passes over nothing while the store awaits Kafka', async () => {
  await owner.exclusively((query) => identifyStore({ query }));
  const lanes = await partitions(12);
  await admin.query('insert into log.epochs select epoch + 1, 12, system_identifier, timeline from log.epochs');
  await lose([5]);
  await relayedTo(12);
  expect(await absentPositions(owner, 0, 12)).toEqual([]);
  await admin.query('update log.epochs set confirmed_at = now() where epoch = 2');
  expect(await absentPositions(owner, 0, 12)).toEqual([5]);
  expect(lanes.flat()).toHaveLength(12);
});

it('is built anew from its partitions, whatever it held, and past what nobody has', async () => {
  await owner.exclusively((query) => identifyStore({ query }));
  const lanes = await partitions(30);
  const lost = lanes[0]![2]!;
  await lose([lost.storePosition]);
  await relayedTo(30);
  const held = lanes.map((events) => events.filter((event) => event !== lost));
  await applyAll(held);
  await admin.query(`update feed.projections set diverged_at = now(), next = 900 where partition = $1`, [
    PARTITIONS[0],
  ]);
  await admin.query(`update feed.events set payload = 'other' where position = $1`, [held[1]![0]!.storePosition]);
  const log: EventLog = {
    partitionsOf: async () =>
      PARTITIONS.map((name, n) => ({
        name,
        end: async () => held[n]!.at(-1)!.position,
        read: async (after, { limit, upTo = 1000 }) => {
          const events = held[n]!.filter(({ position }) => position > after && position <= upTo).slice(0, limit);
          return { events, scannedTo: events.at(-1)?.position ?? after };
        },
      })),
  };
  const absent = (after: number, before: number) => absentPositions(owner, after, before);
  const rebuilt = await rebuildFeed({ url: database.url, log, decoder: writer.codec, absent });
  expect(rebuilt).toMatchObject({ events: 29, rows: 30 });
  await end(30);
  const { events } = await feed.read(0, { limit: 100 });
  const all = held.flat().sort((a, b) => a.storePosition - b.storePosition);
  expect(events).toEqual(all.map((event) => ({ ...event, position: event.storePosition })));
});

it('wakes its readers', async () => {
  const [events] = await partitions(3);
  await feed.start();
  const woken = new Promise<void>((resolve) => feed.onAppend(resolve));
  const lane = keeper.lane(PARTITIONS[0]!);
  await lane.seek();
  await lane.apply(page(events!));
  await woken;
});
