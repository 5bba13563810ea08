import { testKafka, testName } from '../../libs/platform/testing/test-kafka.js';

export interface FoundRecord {
  topic: string;
  partition: number;
  key: string;
  eventId: string;
  position: number;
}

/** Everything that stands in the topics of a prefix, in the order of each partition, by a plain consumer. */
export async function recordsUnder(prefix: string): Promise<FoundRecord[]> {
  const kafka = testKafka();
  const admin = kafka.admin();
  const consumer = kafka.consumer({ groupId: testName('topic-reader'), maxWaitTimeInMs: 200 });
  await Promise.all([admin.connect(), consumer.connect()]);
  try {
    const topics = (await admin.listTopics()).filter((name) => name.startsWith(`${prefix}.`) && !name.endsWith('.dlq'));
    const left = new Set<string>();
    const ends = new Map<string, bigint>();
    for (const topic of topics) {
      for (const { partition, high } of await admin.fetchTopicOffsets(topic)) {
        ends.set(`${topic}/${partition}`, BigInt(high));
        if (BigInt(high) > 0n) left.add(`${topic}/${partition}`);
      }
    }
    const found: FoundRecord[] = [];
    const { promise: isRead, resolve } = Promise.withResolvers<void>();
    await consumer.subscribe({ topics, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch: { topic, partition, messages, lastOffset } }) => {
        for (const { key, headers } of messages) {
          found.push({
            topic,
            partition,
            key: key!.toString(),
            eventId: headers!['heddle-event-id']!.toString(),
            position: Number(headers!['heddle-position']!.toString()),
          });
        }
        const name = `${topic}/${partition}`;
        // A partition may end with the markers of a relay's take-over.
        if (BigInt(lastOffset()) + 1n >= ends.get(name)!) left.delete(name);
        if (left.size === 0) resolve();
      },
    });
    const late = setTimeout(resolve, 60_000);
    await isRead;
    clearTimeout(late);
    return found;
  } finally {
    await Promise.all([consumer.disconnect(), admin.disconnect()]);
  }
}
