import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Connection } from '../postgres/connection.js';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.js';
import { describeOnKafka } from '../testing/test-kafka.js';
import { until } from '../testing/until.js';
import { type ConsumerBench, openConsumerBench, records } from './consumer-bench.fixture.js';
import { SQL_ROWS, SqlLane } from './sql-rows.fixture.js';
import { startMemberProcess } from './start-member.fixture.js';

const PARTITIONS = 6;
let bench: ConsumerBench;

/** Sends a few events to every partition at a time, until it is stopped; returns how many there are. */
function keepSending(): () => Promise<number> {
  let sent = 0;
  let stopped = false;
  const sending = (async () => {
    while (!stopped) {
      for (let n = 0; n < PARTITIONS; n++) await bench.topic.send(n, ...records(0, 3));
      sent += 3 * PARTITIONS;
      await sleep(20);
    }
  })();
  return async () => {
    stopped = true;
    await sending;
    return sent;
  };
}

describeOnKafka('rebalances', () => {
  beforeEach(async () => {
    bench = await openConsumerBench({ partitions: PARTITIONS });
  });
  afterEach(() => bench.close());

  it('every two seconds, of three members: each event is applied once', async () => {
    const members = [bench.start(), bench.start(), bench.start()];
    const stop = keepSending();
    for (let round = 0; round < 6; round++) {
      await sleep(2000);
      await bench.stop(members.shift()!);
      members.push(bench.start());
    }
    const sent = await stop();
    await until(() => bench.rows.count >= sent);
    expect([bench.rows.count, bench.rows.disorder]).toEqual([sent, []]);
  }, 240_000);

  describe('with a cursor in Postgres', () => {
    let database: TestDatabase;
    let admin: pg.Client;
    let connection: Connection;
    let child: ChildProcess | undefined;

    beforeEach(async () => {
      database = await createTestDatabase();
      admin = new pg.Client({ connectionString: database.url });
      await admin.connect();
      await admin.query(SQL_ROWS);
      connection = SqlLane.connect(database.url);
    });
    afterEach(async () => {
      child?.kill('SIGKILL');
      await Promise.all([connection.close(), admin.end()]);
      await bench.close();
      await database.drop();
    });

    const lane = (partition: string) => new SqlLane(partition, connection);

    const counts = async (): Promise<{ all: number; twice: number }> => {
      const { rows } = await admin.query(
        'select count(*)::integer as all, (count(*) - count(distinct (partition, position)))::integer as twice from applied',
      );
      return rows[0];
    };

    const startChild = async () => {
      child = startMemberProcess(bench, database.url, 30);
      await until(async () => (await counts()).all > 0);
      return child;
    };

    it('change nothing when a member was stopped in the middle of a page for longer than its session', async () => {
      const stop = keepSending();
      const stalled = await startChild();
      const other = bench.start({ lane, sessionTimeoutMs: 6000 });
      // Both have partitions.
      await until(() => other.progress().filter(({ state }) => state === 'following').length === PARTITIONS / 2);
      stalled.kill('SIGSTOP');
      await until(() => other.progress().filter(({ state }) => state === 'following').length === PARTITIONS, 40_000);
      await sleep(2000);
      stalled.kill('SIGCONT');
      await sleep(6000);
      const sent = await stop();
      await until(async () => (await counts()).all >= sent);
      await sleep(500);
      expect(await counts()).toEqual({ all: sent, twice: 0 });
    }, 120_000);

    it('change nothing when a member is killed', async () => {
      const stop = keepSending();
      const killed = await startChild();
      const other = bench.start({ lane, sessionTimeoutMs: 6000 });
      await until(() => other.progress().filter(({ state }) => state === 'following').length === PARTITIONS / 2);
      killed.kill('SIGKILL');
      await until(() => other.progress().filter(({ state }) => state === 'following').length === PARTITIONS, 40_000);
      const sent = await stop();
      await until(async () => (await counts()).all >= sent);
      expect(await counts()).toEqual({ all: sent, twice: 0 });
    }, 240_000);
  });
});
