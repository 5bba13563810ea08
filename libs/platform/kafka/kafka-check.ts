import kafkajs, { type Admin } from 'kafkajs';
import type { Logger } from 'pino';
import { StartupError } from '../settings/startup-error.js';
import { kafkaConfig } from './kafka-config.js';
import { type KafkaSettings, replicationFor } from './kafka-settings.js';
import { kafkaAway, kafkaRefusal } from './kafka-trouble.js';
import { makeKafka } from './kafkajs-client.js';
import { lineOf, type TopicFacts, topicFindings } from './topic-findings.js';
import { Topics } from './topics.js';

// Node.js does not see all names that this package of CommonJS exports.
const { ConfigResourceTypes, logLevel } = kafkajs;

const CONNECT_MS = 2000;
const ANSWER_MS = 5000;
const SAFE_BROKERS = 3;

/**
 * Looks at the cluster before the start: whether it lets us in, and whether it keeps what it is given. A warning for
 * each thing that makes a loss more likely, and where it cannot be reached at all: Kafka may be away. Throws
 * StartupError of one line where it refuses us, and where a topic that is there would lose acknowledged events.
 */
export async function checkKafka(
  settings: KafkaSettings,
  log: Logger,
  topics: readonly string[] = new Topics(settings.prefix).all,
): Promise<void> {
  if (settings.sasl?.mechanism === 'plain' && settings.tls === null) {
    log.warn(
      'Kafka: KAFKA_SASL_MECHANISM=plain without KAFKA_SSL=true sends the password as it is: set KAFKA_SSL=true.',
    );
  }
  const admin = makeKafka({
    ...kafkaConfig(settings, log),
    logLevel: logLevel.NOTHING,
    connectionTimeout: CONNECT_MS,
    requestTimeout: ANSWER_MS,
    // Each try takes the next broker of the list.
    retry: { initialRetryTime: 50, retries: settings.brokers.length },
  }).admin();
  try {
    const facts = await factsOf(admin, topics);
    for (const line of clusterWarnings(facts.brokers, settings)) log.warn(line);
    const findings = topicFindings(facts.topics);
    for (const finding of findings.filter(({ loses }) => !loses)) log.warn(lineOf(finding));
    const fatal = findings.find(({ loses }) => loses);
    if (fatal !== undefined) throw new StartupError(lineOf(fatal));
  } catch (error) {
    if (error instanceof StartupError) throw error;
    const refusal = kafkaRefusal(error, settings);
    if (refusal !== null) throw refusal;
    log.warn(kafkaAway(error, settings));
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}

function clusterWarnings(brokers: number, settings: KafkaSettings): string[] {
  const copies = replicationFor(settings, brokers);
  return [
    ...(brokers < SAFE_BROKERS
      ? [
          `Kafka: the cluster has ${brokers} of ${SAFE_BROKERS} brokers: one that is lost may take acknowledged events along.`,
        ]
      : []),
    ...(copies > brokers
      ? [
          `Kafka: HEDDLE_KAFKA_REPLICATION is ${copies}, and ${brokers} brokers are there: no topic can be made until there are more.`,
        ]
      : []),
  ];
}

async function factsOf(admin: Admin, wanted: readonly string[]): Promise<{ brokers: number; topics: TopicFacts[] }> {
  await admin.connect();
  const { brokers } = await admin.describeCluster();
  const there = new Set(await admin.listTopics());
  const names = wanted.filter((topic) => there.has(topic));
  if (names.length === 0) return { brokers: brokers.length, topics: [] };
  const [{ topics }, { resources }] = await Promise.all([
    admin.fetchTopicMetadata({ topics: names }),
    admin.describeConfigs({
      includeSynonyms: false,
      resources: names.map((name) => ({ type: ConfigResourceTypes.TOPIC, name })),
    }),
  ]);
  const configs = new Map(
    resources.map(({ resourceName, configEntries }) => [
      resourceName,
      new Map(configEntries.map(({ configName, configValue }) => [configName, configValue])),
    ]),
  );
  return {
    brokers: brokers.length,
    topics: topics.map(({ name, partitions }) => ({
      topic: name,
      partitions: partitions.length,
      replication: Math.min(...partitions.map(({ replicas }) => replicas.length)),
      config: configs.get(name) ?? new Map(),
    })),
  };
}
