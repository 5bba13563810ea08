import { Kafka, type KafkaConfig, logLevel } from 'kafkajs';
import pg from 'pg';
import { type Logger, pino } from 'pino';
import { EVENT_SCHEMAS } from '../../contract/generated/event-schemas.js';
import { EventCodec } from '../event-codec/event-codec.js';
import { identifyStore } from '../event-store/epoch.js';
import { readHeaders, unframe } from '../kafka/frame.js';
import type { FetchedRecord } from '../kafka/kafkajs-cluster.js';
import { makeCluster } from '../kafka/kafkajs-cluster.js';
import { endsOf, fetchRecords, leaderOf } from '../kafka/partition-requests.js';
import { PARTITIONS, partitionName, Topics } from '../kafka/topics.js';
import { newId } from '../kernel/id.js';
import { migrate } from '../postgres/migrate.js';
import { RegistryUnavailable } from '../registry/registry-client.js';
import { LogWriter, type WrittenEvent } from '../testing/log-writer.js';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.js';
import { testBrokers, testName } from '../testing/test-kafka.js';
import { until } from '../testing/until.js';
import { partitionOf } from './murmur2.js';
import type { Registry } from './registry-binding.js';
import { Relay, type RelayOptions, type RelayStatus } from './relay.js';

/** A registry in memory: an id a schema text, from `first` on. */
export class MemoryRegistry implements Registry {
  readonly schemas = new Map<number, string>();
  isAway = false;

  constructor(private readonly first = 1) {}

  async schema(id: number): Promise<string> {
    this.requireThere();
    return this.schemas.get(id) ?? '"null"';
  }

  async register(_subject: string, schema: string): Promise<number> {
    this.requireThere();
    const known = [...this.schemas].find(([, text]) => text === schema);
    if (known !== undefined) return known[0];
    const id = this.first + this.schemas.size;
    this.schemas.set(id, schema);
    return id;
  }

  async level() {
    this.requireThere();
    return 'FULL_TRANSITIVE' as const;
  }

  async setLevel(): Promise<void> {
    this.requireThere();
  }

  private requireThere(): void {
    if (this.isAway) throw new RegistryUnavailable('The registry is away.');
  }
}

/** What came out on Kafka, in the order of its partition. */
export interface SeenRecord {
  topic: string;
  partition: number;
  message: FetchedRecord;
}

/** Lines that a relay logged. */
export interface LoggedLine {
  level: number;
  msg: string;
  [field: string]: unknown;
}

/** A store with a log, topics of its own on the tests' Kafka, and relays between the two. */
export class RelayBench {
  readonly prefix = testName('relay');
  readonly registry = new MemoryRegistry();
  readonly lines: LoggedLine[] = [];
  readonly names = new Topics(this.prefix);
  readonly topics = this.names.partitioned;
  readonly log: Logger = pino({ level: 'debug' }, { write: (line: string) => void this.lines.push(JSON.parse(line)) });
  readonly store: pg.Client;
  private readonly relays = new Set<Relay>();
  private readonly conversations = [newId('conv'), newId('conv'), newId('conv'), newId('conv'), newId('conv')];

  private constructor(
    readonly database: TestDatabase,
    readonly writer: LogWriter,
    private readonly brokers: string[],
  ) {
    this.store = new pg.Client({ connectionString: database.url });
  }

  static async open(brokers = testBrokers()): Promise<RelayBench> {
    const database = await createTestDatabase();
    await migrate(
      database.url,
      [],
      [
        { schema: 'log', folder: 'libs/platform/event-store/migrations' },
        { schema: 'log', folder: 'libs/platform/relay/migrations' },
      ],
    );
    const bench = new RelayBench(database, await new LogWriter(database.url).connect(), brokers);
    await bench.store.connect();
    await identifyStore({ query: (statement) => bench.store.query(statement) });
    return bench;
  }

  options(of: Partial<RelayOptions> = {}): RelayOptions {
    return {
      databaseUrl: this.database.url,
      kafka: this.kafka(),
      registry: this.registry,
      log: this.log,
      topicPrefix: this.prefix,
      leaseMs: 1000,
      pollMs: 100,
      ...of,
    };
  }

  kafka(of: Partial<KafkaConfig> = {}): KafkaConfig {
    return { clientId: 'heddle-relay', brokers: this.brokers, ...of };
  }

  async relay(of: Partial<RelayOptions> = {}): Promise<Relay> {
    const relay = new Relay(this.options(of));
    this.relays.add(relay);
    await relay.start();
    return relay;
  }

