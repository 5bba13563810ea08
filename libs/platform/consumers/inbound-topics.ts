import type { Kafka, KafkaConfig } from 'kafkajs';
import type { Logger } from 'pino';
import type { StoreId } from '../event-store/store-id.js';
import { replicationFor } from '../kafka/kafka-settings.js';
import { makeKafka } from '../kafka/kafkajs-client.js';
import type { Topics } from '../kafka/topics.js';
import type { RegistryClient } from '../registry/registry-client.js';
import { type InboundRecord, TopicConsumer, type TopicConsumerOptions } from './topic-consumer.js';

export type { InboundRecord };

export interface InboundTopicsOptions {
  kafka: KafkaConfig;
  topics: Topics;
  replication: number | null;
  registry: Pick<RegistryClient, 'schema'>;
  store: StoreId;
  log: Pick<Logger, 'info' | 'warn'>;
}

/** Of topics that are made: an operator who makes them takes any number. */
const PARTITIONS = 4;
const KEPT_MS = 7 * 24 * 60 * 60 * 1000;
const RETRY = { retries: 5, initialRetryTime: 100, maxRetryTime: 1000 };

/** The topics that workspaces' own producers write to, and the schemas that they name. */
export class InboundTopics {
  private readonly client: Kafka;
  private readonly consumers: TopicConsumer[] = [];

  constructor(private readonly options: InboundTopicsOptions) {
    this.client = makeKafka({ retry: RETRY, ...options.kafka });
  }

  /** The raw topics that are there, by their workspaces. */
  async existing(): Promise<ReadonlyMap<string, string>> {
    const admin = this.client.admin();
    try {
      await admin.connect();
      const found = (await admin.listTopics()).map((topic) => [this.options.topics.workspaceOfRaw(topic), topic]);
      return new Map(found.filter(([workspace]) => workspace !== null) as [string, string][]);
    } finally {
      await admin.disconnect().catch(() => undefined);
    }
  }

  /** Makes the topics of workspaces: kept for 7 days from when the broker took it, and packed so that it can be read whatever the producer packs with. */
  async make(workspaces: readonly string[]): Promise<void> {
    const admin = this.client.admin();
    try {
      await admin.connect();
      const { brokers } = await admin.describeCluster();
      const replicas = replicationFor(this.options, brokers.length);
      await admin.createTopics({
        waitForLeaders: false,
        topics: workspaces.map((workspace) => ({
          topic: this.options.topics.rawOf(workspace),
          numPartitions: PARTITIONS,
          replicationFactor: replicas,
          configEntries: [
            { name: 'cleanup.policy', value: 'delete' },
            { name: 'retention.ms', value: String(KEPT_MS) },
            // By their producers' times, what is told late would be deleted before it was read, and one of the year 9999 would never go.
            { name: 'message.timestamp.type', value: 'LogAppendTime' },
            { name: 'min.insync.replicas', value: String(Math.max(1, replicas - 1)) },
            { name: 'unclean.leader.election.enable', value: 'false' },
            { name: 'compression.type', value: 'gzip' },
          ],
        })),
      });
    } finally {
      await admin.disconnect().catch(() => undefined);
    }
  }

  workspaceOf(topic: string): string | null {
    return this.options.topics.workspaceOfRaw(topic);
  }

  /** Throws RegistryRefusal and RegistryUnavailable. */
  schema(id: number): Promise<string> {
    return this.options.registry.schema(id);
  }

  /**
   * Begins to follow them, as the group `<prefix>.<name>.<store>`; in a later life of the store, `life()`, with its number behind it.
   * A store that was put back has lost what it had taken in since, and the group's offsets are beyond that: another group
   * takes in again all that the topics hold.
   */
  follow(name: string, following: Pick<TopicConsumerOptions, 'topics' | 'take'> & { life(): number }): void {
    const { kafka, log, store, topics } = this.options;
    const { life, ...rest } = following;
    const group = async () => groupOf(`${topics.prefix}.${name}`, await store(), life());
    const consumer = new TopicConsumer({ ...rest, name, group, log, kafka: makeKafka({ retry: RETRY, ...kafka }) });
    this.consumers.push(consumer);
    consumer.start();
  }

  async close(): Promise<void> {
    await Promise.all(this.consumers.map((consumer) => consumer.close()));
  }
}

export function groupOf(name: string, store: string, life: number): string {
  return `${name}.${store.slice(0, 8)}${life > 1 ? `.${life}` : ''}`;
}
