import type { WholeLog } from '../event-log/event-log.js';
import { newId } from '../kernel/id.js';
import { until } from '../testing/until.js';
import { messageCount } from './message-count.fixture.js';
import { type Bench, logWith, messages, openBench } from './projection-bench.fixture.js';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.close());

const state = (follower: { status(): { state: string }[] }) => follower.status()[0]!.state;

/** A log whose next page is held back once it has been read: a member that stalls between reading and writing. */
function stalling(log: WholeLog) {
  let hold: Promise<void> | null = null;
  let caught: () => void = () => undefined;
  const stalled = logWith(log, {
    read: async (after, options) => {
      const page = await log.read(after, options);
      if (hold !== null && page.events.length > 0) {
        caught();
        await hold;
      }
      return page;
    },
  });
  return {
    log: stalled,
    /** `caught` resolves when a page is being held. */
    stall() {
      let release: () => void = () => undefined;
      hold = new Promise((resolve) => {
        release = () => {
          hold = null;
          resolve();
        };
      });
      return { caught: new Promise<void>((resolve) => (caught = resolve)), release };
    },
  };
}

it('applies what is there and what comes, each event once', async () => {
  await bench.writer.append(messages(30));
  const follower = bench.follow();
  expect(await follower.waitFor('message_count', 30, 60_000)).toBe(true);
  for (let i = 0; i < 20; i++) await bench.writer.append(messages(3));
  expect(await follower.waitFor('message_count', 90, 60_000)).toBe(true);
  expect(await bench.counted()).toBe(90);
  expect(await bench.cursor()).toMatchObject({ next: 91 });
  expect(follower.status()).toMatchObject([{ state: 'following', position: 90, lagPositions: 0, deadLetters: 0 }]);
});

it('is woken by each append, and does not wait for its next look', async () => {
  const follower = bench.follow();
  await bench.writer.append(messages(1));
  expect(await follower.waitFor('message_count', 1, 60_000)).toBe(true);
  const begin = Date.now();
  for (let position = 2; position <= 31; position++) {
    await bench.writer.append(messages(1));
    expect(await follower.waitFor('message_count', position, 60_000)).toBe(true);
  }
  // A look a second would make it half a minute.
  expect(Date.now() - begin).toBeLessThan(15_000);
});

it('starts on an empty log, and waits no longer than it is told', async () => {
  const follower = bench.follow();
  await until(() => state(follower) === 'following');
  expect(await follower.waitFor('message_count', 1, 50)).toBe(false);
  await bench.writer.append(messages(2));
  expect(await follower.waitFor('message_count', 2, 60_000)).toBe(true);
  expect(await bench.counted()).toBe(2);
});

it('passes over events that it does not want, and keeps its place there', async () => {
  const follower = bench.follow();
  const created = { customer_id: newId('cus'), channel: 'chat', title: null, external_id: null };
  const others = Array.from({ length: 40 }, () => ({
    type: 'conversation.created',
    stream: newId('conv'),
    data: created,
  }));
  await bench.writer.append(others);
  expect(await follower.waitFor('message_count', 40, 60_000)).toBe(true);
  await until(async () => (await bench.cursor()).next === 41);
});

it('counts 100 events as 100 where a member stalls between reading and writing, and another takes over', async () => {
  const { log, stall } = stalling(bench.log);
  const first = bench.follow({ log });
  await until(() => state(first) === 'following');
  const { caught, release } = stall();
  await bench.writer.append(messages(100));
  await caught;
  const second = bench.follow({ takeOverAfterMs: 200 });
  expect(await second.waitFor('message_count', 100, 60_000)).toBe(true);
  release();
  await bench.writer.append(messages(1));
  expect(await first.waitFor('message_count', 101, 60_000)).toBe(true);
  expect(await second.waitFor('message_count', 101, 60_000)).toBe(true);
  expect(await bench.counted()).toBe(101);
  expect(await bench.cursor()).toMatchObject({ next: 102 });
}, 120_000);

it('leaves the work to the member that leads, and follows its place', async () => {
  const first = bench.follow();
  await until(() => state(first) === 'following');
  const second = bench.follow();
  await until(() => state(second) === 'standby');
  await bench.writer.append(messages(10));
  expect(await second.waitFor('message_count', 10, 60_000)).toBe(true);
  expect(state(second)).toBe('standby');
  await first.close();
  await bench.writer.append(messages(5));
  expect(await second.waitFor('message_count', 15, 60_000)).toBe(true);
  expect(await bench.counted()).toBe(15);
});

it('stops with an alarm when its cursor is beyond the end of the log, and stays so when the log grows past it', async () => {
  await bench.admin.query(
    "insert into analytics.projections (name, partition, next) values ('message_count', 'log', 50)",
  );
  await bench.writer.append(messages(10));
  const follower = bench.follow();
  await until(() => state(follower) === 'diverged');
  expect(bench.troubles).toMatchObject([{ state: 'diverged', error: expect.stringContaining('Rebuild it') }]);
  await bench.writer.append(messages(60));
  await follower.close();
  const restarted = bench.follow();
  await until(() => state(restarted) === 'diverged');
  expect(await bench.counted()).toBe(0);
});

it('finds out while it runs that the log was cut off before its place', async () => {
  const follower = bench.follow();
  await bench.writer.append(messages(20));
  expect(await follower.waitFor('message_count', 20, 60_000)).toBe(true);
  await bench.admin.query('delete from log.events where position > 10');
  await until(() => state(follower) === 'diverged');
});

it('goes on by itself when its sessions were ended', async () => {
  const follower = bench.follow();
  await bench.writer.append(messages(10));
  expect(await follower.waitFor('message_count', 10, 60_000)).toBe(true);
  for (let i = 0; i < 3; i++) {
    await bench.admin.query(`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name like 'heddle %'`);
    await bench.writer.append(messages(10));
    expect(await follower.waitFor('message_count', 20 + i * 10, 60_000)).toBe(true);
  }
  expect(await bench.counted()).toBe(40);
  expect(await bench.deadLetters()).toEqual([]);
}, 120_000);

it('blames no event for a table that is not there, and goes on when it is', async () => {
  await bench.admin.query('alter table analytics.message_count rename to elsewhere');
  const follower = bench.follow();
  await bench.writer.append(messages(5));
  await until(() => state(follower) === 'failing');
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(await bench.deadLetters()).toEqual([]);
  await bench.admin.query('alter table analytics.elsewhere rename to message_count');
  expect(await follower.waitFor('message_count', 5, 60_000)).toBe(true);
  expect(await bench.counted()).toBe(5);
}, 120_000);

it('does not follow an inline projection', () => {
  const follower = bench.follow({ projections: [{ ...messageCount, inline: true }] });
  expect(follower.status()).toEqual([]);
});