  /** Events on a few streams of two domains; returns the last one's position. */
  append(count: number): Promise<number> {
    return this.writer.append(Array.from({ length: count }, (_, n) => this.event(n)));
  }

  async relayedTo(position: number, ms = 60_000): Promise<void> {
    await until(
      async () => (await this.position()) >= position,
      ms,
      async () => {
        const { rows } = await this.store.query('select * from log.relay');
        return `relayed through ${position}: ${JSON.stringify(rows)} ${JSON.stringify(this.lines.slice(-5))}`;
      },
    );
  }

  async position(): Promise<number> {
    const { rows } = await this.store.query<{ position: string }>('select position from log.relay');
    return Number(rows[0]?.position ?? 0);
  }

  /** Everything in the topics, each partition from its beginning to its end. */
  async consumed(): Promise<SeenRecord[]> {
    const cluster = makeCluster(this.kafka());
    await cluster.connect();
    await cluster.addMultipleTargetTopics(this.topics.map(({ topic }) => topic));
    const all = this.topics.flatMap(({ topic, partitions }) =>
      [...Array(partitions).keys()].map((partition) => ({ topic, partition })),
    );
    const ends = await endsOf(cluster, all);
    const seen = all.map(async (place) => {
      const theirs: SeenRecord[] = [];
      for (let from = 0; from < ends.get(partitionName(place))!; ) {
        const { records, next } = await fetchRecords(await leaderOf(cluster, place), place, from, 100);
        for (const message of records) theirs.push({ ...place, message });
        from = next;
      }
      return theirs;
    });
    return (await Promise.all(seen).finally(() => cluster.disconnect())).flat();
  }

  /** Holds what a consumer reads against the store: each event once, in order in its partition and in its stream; beside strangers' records. */
  async expectExact(): Promise<void> {
    const codec = new EventCodec(EVENT_SCHEMAS);
    const seen = (await this.consumed()).filter(({ message }) => readHeaders(message.headers).store !== null);
    const { rows } = await this.store.query<{ position: string; fingerprint: Buffer; payload: Buffer }>(
      'select position, schema_fingerprint as fingerprint, payload from log.events order by position',
    );
    const positions = seen.map(({ message }) => readHeaders(message.headers).position!);
    expect(positions.toSorted((a, b) => a - b)).toEqual(rows.map(({ position }) => Number(position)));
    const lastOf = new Map<string, number>();
    const seqOf = new Map<string, number>();
    for (const { topic, partition, message } of seen) {
      const { position, eventId, type } = readHeaders(message.headers);
      const row = rows[position! - 1]!;
      const { payload, schemaId } = unframe(message.value);
      const event = codec.decode(row.fingerprint, payload);
      expect(payload.equals(row.payload)).toBe(true);
      expect(JSON.parse(this.registry.schemas.get(schemaId)!)['heddle.type']).toBe(event.type);
      expect({ eventId, type, key: message.key!.toString(), partition }).toEqual({
        eventId: event.meta.id,
        type: event.type,
        key: event.meta.stream,
        partition: partitionOf(Buffer.from(event.meta.stream), PARTITIONS),
      });
      expect(position).toBeGreaterThan(lastOf.get(partitionName({ topic, partition })) ?? 0);
      lastOf.set(partitionName({ topic, partition }), position!);
      expect(event.meta.seq).toBe((seqOf.get(event.meta.stream) ?? 0) + 1);
      seqOf.set(event.meta.stream, event.meta.seq);
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.relays].map((relay) => relay.close()));
    await Promise.all([this.writer.close(), this.store.end()]);
    const admin = new Kafka({ ...this.kafka(), logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    const names = this.topics.flatMap(({ topic }) => [topic, this.names.deadLettersOf(topic)]);
    const there = new Set(await admin.listTopics());
    await admin.deleteTopics({ topics: names.filter((name) => there.has(name)) });
    await admin.disconnect();
    await this.database.drop();
  }

  private event(n: number): WrittenEvent {
    if (n % 7 === 6) {
      return { type: 'customer.created', stream: newId('cus'), data: { external_id: `customer-${n}`, name: 'A name' } };
    }
    const stream = this.conversations[n % this.conversations.length]!;
    return { type: 'conversation.assigned', stream, data: { assignee: { type: 'user', id: newId('usr') } } };
  }
}

export async function untilState(relay: Relay, ...states: RelayStatus['state'][]): Promise<RelayStatus> {
  let status = await relay.status();
  const isSo = async () => {
    status = await relay.status();
    return states.includes(status.state);
  };
  await until(isSo, 60_000, () => `${states.join(' or ')}: ${JSON.stringify(status)}`);
  return status;
}
