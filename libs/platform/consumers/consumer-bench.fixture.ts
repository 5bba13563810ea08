import type { SchemaIds } from '../event-log/kafka/schema-ids.js';
import type { StoreId } from '../event-store/store-id.js';
import { eventRecord, TestTopic } from '../testing/kafka-topic.js';
import { testBrokers, testName } from '../testing/test-kafka.js';
import { testStore } from '../testing/test-store.js';
import { IDS, TYPE } from './counted-type.fixture.js';
import { KafkaBatchServer } from './kafka-batch-server.js';
import { MemoryRows } from './memory-rows.fixture.js';
import type { Subscription } from './subscription.js';

export const records = (from: number, to: number, type = TYPE) =>
  Array.from({ length: to - from }, (_, n) => eventRecord(type, `${from + n}`));

/** A topic, a group, the rows of one projection, and any number of members. */
export async function openConsumerBench({ partitions = 4, brokers = testBrokers() } = {}) {
  const topic = await TestTopic.create({ partitions, brokers });
  const rows = new MemoryRows();
  const said: { level: string; fields: object; text: string }[] = [];
  const log = {
    info: (fields: object, text: string) => void said.push({ level: 'info', fields, text }),
    warn: (fields: object, text: string) => void said.push({ level: 'warn', fields, text }),
  };
  const members = new Set<KafkaBatchServer>();
  const subscription: Subscription = {
    name: 'counts',
    group: testName('heddle.test.counts'),
    types: [TYPE],
    topics: [topic.name],
    stored: async () => ({ places: new Map(rows.cursors), deadLetters: rows.setAside.length }),
    lane: (partition) => rows.lane(partition),
  };

  return {
    topic,
    rows,
    subscription,
    said,
    partition: (n: number) => `${topic.name}/${n}`,
    /** A member that has not begun. */
    member({
      ids = IDS,
      store = testStore,
      lane = subscription.lane,
      sessionTimeoutMs = 10_000,
    }: MemberOptions = {}): KafkaBatchServer {
      const kafka = { clientId: 'heddle-test', brokers };
      const server = new KafkaBatchServer({
        kafka,
        ids,
        store,
        log: log as never,
        sessionTimeoutMs,
        sureAfterMs: 1000,
      });
      server.subscribe({ ...subscription, lane });
      members.add(server);
      return server;
    },
    start(options: MemberOptions = {}): KafkaBatchServer {
      const server = this.member(options);
      server.start();
      return server;
    },
    async stop(member: KafkaBatchServer): Promise<void> {
      members.delete(member);
      await member.close();
    },
    async close(): Promise<void> {
      await Promise.all([...members].map((member) => member.close()));
      await topic.close();
    },
  };
}

export interface MemberOptions {
  ids?: SchemaIds;
  store?: StoreId;
  lane?: Subscription['lane'];
  sessionTimeoutMs?: number;
}

export type ConsumerBench = Awaited<ReturnType<typeof openConsumerBench>>;
