import { setTimeout as sleep } from 'node:timers/promises';
import type { KafkaConfig } from 'kafkajs';
import { pino } from 'pino';
import { EVENT_SCHEMAS } from '../../contract/generated/event-schemas.js';
import { KafkaBatchServer } from '../consumers/kafka-batch-server.js';
import { KafkaFollower } from '../consumers/kafka-follower.js';
import type { EventLog, WholeLog } from '../event-log/event-log.js';
import { KafkaEventLog } from '../event-log/kafka/kafka-event-log.js';
import { RecordedSchemaIds } from '../event-log/kafka/recorded-schema-ids.js';
import { RegistrySchemaIds, type SchemaIds } from '../event-log/kafka/schema-ids.js';
import { PostgresEventLog } from '../event-log/postgres-event-log.js';
import { type StoreId, storeIdOf } from '../event-store/store-id.js';
import { FEED, FeedKeeper } from '../feed/feed-keeper.js';
import { feedLog } from '../feed/feed-log.js';
import { Topics } from '../kafka/topics.js';
import { Connection } from '../postgres/connection.js';
import type { Projection } from '../projections/projection.js';
import { Relay } from '../relay/relay.js';
import { MemoryRegistry } from '../relay/relay-bench.fixture.js';
import { leastSessionMs, testBrokers, testKafka, testName } from '../testing/test-kafka.js';
import { eventually } from '../testing/until.js';
import type { EngineUnderTest, Installation, Member } from './engine-under-test.js';
import { HeldSockets } from './held-sockets.js';
import { HoldingOpener } from './holding-opener.js';
import { SeverableProxy } from './severable-proxy.js';
import { StoreBench } from './store-bench.js';

const PATIENCE_MS = 30_000;
const ALL_TYPES = EVENT_SCHEMAS.map(({ type }) => type);
const SETS = [
  { schema: 'log', folder: 'libs/platform/relay/migrations' },
  { schema: FEED.service, folder: 'libs/platform/projections/migrations' },
  { schema: FEED.service, folder: 'libs/platform/feed/migrations' },
];

/** The log in topics of Kafka, to which a relay carries the store's events, and what follows it in consumer groups. */
export function kafkaEngine(): EngineUnderTest {
  return {
    name: 'on Kafka',
    capabilities: new Set(['several partitions', 'a topic a domain', 'a feed of its own'] as const),
    open: async () => {
      const installation = new KafkaInstallation(await StoreBench.open([FEED.service], SETS));
      await installation.start();
      return installation;
    },
  };
}

class KafkaInstallation implements Installation {
  readonly patienceMs = PATIENCE_MS;
  readonly log: EventLog;
  private readonly topics = new Topics(testName('conformance'));
  private readonly registry = new MemoryRegistry();
  private readonly logger = pino({ level: 'silent' });
  private readonly ids: SchemaIds;
  private readonly storeId: StoreId;
  private readonly relay: Relay;
  private readonly store: PostgresEventLog;
  private keptFeed: Promise<WholeLog> | null = null;

  constructor(private readonly bench: StoreBench) {
    const { url } = bench;
    const connection = new Connection({ url, role: 'heddle_log_writer', applicationName: 'heddle schema ids' });
    bench.closeFirst(() => connection.close());
    this.ids = new RecordedSchemaIds(connection, new RegistrySchemaIds(this.registry));
    this.storeId = storeIdOf(connection);
    this.store = new PostgresEventLog(url, 'heddle_log_writer');
    bench.closeFirst(() => this.store.close());
    this.relay = new Relay({
      databaseUrl: url,
      kafka: this.kafka(),
      registry: this.registry,
      log: this.logger,
      topicPrefix: this.topics.prefix,
      pollMs: 100,
    });
    this.log = this.newLog();
  }

  async start(): Promise<void> {
    await this.relay.start();
    this.bench.closeFirst(() => this.relay.close());
    // Until it has shut others out of the topics, their ends still move.
    await eventually(async () => {
      const { state, reason } = await this.relay.status();
      if (state !== 'idle') throw new Error(`The relay is ${state}. ${reason ?? ''}`);
    }, this.patienceMs);
  }

  get url() {
    return this.bench.url;
  }

  get admin() {
    return this.bench.admin;
  }

  get codec() {
    return this.bench.writer.codec;
  }

  get key() {
    return this.bench.writer.key;
  }

  get workspace() {
    return this.bench.writer.workspace;
  }

