import { setTimeout as sleep } from 'node:timers/promises';
import { RegistrySchemaIds } from '../event-log/kafka/schema-ids.js';
import { RegistryUnavailable } from '../registry/registry-client.js';
import { describeOnKafka } from '../testing/test-kafka.js';
import { TEST_STORE } from '../testing/test-store.js';
import { until } from '../testing/until.js';
import { type ConsumerBench, openConsumerBench, records } from './consumer-bench.fixture.js';
import { IDS } from './counted-type.fixture.js';
import type { KafkaBatchServer } from './kafka-batch-server.js';
import { groupOf } from './subscription.js';

let bench: ConsumerBench;

const stateOf = (server: KafkaBatchServer, n = 0) =>
  server.progress().find(({ partition }) => partition === bench.partition(n));

const upTo = (n: number) => Array.from({ length: n }, (_, index) => index + 1);

describeOnKafka('a subscription on Kafka', () => {
  beforeEach(async () => {
    bench = await openConsumerBench();
  });
  afterEach(() => bench.close());

  it('applies each event of its types once, in order, and knows how far it is', async () => {
    for (const n of [0, 1, 2, 3]) await bench.topic.send(n, ...records(0, 100));
    await bench.topic.send(0, ...records(0, 3, 'conversation.closed'), ...records(100, 102));
    const server = bench.start();
    await until(() => bench.rows.count === 402);
    await bench.topic.send(2, ...records(100, 110));
    await until(() => bench.rows.count === 412);
    expect(bench.rows.disorder).toEqual([]);
    expect(bench.rows.applied.get(bench.partition(0))).toEqual([...upTo(100), 104, 105]);
    expect(stateOf(server, 2)).toEqual({
      subscription: 'counts',
      partition: bench.partition(2),
      state: 'following',
      position: 110,
      end: 110,
      lag: 0,
      error: null,
    });
    const group = groupOf(bench.subscription, TEST_STORE);
    await until(async () => (await bench.topic.committed(group)).get(2) === 110);
  });

  it.each([0, 500])(
    'begins where the cursor is, whatever the broker says, also when it is known late (%i ms)',
    async (ms) => {
      bench.rows.seekMs = ms;
      for (const n of [0, 1, 2]) await bench.topic.send(n, ...records(0, 10));
      bench.rows.cursors.set(bench.partition(0), 4);
      bench.rows.cursors.set(bench.partition(1), 4);
      // Too far, too early, at the end, and beyond it.
      await bench.topic.commitWrongly(
        groupOf(bench.subscription, TEST_STORE),
        new Map([0, 1, 2, 3].map((n) => [n, [8, 1, 10, 500][n]!])),
      );
      const server = bench.start();
      await until(() => server.progress().length === 4);
      await until(() => bench.rows.count === 22);

      await bench.topic.send(3, ...records(0, 1));
      await until(() => bench.rows.count === 23);
      const applied = (n: number) => bench.rows.applied.get(bench.partition(n));
      expect([0, 1, 2, 3].map(applied)).toEqual([[5, 6, 7, 8, 9, 10], [5, 6, 7, 8, 9, 10], upTo(10), [1]]);
      expect(server.progress().map(({ state }) => state)).toEqual(Array(4).fill('following'));
      expect(bench.said).toEqual([]);
    },
  );

  it('passes over the markers of take-overs, at the beginning, between and at the end', async () => {
    await bench.topic.takeOver();
    const server = bench.start();
    await until(() => stateOf(server)?.lag === 0 && stateOf(server)!.end > 0);
    await bench.topic.send(0, ...records(0, 2));
    await until(() => bench.rows.count === 2);
    for (let n = 2; n < 6; n++) {
      await bench.topic.takeOver();
      await bench.topic.send(0, ...records(n, n + 1));
    }
    await until(() => bench.rows.count === 6);
    await bench.topic.takeOver();
    await until(
      () => stateOf(server)!.lag === 0 && stateOf(server)!.end > bench.rows.applied.get(bench.partition(0))!.at(-1)!,
    );
    expect(bench.rows.disorder).toEqual([]);
    expect([...bench.rows.appliedAt.keys()]).toEqual(['0', '1', '2', '3', '4', '5']);
    expect(bench.said).toEqual([]);
  });

  it('stops where the cursor is beyond the end, also when the partition grows past it, until it is rebuilt', async () => {
    await bench.topic.send(0, ...records(0, 5));
    await bench.topic.send(1, ...records(0, 5));
    bench.rows.cursors.set(bench.partition(0), 9);
    const server = bench.start();
    await until(() => stateOf(server)?.state === 'diverged');
    expect(bench.rows.diverged.get(bench.partition(0))).toBe(5);
    await bench.topic.send(0, ...records(5, 15));
    await bench.topic.send(1, ...records(5, 6));
    await until(() => bench.rows.applied.get(bench.partition(1))?.length === 6);
    await sleep(1000);
    expect(bench.rows.applied.get(bench.partition(0))).toBeUndefined();
    expect(bench.said.map(({ fields }) => (fields as { state: string }).state)).toEqual(['failing', 'diverged']);
    bench.rows.diverged.clear();
    bench.rows.cursors.set(bench.partition(0), 0);
    await until(() => bench.rows.applied.get(bench.partition(0))?.length === 15);
    expect(stateOf(server)).toMatchObject({ state: 'following', error: null });
  }, 120_000);

  it('notices that the topic was made anew while it followed it', async () => {
    await bench.topic.send(0, ...records(0, 20));
    const server = bench.start();
    await until(() => bench.rows.count === 20);
    await bench.topic.remove();
    await sleep(500);
    await bench.topic.make();
    await bench.topic.send(0, ...records(100, 103));
    await until(() => stateOf(server)?.state === 'diverged', 40_000);
    expect(bench.rows.count).toBe(20);
  }, 120_000);

  it('applies nothing where retention has deleted what it needs', async () => {
    await bench.topic.send(0, ...records(0, 10));
    await bench.topic.forget(0, 6);
    bench.rows.cursors.set(bench.partition(0), 3);
    const server = bench.start();
    await until(() => stateOf(server)?.state === 'failing');
    await bench.topic.send(0, ...records(10, 12));
    await sleep(1500);
    expect(bench.rows.count).toBe(0);
    expect(stateOf(server)!.error).toMatch(/stands at 3 of .*\/0, which begins at 6 now/);
  });

  it('waits for a database that is away, as a member of its group, and goes on by itself', async () => {
    const server = bench.start();
    await bench.topic.send(0, ...records(0, 5));
    await until(() => bench.rows.count === 5);
    bench.rows.isAway = true;
    await bench.topic.send(0, ...records(5, 10));
    await until(() => stateOf(server)?.state === 'unavailable');
    await sleep(2500);
    expect(stateOf(server)).toMatchObject({ state: 'unavailable', position: 5, lag: 5, error: 'Connection refused' });
    bench.rows.isAway = false;
    await until(() => bench.rows.count === 10);
    expect(bench.rows.disorder).toEqual([]);
    // Said once.
    expect(bench.said).toHaveLength(1);
  });

  it('lets one partition that fails hold up no other', async () => {
    const lane: typeof bench.subscription.lane = (partition) => {
      const one = bench.rows.lane(partition);
      if (partition === bench.partition(0)) one.apply = () => Promise.reject(new Error('the program is wrong'));
      return one;
    };
    const server = bench.start({ lane });
    for (const n of [0, 1, 2]) await bench.topic.send(n, ...records(0, 5));
    await until(() => bench.rows.count === 10);
    await until(() => stateOf(server)?.state === 'failing');
    expect(stateOf(server)!.error).toBe('the program is wrong');
    const sentAt = performance.now();
    await bench.topic.send(1, ...records(5, 6));
    await until(() => bench.rows.count === 11);
    expect(performance.now() - sentAt).toBeLessThan(5000);
  });

  it('seeks again where another member has moved the cursor', async () => {
    const server = bench.start();
    await bench.topic.send(0, ...records(0, 5));
    await until(() => bench.rows.count === 5);
    // Somebody applied three more, which this member has not seen.
    bench.rows.cursors.set(bench.partition(0), 8);
    await bench.topic.send(0, ...records(5, 12));
    await until(() => stateOf(server)?.position === 12);
    expect(bench.rows.applied.get(bench.partition(0))).toEqual([...upTo(5), 9, 10, 11, 12]);
    expect(bench.rows.overtaken).toBe(1);
    expect(bench.said).toEqual([]);
  });

  it('takes what is no event to the projection alone, which soon passes the others', async () => {
    bench.start();
    await bench.topic.send(0, ...records(0, 1));
    await until(() => bench.rows.count === 1);
    const sentAt = performance.now();
    const good = records(0, 1)[0]!;
    const bad = [
      { ...good, value: Buffer.from('text') },
      { ...good, value: Buffer.from([0, 0, 0, 0, 42, 1]) },
      { ...good, headers: {} },
      { ...good, headers: { ...good.headers, 'heddle-store': 'a'.repeat(32) } },
    ];
    await bench.topic.send(0, ...records(1, 50), ...bad, ...records(50, 100));
    await until(() => bench.rows.count === 100);
    expect(performance.now() - sentAt).toBeLessThan(5000);
    expect(bench.rows.setAside).toEqual([
      { position: 51, cause: 'The value is not a zero byte, the four bytes of a schema id and Avro.' },
      { position: 52, cause: 'The registry has no schema with the id 42.' },
      { position: 53, cause: 'No relay wrote it: it has no header heddle-store.' },
      {
        position: 54,
        cause: expect.stringMatching(/^It is of the store a{32}, and this is 5{32}: .*HEDDLE_KAFKA_PREFIX/),
      },
    ]);
  });

  it('knows how far the partitions are that it has not', async () => {
    const first = bench.start();
    await until(() => first.progress().filter(({ state }) => state === 'following').length === 4);
    const second = bench.start();
    const here = (server: KafkaBatchServer) => server.progress().filter(({ state }) => state !== 'unassigned');
    await until(() => here(first).length === 2 && here(second).length === 2, 30_000);
    for (const n of [0, 1, 2, 3]) await bench.topic.send(n, ...records(0, 10));
    await until(() => bench.rows.count === 40);
    const lags = (server: KafkaBatchServer) =>
      Object.fromEntries(server.progress().map(({ partition, lag }) => [partition, lag]));
    const none = Object.fromEntries([0, 1, 2, 3].map((n) => [bench.partition(n), 0]));
    await until(() => JSON.stringify(lags(second)) !== '{}' && Object.keys(lags(second)).length === 4);
    await until(() => Object.values(lags(second)).every((lag) => lag === 0));
    expect(lags(second)).toEqual(none);
    // Nobody's for a while, as the rows see it.
    const theirs = here(first)[0]!.partition;
    bench.rows.failure = new Error('stands still');
    await bench.topic.send(Number(theirs.split('/')[1]), ...records(10, 17));
    await until(() => lags(second)[theirs] === 7);
    expect(here(second).map(({ partition }) => partition)).not.toContain(theirs);
  });

  it('shares nothing with another store’s processes on the same topics', async () => {
    const other = new Map<string, number>();
    const lane: typeof bench.subscription.lane = (partition) => ({
      partition,
      position: 0,
      seek: async () => other.get(partition) ?? 0,
      apply: async ({ scannedTo }) => void other.set(partition, scannedTo),
      diverge: async () => undefined,
    });
    const [ours, theirs] = [bench.start(), bench.start({ store: async () => 'a'.repeat(32), lane })];
    const all = (server: KafkaBatchServer) => server.progress().filter(({ state }) => state === 'following').length;
    await until(() => all(ours) === 4 && all(theirs) === 4);
    for (const n of [0, 1, 2, 3]) await bench.topic.send(n, ...records(0, 10));
    await until(() => bench.rows.count === 40 && [...other.values()].reduce((sum, n) => sum + n, 0) === 40);
  });

  it('waits for a registry that is away, and sets nothing aside for it', async () => {
    let away = true;
    const schema = async () => {
      throw new RegistryUnavailable('The registry cannot be reached');
    };
    const waiting = new RegistrySchemaIds({ schema });
    const ids = { fingerprintOf: (id: number) => (away ? waiting : IDS).fingerprintOf(id) };
    const server = bench.start({ ids });
    await bench.topic.send(0, ...records(0, 3));
    await until(() => stateOf(server)?.state === 'unavailable');
    expect(bench.rows.count).toBe(0);
    away = false;
    await until(() => bench.rows.count === 3);
    expect(bench.rows.setAside).toEqual([]);
  });

  it('stays in its group through a transaction that outlasts the session', async () => {
    const server = bench.start({ sessionTimeoutMs: 6000 });
    await bench.topic.send(0, ...records(0, 1));
    await until(() => bench.rows.count === 1);
    bench.rows.commitMs = 8000;
    await bench.topic.send(0, ...records(1, 2));
    await until(() => bench.rows.count === 2);
    bench.rows.commitMs = 0;
    await bench.topic.send(0, ...records(2, 3));
    await until(() => bench.rows.count === 3);
    expect([bench.rows.overtaken, bench.said]).toEqual([0, []]);
    expect(stateOf(server)!.state).toBe('following');
  });
});
