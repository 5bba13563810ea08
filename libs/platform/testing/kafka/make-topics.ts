import { setTimeout as sleep } from 'node:timers/promises';
import type { Admin, ITopicConfig } from 'kafkajs';

const TRIES = 400;

/** Makes topics; resolves when every partition has a leader. kafkajs's own waiting throws where a topic is not seen yet. */
export async function makeTopics(admin: Admin, topics: ITopicConfig[]): Promise<void> {
  await admin.createTopics({ topics, waitForLeaders: false });
  await untilLed(
    admin,
    topics.map(({ topic }) => topic),
  );
}

async function untilLed(admin: Admin, topics: string[]): Promise<void> {
  for (let tries = 0; tries < TRIES; tries++) {
    const found = await admin.fetchTopicMetadata({ topics }).catch(() => ({ topics: [] }));
    const partitions = found.topics.flatMap((topic) => topic.partitions);
    const areThere = found.topics.length === topics.length && partitions.length >= topics.length;
    if (areThere && partitions.every(({ leader }) => leader >= 0)) return;
    await sleep(50);
  }
  throw new Error(`The topics ${topics.join(', ')} have no leaders.`);
}
