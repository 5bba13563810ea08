import { type Admin, logLevel } from 'kafkajs';
import type { Logger } from 'pino';
import { StartupError } from '../settings/startup-error.js';
import { kafkaConfig } from './kafka-config.js';
import { type KafkaSettings, replicationFor } from './kafka-settings.js';
import { kafkaAway, kafkaMissing, kafkaRefusal } from './kafka-trouble.js';
import { makeKafka } from './kafkajs-client.js';
import { requireSafeTopics } from './topic-check.js';
import { Topics } from './topics.js';

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
  const admin = adminOf(settings, log);
  try {
    await admin.connect();
    const { brokers } = await admin.describeCluster();
    for (const line of clusterWarnings(brokers.length, settings)) log.warn(line);
    for (const line of await requireSafeTopics(admin, topics)) log.warn(line);
  } catch (error) {
    if (error instanceof StartupError) throw error;
    const refusal = kafkaRefusal(error, settings);
    if (refusal !== null) throw refusal;
    log.warn(kafkaAway(error, settings));
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}

/** Returns Kafka's id of the cluster. Throws StartupError of one line where it cannot be reached, or refuses us. */
export async function reachKafka(settings: KafkaSettings, log: Logger): Promise<string> {
  const admin = adminOf(settings, log);
  try {
    await admin.connect();
    return (await admin.describeCluster()).clusterId;
  } catch (error) {
    throw kafkaRefusal(error, settings) ?? kafkaMissing(error, settings);
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}

function adminOf(settings: KafkaSettings, log: Logger): Admin {
  return makeKafka({
    ...kafkaConfig(settings, log),
    logLevel: logLevel.NOTHING,
    connectionTimeout: CONNECT_MS,
    requestTimeout: ANSWER_MS,
    // Each try takes the next broker of the list.
    retry: { initialRetryTime: 50, retries: settings.brokers.length },
  }).admin();
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
