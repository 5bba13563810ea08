import { setTimeout as sleep } from 'node:timers/promises';
import { KafkaEventLog } from '../event-log/kafka/kafka-event-log.js';
import type { KafkaBroker } from '../testing/kafka/kafka-broker.js';
import { describeWithOwnBrokers, startOwnBroker } from '../testing/kafka/own-broker.js';
import { testStore } from '../testing/test-store.js';
import { until } from '../testing/until.js';
import { openConsumerBench, records } from './consumer-bench.fixture.js';
import { IDS, TYPE } from './counted-type.fixture.js';
import { KafkaBatchServer } from './kafka-batch-server.js';

const NOBODY = ['127.0.0.1:1'];
/** Some 3 s where the machine does nothing else. */
const BACK_WITHIN_MS = 30_000;

it('starts and closes while Kafka is away, and says so once', async () => {
  const said: string[] = [];
  const log = { info: () => undefined, warn: (_: object, text: string) => void said.push(text) };
  const server = new KafkaBatchServer({ kafka: { brokers: NOBODY }, ids: IDS, store: testStore, log: log as never });
  const lane = () => {
    throw new Error('nothing is assigned');
  };
  server.subscribe({ name: 'counts', group: 'heddle.test.counts', types: [TYPE], topics: ['heddle.test'], lane });
  server.start();
  await until(() => said.length > 0);
  await sleep(3000);
  expect(said).toEqual(['Kafka cannot be consumed; it is tried again until it can']);
  const closing = performance.now();
  await server.close();
  expect(performance.now() - closing).toBeLessThan(15_000);
});

describeWithOwnBrokers('a Kafka that is killed', () => {
  let broker: KafkaBroker;
  let remove: () => Promise<void>;

  beforeAll(async () => {
    ({ broker, remove } = await startOwnBroker());
  }, 240_000);
  afterAll(() => remove());

  it('and comes back is consumed and read on by itself, and no event is applied twice', async () => {
    const brokers = [broker.address];
    const bench = await openConsumerBench({ brokers });
    const log = new KafkaEventLog({
      kafka: { brokers },
      ids: IDS,
      store: testStore,
      topics: { ofTypes: () => [bench.topic.name] },
      patienceMs: 60_000,
    });
    try {
      const server = bench.start();
      const [partition] = await log.partitionsOf([TYPE]);
      await bench.topic.send(0, ...records(0, 10));
      await until(() => bench.rows.count === 10);
      expect((await partition!.read(0, { limit: 4 })).events).toHaveLength(4);
      for (let round = 1; round <= 3; round++) {
        await broker.kill();
        const reading = partition!.read(10 * round, { limit: 100 });
        // Longer than what is passed over in silence.
        await sleep(6000);
        await broker.start();
        const backAt = performance.now();
        expect((await reading).events).toHaveLength(0);
        await bench.topic.send(0, ...records(10 * round, 10 * (round + 1)));
        await until(() => bench.rows.count === 10 * (round + 1), 40_000);
        expect((await partition!.read(10 * round, { limit: 100 })).events).toHaveLength(10);
        expect(performance.now() - backAt).toBeLessThan(BACK_WITHIN_MS);
      }
      expect(bench.rows.disorder).toEqual([]);
      expect(server.progress()).toHaveLength(4);
      await until(() => server.progress().every(({ state, lag }) => state === 'following' && lag === 0));
      const said = bench.said.filter(({ fields }) => 'group' in fields).map(({ level }) => level);
      expect(said).toEqual(Array.from({ length: 3 }, () => ['warn', 'info']).flat());
    } finally {
      await log.close();
      await bench.close();
    }
  }, 180_000);
});
