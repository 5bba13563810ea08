import { freePorts } from '../free-ports.js';
import { KafkaBroker, LEAST_SESSION_MS } from './kafka-broker.js';
import { type KafkaProgram, kafkaProgram, lackingForKafka } from './kafka-program.js';

/** A Kafka for one run of the tests, and how to be rid of it. */
export interface StartedKafka {
  brokers: string;
  /** The shortest session of a group's member that it allows, ms. */
  leastSessionMs: number;
  /** The folder of its segments; null where it does not lie on this machine. */
  segments: string | null;
  stop(): Promise<void>;
  killNow(): void;
}

/** Or why there is none, and what to install. */
export type FoundKafka = StartedKafka | { missing: string };

const KAFKAS_OWN_LEAST_SESSION_MS = 6000;
const IMAGE = 'apache/kafka:4.3.0';

/** In this order: HEDDLE_TEST_KAFKA_BROKERS, Docker, a JVM. */
export async function findKafka(folder: string): Promise<FoundKafka> {
  const given = process.env.HEDDLE_TEST_KAFKA_BROKERS;
  if (given) {
    const theirs = { stop: async () => undefined, killNow: () => undefined };
    return { brokers: given, leastSessionMs: KAFKAS_OWN_LEAST_SESSION_MS, segments: null, ...theirs };
  }
  return (await inDocker()) ?? (await onJvm(folder));
}

async function inDocker(): Promise<FoundKafka | null> {
  const { GenericContainer, getContainerRuntimeClient, Wait } = await import('testcontainers');
  try {
    await getContainerRuntimeClient();
  } catch {
    return null;
  }
  // Clients are sent to the advertised address: it must be known before the broker starts.
  const port = await freePorts(1);
  const container = await new GenericContainer(IMAGE)
    .withExposedPorts({ container: 9092, host: port })
    .withEnvironment({
      KAFKA_NODE_ID: '1',
      KAFKA_PROCESS_ROLES: 'broker,controller',
      KAFKA_CONTROLLER_QUORUM_VOTERS: '1@localhost:9093',
      KAFKA_LISTENERS: 'PLAINTEXT://:9092,CONTROLLER://:9093',
      KAFKA_ADVERTISED_LISTENERS: `PLAINTEXT://127.0.0.1:${port}`,
      KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
      KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
      KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
      KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '1',
      KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: '1',
      KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: '1',
      KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS: '4',
      KAFKA_TRANSACTION_STATE_LOG_NUM_PARTITIONS: '4',
      KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: '0',
      KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS: String(LEAST_SESSION_MS),
    })
    .withWaitStrategy(Wait.forLogMessage(/Kafka Server started/))
    .start();
  // testcontainers' own reaper removes it where this process is killed.
  return {
    brokers: `127.0.0.1:${port}`,
    leastSessionMs: LEAST_SESSION_MS,
    segments: null,
    stop: async () => void (await container.stop()),
    killNow: () => undefined,
  };
}

async function onJvm(folder: string): Promise<FoundKafka> {
  const lacking = lackingForKafka();
  if (lacking !== null) {
    return { missing: `want of a Kafka: install ${lacking}, or Docker, or set HEDDLE_TEST_KAFKA_BROKERS.` };
  }
  let program: KafkaProgram;
  try {
    program = kafkaProgram();
  } catch (error) {
    return { missing: `want of Kafka's jars, which Maven cannot bring: ${(error as Error).message.split('\n')[0]}` };
  }
  const port = await freePorts(2);
  const broker = await KafkaBroker.start({
    ...program,
    folder,
    port,
    controllerPort: port + 1,
  });
  return {
    brokers: broker.address,
    leastSessionMs: LEAST_SESSION_MS,
    segments: broker.segments,
    stop: () => broker.stop(),
    killNow: () => {
      if (broker.pid !== undefined) process.kill(broker.pid, 'SIGKILL');
    },
  };
}
