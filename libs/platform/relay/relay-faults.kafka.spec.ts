import { readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import { describeWithOwnBrokers, type OwnBroker, startOwnBroker } from '../testing/kafka/own-broker.js';
import { describeOnKafka, testBrokers } from '../testing/test-kafka.js';
import { until } from '../testing/until.js';
import { KafkaProxy } from './kafka-proxy.fixture.js';
import { RelayBench, untilState } from './relay-bench.fixture.js';
import { SpawnedRelay } from './spawned-relay.fixture.js';
import { forgetCheckpoint } from './turn.js';

/** Appends for as long as the work takes; resolves to the last position. */
async function underLoad(bench: RelayBench, work: () => Promise<unknown>): Promise<number> {
  let isDone = false;
  let last = 0;
  const writing = (async () => {
    while (!isDone) {
      last = await bench.append(50);
      await sleep(5);
    }
  })();
  await work().finally(() => {
    isDone = true;
  });
  await writing;
  return last;
}

/** Has the registry's ids recorded, and the topics made. */
async function prepared(bench: RelayBench): Promise<void> {
  const relay = await bench.relay();
  await bench.relayedTo(await bench.append(10));
  await relay.close();
}

/** The last batch of a segment: its base offset (8 bytes), the length of the rest (4), the rest. */
function cutLastBatch(file: string): void {
  const bytes = readFileSync(file);
  let last = 0;
  for (let at = 0; at < bytes.length; at += 12 + bytes.readInt32BE(at + 8)) last = at;
  truncateSync(file, last);
}

describeOnKafka('the relay, under faults', () => {
  let bench: RelayBench;
  const spawned: SpawnedRelay[] = [];
  const spawnRelay = (leaseMs?: number) => {
    const relay = new SpawnedRelay(bench, leaseMs);
    spawned.push(relay);
    return relay;
  };
  beforeEach(async () => {
    bench = await RelayBench.open();
  });
  afterEach(async () => {
    await Promise.all(spawned.splice(0).map((relay) => relay.kill()));
    await bench.close();
  });

  it('loses and doubles nothing where its process is killed at any moment', async () => {
    await prepared(bench);
    const last = await underLoad(bench, async () => {
      for (let n = 0; n < 5; n++) {
        const relay = spawnRelay(500);
        const before = await bench.position();
        await until(
          async () => (await bench.position()) > before,
          60_000,
          () => JSON.stringify(relay.lines),
        );
        await sleep(Math.random() * 300);
        await relay.kill();
      }
    });
    await bench.relay();
    await bench.relayedTo(last);
    await bench.expectExact();
  }, 240_000);

  it('is refused by the broker when it was stopped for longer than its lease, and goes on', async () => {
    await prepared(bench);
    const zombie = spawnRelay(1000);
    const refused = () => zombie.lines.filter(({ type }) => type === 'INVALID_PRODUCER_EPOCH');
    const last = await underLoad(bench, async () => {
      // Where it is stopped between a checkpoint and a send, the token tells it first.
      for (let n = 0; n < 20 && refused().length === 0; n++) {
        const holds = async () => {
          const { rows } = await bench.store.query<{ holder: string }>('select holder from log.relay');
          return rows[0]!.holder.split(':')[1] === String(zombie.pid);
        };
        await until(holds, 60_000, () => JSON.stringify(zombie.lines));
        await sleep(200 + Math.random() * 200);
        zombie.signal('SIGSTOP');
        const successor = await bench.relay({ leaseMs: 1000 });
        await untilState(successor, 'relaying', 'idle');
        await sleep(200);
        const end = await bench.position();
        zombie.signal('SIGCONT');
        await bench.relayedTo(end + 1);
        await sleep(300);
        await successor.close();
      }
    });
    await bench.relayedTo(last);
    expect(refused()[0]).toMatchObject({ msg: 'another relay has taken over', type: 'INVALID_PRODUCER_EPOCH' });
    await bench.expectExact();
  }, 240_000);

  it('looks at what arrived where the answer to a send is lost', async () => {
    const proxy = await KafkaProxy.to(testBrokers()[0]!);
    try {
      await bench.relay({ kafka: bench.kafka({ socketFactory: proxy.socketFactory, requestTimeout: 3000 }) });
      await bench.relayedTo(await bench.append(20));
      for (let n = 0; n < 3; n++) {
        const dropped = proxy.dropNextAnswer();
        const last = await bench.append(30);
        await dropped;
        await bench.relayedTo(last);
      }
      expect(bench.lines.filter(({ msg }) => msg === 'the relay waits')).toHaveLength(3);
      await bench.expectExact();
    } finally {
      proxy.close();
    }
  });
});

describeWithOwnBrokers('the relay, with brokers that come and go', () => {
  let bench: RelayBench;
  const brokers: OwnBroker[] = [];
  const start = async (joins?: OwnBroker, settings?: Record<string, string>) => {
    const own = await startOwnBroker(joins?.broker, settings);
    brokers.push(own);
    return own;
  };
  afterEach(async () => {
    await bench.close();
    await Promise.all(brokers.splice(0).map((own) => own.remove()));
  });

  it('waits while Kafka is away, says so once, and catches up when it is back', async () => {
    const { broker } = await start();
    bench = await RelayBench.open([broker.address]);
    const relay = await bench.relay();
    await bench.relayedTo(await bench.append(100));
    for (const how of ['kill', 'stop'] as const) {
      bench.lines.length = 0;
      const last = await underLoad(bench, async () => {
        await broker[how]();
        await untilState(relay, 'waiting');
        await sleep(1500);
        await broker.start();
      });
      await bench.relayedTo(last, 40_000);
      await untilState(relay, 'idle', 'relaying');
      const said = bench.lines.map(({ msg }) => msg);
      expect(said.filter((msg) => msg === 'the relay waits').length).toBe(1);
      expect(said.filter((msg) => msg === 'the relay goes on').length).toBe(1);
    }
    await bench.expectExact();
  }, 120_000);

  it('notices one event that a broker acknowledged and has lost', async () => {
    const { broker } = await start();
    bench = await RelayBench.open([broker.address]);
    const relay = await bench.relay();
    await bench.relayedTo(await bench.append(20));
    await relay.close();
    const { rows } = await bench.store.query<{ topic: string; partition: number }>(
      'select topic, partition from log.relay_partitions where last_position = 20',
    );
    await broker.kill();
    const { topic, partition } = rows[0]!;
    cutLastBatch(join(broker.segments, `${topic}-${partition}`, `${'0'.repeat(20)}.log`));
    await broker.start();
    for (let n = 0; n < 2; n++) {
      const next = await bench.relay();
      const { reason } = await untilState(next, 'diverged');
      expect(reason).toContain(`${topic}/${partition} does not hold the event at position 20`);
      await next.close();
    }
    await forgetCheckpoint((statement) => bench.store.query(statement));
    await bench.relay();
    await bench.relayedTo(await bench.append(20));
    await bench.expectExact();
  }, 120_000);

  it('is still known to a broker that forgets idle producers, as long as it renews its fence', async () => {
    const { broker } = await start(undefined, {
      'transactional.id.expiration.ms': '6000',
      'transaction.remove.expired.transaction.cleanup.interval.ms': '300',
    });
    bench = await RelayBench.open([broker.address]);
    const FORGOTTEN = /Kafka had forgotten the relay/;
    for (const fenceMs of [400, 60_000]) {
      const relay = await bench.relay({ fenceMs });
      await bench.relayedTo(await bench.append(5));
      await sleep(12_000);
      await relay.close();
      const next = await bench.relay();
      await bench.relayedTo(await bench.append(5));
      await next.close();
      expect(bench.lines.some(({ msg }) => FORGOTTEN.test(msg))).toBe(fenceMs > 12_000);
    }
    await bench.expectExact();
  }, 120_000);

  it('goes on where partitions get another leader', async () => {
    const first = await start();
    const second = await start(first);
    const addresses = [first.broker.address, second.broker.address];
    bench = await RelayBench.open(addresses);
    const admin = new Kafka({ brokers: addresses, logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    await until(
      async () => (await admin.describeCluster()).brokers.length === 2,
      60_000,
      () => 'two brokers',
    );
    const partitions = async () =>
      (await admin.fetchTopicMetadata({ topics: bench.topics.map(({ topic }) => topic) })).topics.flatMap(
        ({ partitions: all }) => all,
      );
    try {
      await bench.relay();
      await bench.relayedTo(await bench.append(50));
      expect(new Set((await partitions()).map(({ leader }) => leader)).size).toBe(2);
      const secondId = Number(second.broker.address.split(':')[1]);
      const last = await underLoad(bench, async () => {
        await second.broker.stop();
        await until(
          async () => (await partitions()).every(({ leader }) => leader === 1),
          60_000,
          () => 'one leader',
        );
        await sleep(500);
        await second.broker.start();
        await until(
          async () => (await partitions()).every(({ isr }) => isr.length === 2),
          60_000,
          () => 'in sync',
        );
        await admin.alterPartitionReassignments({
          topics: bench.topics.map(({ topic, partitions: count }) => ({
            topic,
            partitionAssignment: Array.from({ length: count }, (_, partition) => ({ partition, replicas: [secondId] })),
          })),
        });
        await until(
          async () => (await partitions()).every(({ leader }) => leader === secondId),
          60_000,
          () => 'moved',
        );
        await sleep(500);
      });
      await bench.relayedTo(last, 40_000);
      await bench.expectExact();
    } finally {
      await admin.disconnect();
    }
  }, 180_000);
});
