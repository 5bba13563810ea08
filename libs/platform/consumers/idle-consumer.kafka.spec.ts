import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { createTestDatabase } from '../testing/test-database.js';
import { describeOnKafka } from '../testing/test-kafka.js';
import { until } from '../testing/until.js';
import { type ConsumerBench, openConsumerBench, records } from './consumer-bench.fixture.js';
import { SQL_ROWS } from './sql-rows.fixture.js';
import { coreMs, startMemberProcess } from './start-member.fixture.js';

const IDLE_MS = 8000;
let bench: ConsumerBench;

describeOnKafka('a consumer', () => {
  beforeEach(async () => {
    bench = await openConsumerBench({ partitions: 12 });
  });
  afterEach(() => bench.close());

  it('that is idle does not spin', async () => {
    const database = await createTestDatabase();
    const admin = new pg.Client({ connectionString: database.url });
    await admin.connect();
    await admin.query(SQL_ROWS);
    // In a process of its own: Jest's modules run slower.
    const member = startMemberProcess(bench, database.url, 0);
    try {
      await bench.topic.send(0, ...records(0, 100));
      await until(async () => (await admin.query('select 1 from applied')).rowCount === 100);
      await sleep(2000);
      const before = await coreMs(member);
      await sleep(IDLE_MS);
      // 0.6 % where nothing else runs, and 4 % where kafkajs looks for requests a thousand times a second.
      expect(((await coreMs(member)) - before) / IDLE_MS).toBeLessThan(0.02);
    } finally {
      member.kill('SIGKILL');
      await admin.end();
      await database.drop();
    }
  });

  it('has an event soon after it was sent, one after the other', async () => {
    bench.start();
    await bench.topic.send(0, ...records(0, 1));
    await until(() => bench.rows.count === 1);
    const sentAt = new Map<string, number>();
    // None is sent before the last was had: on a busy machine they would wait for each other.
    for (let n = 1; n <= 300; n++) {
      sentAt.set(`${n}`, performance.now());
      await bench.topic.send(n % 12, ...records(n, n + 1));
      await until(() => bench.rows.count === n + 1);
    }
    const took = [...sentAt].map(([text, at]) => bench.rows.appliedAt.get(text)! - at).sort((a, b) => a - b);
    // 5.5 ms where nothing else runs, of which the producer has half; whoever only looks now and then takes far longer
    // than a busy machine does. `npm run bench` has the time itself.
    expect(took[150]).toBeLessThan(250);
  });
});
