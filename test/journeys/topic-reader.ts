import { testKafka, testName } from '../../libs/platform/testing/test-kafka.js';

const PATIENCE_MS = 60_000;

export interface FoundRecord {
  topic: string;
  partition: number;
  key: string;
  eventId: string;
  position: number;
}

/** Everything that stands in the topics of a prefix, in the order of each partition, by a plain consumer. Throws where it does not get to an end. */
export async function recordsUnder(prefix: string): Promise<FoundRecord[]> {
  const kafka = testKafka();
  const admin = kafka.admin();
  const consumer = kafka.consumer({ groupId: testName('topic-reader'), maxWaitTimeInMs: 200 });
  await Promise.all([admin.connect(), consumer.connect()]);
  try {
    const topics = (await admin.listTopics()).filter((name) => name.startsWith(`${prefix}.`) && !name.endsWith('.dlq'));
    const ends = new Map<string, bigint>();
    for (const topic of topics) {
      for (const { partition, high } of await admin.fetchTopicOffsets(topic)) {
        if (BigInt(high) > 0n) ends.set(`${topic}/${partition}`, BigInt(high));
      }
    }
    // How far each partition has been read that is not at its end.
    const left = new Map([...ends.keys()].map((name) => [name, 0n]));
    const found: FoundRecord[] = [];
    const { promise: isRead, resolve, reject } = Promise.withResolvers<void>();
    // Also for what no batch is made of: a partition may end with the markers of a relay's take-over.
    consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload: { topic, partition, lastOffset } }) => {
      const name = `${topic}/${partition}`;
      const next = BigInt(lastOffset) + 1n;
      if (next >= (ends.get(name) ?? 0n)) left.delete(name);
      else left.set(name, next);
      if (left.size === 0) resolve();
    });
    await consumer.subscribe({ topics, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch: { topic, partition, messages } }) => {
        for (const { key, headers } of messages) {
          found.push({
            topic,
            partition,
            key: key!.toString(),
            eventId: headers!['heddle-event-id']!.toString(),
            position: Number(headers!['heddle-position']!.toString()),
          });
        }
      },
    });
    if (left.size === 0) resolve();
    const late = setTimeout(() => {
      const unread = [...left].map(([name, next]) => `${name} at ${next} of ${ends.get(name)}`);
      reject(new Error(`Not read to their ends within ${PATIENCE_MS} ms: ${unread.join(', ')}`));
    }, PATIENCE_MS);
    await isRead.finally(() => clearTimeout(late));
    return found;
  } finally {
    await Promise.all([consumer.disconnect(), admin.disconnect()]);
  }
}
