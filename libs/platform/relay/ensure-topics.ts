import { setTimeout as sleep } from 'node:timers/promises';
import type { Admin, ITopicMetadata } from 'kafkajs';
import { replicationFor } from '../kafka/kafka-settings.js';
import type { TopicPartitions, Topics } from '../kafka/topics.js';
import { StartupError } from '../settings/startup-error.js';

/** Kafka's own default. */
const MOST_BYTES = 1_048_588;
const APPEAR_MS = 20_000;
const RETRY_MS = 50;
const COMES_SOON = /^(UNKNOWN_TOPIC_OR_PARTITION|LEADER_NOT_AVAILABLE)$/;

/**
 * Makes the topics that are missing, and those of their dead letters: kept for ever, with as many replicas as there are
 * brokers, 3 at the most. Throws StartupError for one that has another number of partitions.
 */
export async function ensureTopics(
  admin: Admin,
  topics: readonly TopicPartitions[],
  names: Topics,
  replication: number | null,
): Promise<void> {
  const wanted = topics.flatMap(({ topic, partitions }) => [
    { topic, partitions },
    { topic: names.deadLettersOf(topic), partitions },
  ]);
  const there = new Set(await admin.listTopics());
  const missing = wanted.filter(({ topic }) => !there.has(topic));
  if (missing.length > 0) {
    const replicas = replicationFor({ replication }, (await admin.describeCluster()).brokers.length);
    await admin.createTopics({
      // It would take the broker at its word that a topic, which it has just made, is not there.
      waitForLeaders: false,
      topics: missing.map(({ topic, partitions }) => ({
        topic,
        numPartitions: partitions,
        replicationFactor: replicas,
        configEntries: [
          { name: 'cleanup.policy', value: 'delete' },
          { name: 'retention.ms', value: '-1' },
          { name: 'retention.bytes', value: '-1' },
          { name: 'min.insync.replicas', value: String(Math.max(1, replicas - 1)) },
          { name: 'unclean.leader.election.enable', value: 'false' },
          // Whatever the brokers do by themselves: what the readers can unpack, and the relay can send.
          { name: 'compression.type', value: 'producer' },
          { name: 'max.message.bytes', value: String(MOST_BYTES) },
        ],
      })),
    });
  }
  const found = await metadataOf(
    admin,
    wanted.map(({ topic }) => topic),
  );
  for (const { topic, partitions } of wanted) {
    const count = found.find(({ name }) => name === topic)?.partitions.length;
    if (count !== partitions) {
      throw new StartupError(
        `The topic ${topic} has ${count ?? 0} partitions, and must have ${partitions}: use a Kafka in which Heddle makes it, or carry its records into a new one.`,
      );
    }
  }
}

/** Of topics that are there, or are about to be. */
async function metadataOf(admin: Admin, topics: string[]): Promise<ITopicMetadata[]> {
  for (const giveUpAt = Date.now() + APPEAR_MS; ; await sleep(RETRY_MS)) {
    try {
      return (await admin.fetchTopicMetadata({ topics })).topics;
    } catch (error) {
      if (!COMES_SOON.test((error as { type?: string }).type ?? '') || Date.now() > giveUpAt) throw error;
    }
  }
}