  get replaying() {
    return { decoder: this.codec, keys: this.bench.keys, log: this.log };
  }

  feed(): Promise<WholeLog> {
    this.keptFeed ??= this.keepFeed();
    return this.keptFeed;
  }

  async anotherLog(): Promise<EventLog> {
    return this.newLog();
  }

  anotherWriter() {
    return this.bench.anotherWriter();
  }

  async append(events: Parameters<Installation['append']>[0]): Promise<number[]> {
    const positions = await this.bench.commit(this.bench.writer, events);
    for (const giveUp = Date.now() + this.patienceMs; ; await sleep(3)) {
      const { rows } = await this.admin.query<{ position: number }>('select position from log.relay');
      if (Number(rows[0]?.position ?? 0) >= positions.at(-1)!) return positions;
      if (Date.now() > giveUp) {
        const { state, reason } = await this.relay.status();
        throw new Error(`The relay has not carried ${positions.at(-1)} to Kafka: it is ${state}. ${reason ?? ''}`);
      }
    }
  }

  async follow(...projections: Projection[]): Promise<Member> {
    const postgres = await SeverableProxy.to(this.url);
    const sockets = new HeldSockets();
    const kafka = this.kafka({ socketFactory: sockets.factory });
    const opener = new HoldingOpener(this.codec, this.bench.keys);
    const log = new KafkaEventLog({ kafka, ids: this.ids, store: this.storeId, topics: this.topics });
    const server = new KafkaBatchServer({
      kafka,
      ids: this.ids,
      store: this.storeId,
      log: this.logger,
      sessionTimeoutMs: leastSessionMs,
      sureAfterMs: 1000,
    });
    const follower = new KafkaFollower({
      url: postgres.url,
      projections,
      log,
      store: this.store,
      server,
      opener,
      topics: this.topics,
      onTrouble: () => undefined,
    });
    let closing: Promise<void> | null = null;
    const close = async () => {
      opener.thaw();
      sockets.release();
      await server.close();
      await Promise.all([follower.close(), log.close()]);
      await postgres.close();
    };
    const member: Member = {
      start: () => undefined,
      status: () => follower.status(),
      waitFor: (...of) => follower.waitFor(...of),
      redrive: (...of) => follower.redrive(...of),
      close: () => (closing ??= close()),
      freeze: () => {
        const frozen = opener.freeze();
        const still = frozen.still.then(() => sockets.hold());
        const thaw = () => {
          sockets.release();
          frozen.thaw();
        };
        return { still, thaw };
      },
      kill: () => {
        sockets.sever();
        postgres.sever();
      },
      losePostgres: () => postgres.sever(),
      findPostgres: () => postgres.mend(),
    };
    this.bench.closeFirst(() => member.close());
    follower.start();
    server.start();
    return member;
  }

  async close(): Promise<void> {
    await this.bench.close();
    const admin = testKafka().admin();
    await admin.connect();
    const topics = this.topics.all.flatMap((topic) => [topic, this.topics.deadLettersOf(topic)]);
    await admin.deleteTopics({ topics }).catch(() => undefined);
    await admin.disconnect();
  }

  private kafka(of: Partial<KafkaConfig> = {}): KafkaConfig {
    return { clientId: 'heddle-conformance', brokers: testBrokers(), ...of };
  }

  private newLog(): KafkaEventLog {
    const log = new KafkaEventLog({ kafka: this.kafka(), ids: this.ids, store: this.storeId, topics: this.topics });
    this.bench.closeFirst(() => log.close());
    return log;
  }

  private async keepFeed(): Promise<WholeLog> {
    const { url, codec, topics } = this;
    const partitions = async () => (await this.log.partitionsOf(ALL_TYPES)).map(({ name }) => name);
    const keeper = new FeedKeeper({
      url,
      decoder: codec,
      partitions,
      absent: async () => [],
      onTrouble: () => undefined,
    });
    const server = new KafkaBatchServer({ kafka: this.kafka(), ids: this.ids, store: this.storeId, log: this.logger });
    server.subscribe({
      name: FEED.name,
      group: `${topics.prefix}.${FEED.service}`,
      types: ALL_TYPES,
      topics: topics.all,
      lane: (partition) => keeper.lane(partition),
    });
    const feed = feedLog(url);
    this.bench.closeFirst(async () => {
      await server.close();
      await Promise.all([keeper.close(), feed.close()]);
    });
    await feed.start();
    keeper.start();
    server.start();
    return feed;
  }
}
