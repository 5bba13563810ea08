import { setTimeout as sleep } from 'node:timers/promises';
import { describeOnKafka } from '../testing/test-kafka.js';
import { type ConsumerBench, openConsumerBench, records, until } from './consumer-bench.fixture.js';

const IDLE_MS = 6000;
let bench: ConsumerBench;

describeOnKafka('a consumer', () => {
  beforeEach(async () => {
    bench = await openConsumerBench({ partitions: 12 });
  });
  afterEach(() => bench.close());

  it('that is idle takes less than a hundredth of a core', async () => {
    bench.start();
    await bench.topic.send(0, ...records(0, 100));
    await until(() => bench.rows.count === 100);
    await sleep(2000);
    const before = process.cpuUsage();
    await sleep(IDLE_MS);
    const { user, system } = process.cpuUsage(before);
    const share = (user + system) / 1000 / IDLE_MS;
    expect(share).toBeLessThan(0.01);
  });

  it('has an event soon after it was sent, at a hundred a second', async () => {
    bench.start();
    await bench.topic.send(0, ...records(0, 1));
    await until(() => bench.rows.count === 1);
    const sentAt = new Map<string, number>();
    const sending: Promise<void>[] = [];
    for (let n = 1; n <= 300; n++) {
      sentAt.set(`${n}`, performance.now());
      sending.push(bench.topic.send(n % 12, ...records(n, n + 1)));
      await sleep(10);
    }
    await Promise.all(sending);
    await until(() => bench.rows.count === 301);
    const took = [...sentAt].map(([text, at]) => bench.rows.appliedAt.get(text)! - at).sort((a, b) => a - b);
    if (process.env.HEDDLE_TEST_SAY) console.log({ p50: took[150], p99: took[296] });
    expect(took[150]).toBeLessThan(20);
  });
});
