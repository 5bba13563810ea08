import { type CustomTransportStrategy, Server } from '@nestjs/microservices';
import type { KafkaConfig } from 'kafkajs';
import type { Logger } from 'pino';
import type { LogPage } from '../event-log/event-log.js';
import type { SchemaIds } from '../event-log/kafka/schema-ids.js';
import type { StoreId } from '../event-store/store-id.js';
import { KafkaReader } from '../kafka/kafka-reader.js';
import { makeKafka } from '../kafka/kafkajs-client.js';
import { partitionName } from '../kafka/topics.js';
import type { Lane } from '../projections/lane.js';
import { GroupConsumer } from './group-consumer.js';
import type { PartitionStatus } from './partition-status.js';
import type { Subscription } from './subscription.js';

export interface KafkaBatchServerOptions {
  kafka: KafkaConfig;
  ids: SchemaIds;
  /** Whose log it is. */
  store: StoreId;
  log: Pick<Logger, 'info' | 'warn'>;
  /** After so long without a word from a member the broker gives its partitions to others, ms. */
  sessionTimeoutMs?: number;
  /** For so long a cursor must be beyond the end before it is believed, ms; 30 s where it is left out. */
  sureAfterMs?: number;
}

const SESSION_MS = 10_000;
const LOOK_EVERY_MS = 1000;
/** What others have is for metrics alone. */
const LOOK_ELSEWHERE_EVERY_MS = 5000;
const ENDS_PATIENCE_MS = 2000;
/** Some 12 s: a broker that restarts meanwhile finds the members that it knows, and no partition changes hands. */
const RETRY = { retries: 15, initialRetryTime: 100, maxRetryTime: 1000 };

/**
 * Nest's transport for the log on Kafka: a handler is a subscription, and gets pages instead of messages, each with the
 * lane that it is for. `app.connectMicroservice({ strategy })` starts and closes it with an application; `start` does
 * without one. It needs nobody after a start, whatever goes away and comes back.
 */
export class KafkaBatchServer extends Server implements CustomTransportStrategy {
  override transportId = Symbol('heddle log on Kafka');
  private readonly reader: KafkaReader;
  private readonly groups: GroupConsumer[] = [];
  private clock: NodeJS.Timeout | undefined;
  private looking = false;
  private elsewhereDueAt = 0;

  constructor(private readonly options: KafkaBatchServerOptions) {
    super();
    this.reader = new KafkaReader(options.kafka, ENDS_PATIENCE_MS);
  }

  /** Before the start. */
  subscribe(subscription: Subscription): this {
    const apply = (page: LogPage, lane?: Lane) => lane!.apply(page);
    this.addHandler(subscription.name, apply, true, { subscription });
    return this;
  }

  /** Joins the groups; a Kafka that is away is waited for. */
  start(): void {
    const { kafka, ids, store, log, sessionTimeoutMs = SESSION_MS, sureAfterMs } = this.options;
    const { reader } = this;
    for (const [name, apply] of this.getHandlers()) {
      const subscription = apply.extras?.subscription as Subscription | undefined;
      if (subscription === undefined) throw new Error(`The handler ${name} is no subscription: use subscribe().`);
      const client = makeKafka({ retry: RETRY, ...kafka });
      this.groups.push(
        new GroupConsumer({
          subscription,
          kafka: client,
          reader,
          ids,
          store,
          apply,
          log,
          sessionTimeoutMs,
          sureAfterMs,
        }),
      );
    }
    for (const group of this.groups) group.start();
    this.clock = setInterval(() => void this.look(), LOOK_EVERY_MS);
  }

  listen(callback: (error?: unknown) => void): void {
    try {
      this.start();
      callback();
    } catch (error) {
      callback(error);
    }
  }

  /**
   * Each subscription on each partition, from memory: as it is here, and for those that this process has not, as their
   * rows and Kafka said some seconds ago.
   */
  progress(): PartitionStatus[] {
    return this.groups.flatMap((group) => group.progress());
  }

  async close(): Promise<void> {
    clearInterval(this.clock);
    await Promise.all(this.groups.map((group) => group.close()));
    await this.reader.close();
  }

  /** It has no events of its own: what goes wrong is logged, and stands in `progress`. */
  on(): void {}

  unwrap<T>(): T {
    return this.groups as T;
  }

  /** One request to each broker; every few times also to the database, for each subscription. */
  private async look(): Promise<void> {
    if (this.looking) return;
    this.looking = true;
    if (performance.now() >= this.elsewhereDueAt) {
      // A database that is away is told of by the groups.
      await Promise.allSettled(this.groups.map((group) => group.lookElsewhere()));
      this.elsewhereDueAt = performance.now() + LOOK_ELSEWHERE_EVERY_MS;
    }
    try {
      // A broker refuses a request that names one twice.
      const partitions = new Map(this.groups.flatMap((group) => group.known()).map((one) => [partitionName(one), one]));
      if (partitions.size > 0) {
        const ends = await this.reader.ends([...partitions.values()]);
        for (const group of this.groups) group.sawEnds(ends);
      }
      await Promise.all(this.groups.map((group) => group.commit()));
    } catch {
      // Kafka is away, which the groups notice and report.
    } finally {
      this.looking = false;
    }
  }
}
