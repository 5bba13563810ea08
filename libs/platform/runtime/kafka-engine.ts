import type { KafkaConfig } from 'kafkajs';
import type { Logger } from 'pino';
import { DeadLetterPublisher } from '../consumers/dead-letter-publisher.js';
import { FollowedStatus } from '../consumers/followed-status.js';
import { InboundTopics } from '../consumers/inbound-topics.js';
import { KafkaBatchServer } from '../consumers/kafka-batch-server.js';
import { KafkaFollower } from '../consumers/kafka-follower.js';
import type { PartitionStatus } from '../consumers/partition-status.js';
import type { EventCodec } from '../event-codec/event-codec.js';
import type { EventLog } from '../event-log/event-log.js';
import { KafkaEventLog } from '../event-log/kafka/kafka-event-log.js';
import { LearnedSchemaIds } from '../event-log/kafka/learned-schema-ids.js';
import { RecordedSchemaIds } from '../event-log/kafka/recorded-schema-ids.js';
import { RegistrySchemaIds } from '../event-log/kafka/schema-ids.js';
import { absentPositions } from '../event-store/absent-positions.js';
import { storeIdOf } from '../event-store/store-id.js';
import { FEED, FeedKeeper } from '../feed/feed-keeper.js';
import { kafkaConfig } from '../kafka/kafka-config.js';
import type { KafkaSettings } from '../kafka/kafka-settings.js';
import { Topics } from '../kafka/topics.js';
import type { Traces } from '../observability/traces.js';
import { Connection } from '../postgres/connection.js';
import type { EventOpener } from '../projections/event-opener.js';
import type { Follower } from '../projections/follower.js';
import type { Projection } from '../projections/projection.js';
import type { ProjectionStatus } from '../projections/projection-runner.js';
import { LocalRegistry } from '../registry/local-registry.js';
import { RegistryClient, type RegistryClientOptions } from '../registry/registry-client.js';
import { SchemaRegistry } from '../registry/schema-registry.js';
import { Relay } from '../relay/relay.js';

export interface KafkaEngineOptions {
  databaseUrl: string;
  kafka: KafkaSettings;
  /** Null: the one that is built in. */
  registry: RegistryClientOptions | null;
  /** Whether this process may carry the store's events to Kafka, and keeps the feed. */
  relays: boolean;
  /** What reads the events: it learns the schemas of newer versions. */
  codec: EventCodec;
  log: Logger;
  /** Null: none are made. */
  traces?: Traces | null;
}

/** The log on Kafka: what reads it, what follows it, and where wanted what writes it. */
export class KafkaEngine {
  readonly eventLog: KafkaEventLog;
  readonly relay: Relay | null;
  private readonly topics: Topics;
  private readonly client: KafkaConfig;
  private readonly connection: Connection;
  private readonly builtIn: SchemaRegistry | null;
  /** Follows the topics: a transport for the process's Nest application, which starts and closes it. */
  readonly consumers: KafkaBatchServer;
  /** Null where workspaces have no raw topics. */
  readonly inbound: InboundTopics | null;
  private readonly feed: FeedKeeper | null = null;
  private readonly followedFeed = new FollowedStatus(FEED);
  private readonly publishers: DeadLetterPublisher[] = [];

  constructor(private readonly options: KafkaEngineOptions) {
    const { databaseUrl: url, log, codec, relays } = options;
    const { prefix, replication } = options.kafka;
    const kafka = kafkaConfig(options.kafka, log);
    this.client = kafka;
    this.connection = new Connection({ url, role: 'heddle_log_writer', applicationName: 'heddle schema ids' });
    this.builtIn = options.registry === null ? new SchemaRegistry(url) : null;
    const registry = this.builtIn === null ? new RegistryClient(options.registry!) : new LocalRegistry(this.builtIn);
    const recorded = new RecordedSchemaIds(this.connection, new RegistrySchemaIds(registry));
    const ids = new LearnedSchemaIds(recorded, registry, codec);
    const store = storeIdOf(this.connection);
    this.topics = new Topics(prefix);
    this.eventLog = new KafkaEventLog({ kafka, ids, store, topics: this.topics });
    this.consumers = new KafkaBatchServer({ kafka, ids, store, log });
    this.inbound =
      options.kafka.rawTopics === false
        ? null
        : new InboundTopics({ kafka, topics: this.topics, replication, registry, store, log });
    this.relay = relays
      ? new Relay({
          databaseUrl: url,
          kafka,
          registry,
          log,
          topicPrefix: prefix,
          replication,
        })
      : null;
    if (relays) this.feed = this.keepFeed(codec);
  }

  /** What keeps a service's followed projections. Before the start. */
  follower(
    projections: readonly Projection[],
    store: EventLog,
    opener: EventOpener,
    onTrouble: (status: ProjectionStatus) => void,
  ): Follower {
    const { databaseUrl: url } = this.options;
    this.publishDeadLettersOf(projections[0]!.service);
    return new KafkaFollower({
      url,
      projections,
      log: this.eventLog,
      store,
      server: this.consumers,
      opener,
      topics: this.topics,
      onTrouble,
      traces: this.options.traces ?? null,
    });
  }

  /** Without the consumers. Throws StartupError where the topics or the registry are not the ones that they must be; what is away is waited for. */
  async start(): Promise<void> {
    await this.relay?.start();
    this.feed?.start();
    for (const publisher of this.publishers) publisher.start();
  }

  /** Of the feed, where it is kept here. */
  feedStatus(): ProjectionStatus[] {
    if (this.feed === null) return [];
    const partitions = this.progress().filter(({ subscription }) => subscription === FEED.name);
    return [this.followedFeed.of(partitions, this.feed.deadLetters)];
  }

  /** Of each subscription on each partition. */
  progress(): PartitionStatus[] {
    return this.consumers.progress();
  }

  async close(): Promise<void> {
    await Promise.all([this.consumers.close(), this.inbound?.close()]);
    await Promise.all(this.publishers.map((publisher) => publisher.close()));
    await Promise.all([this.relay?.close(), this.feed?.close(), this.eventLog.close()]);
    await Promise.all([this.builtIn?.close(), this.connection.close()]);
  }

  private publishDeadLettersOf(service: string): void {
    const { databaseUrl: url, log } = this.options;
    this.publishers.push(new DeadLetterPublisher({ url, service, kafka: this.client, topics: this.topics, log }));
  }

  private keepFeed(codec: EventCodec): FeedKeeper {
    const { databaseUrl: url, log } = this.options;
    const { prefix } = this.topics;
    const partitions = async () => (await this.eventLog.partitionsOf(FEED.types)).map(({ name }) => name);
    const absent = (after: number, before: number) => absentPositions(this.connection, after, before);
    const onTrouble = (error: string) => log.warn({ error }, 'a record is not in the feed');
    this.publishDeadLettersOf(FEED.service);
    const feed = new FeedKeeper({ url, decoder: codec, partitions, absent, onTrouble });
    this.consumers.subscribe({
      name: FEED.name,
      group: `${prefix}.${FEED.service}`,
      types: FEED.types,
      whole: true,
      topics: this.topics.all,
      stored: () => feed.stored(),
      lane: (partition) => feed.lane(partition),
    });
    return feed;
  }
}
