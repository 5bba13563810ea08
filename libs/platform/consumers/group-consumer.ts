import { setTimeout as sleep } from 'node:timers/promises';
import type { Batch, Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import type { Logger } from 'pino';
import type { LogPage } from '../event-log/event-log.js';
import type { SchemaIds } from '../event-log/kafka/schema-ids.js';
import type { StoreId } from '../event-store/store-id.js';
import type { KafkaReader } from '../kafka/kafka-reader.js';
import { parsePartitionName, partitionName, type TopicPartition } from '../kafka/topics.js';
import { Problem } from '../kernel/problem.js';
import type { Lane } from '../projections/lane.js';
import type { Places } from '../projections/places.js';
import { GATHERS_MS } from '../projections/projection.js';
import { PartitionConsumer, type RecordBatch } from './partition-consumer.js';
import type { PartitionStatus } from './partition-status.js';
import { groupOf, type Subscription } from './subscription.js';

export interface GroupConsumerOptions {
  subscription: Subscription;
  /** A client of its own: kafkajs keeps what a group committed in the client. */
  kafka: Kafka;
  reader: KafkaReader;
  ids: SchemaIds;
  /** Part of the group's name; its records are applied. */
  store: StoreId;
  apply: (page: LogPage, lane: Lane) => Promise<unknown>;
  log: Pick<Logger, 'info' | 'warn'>;
  /** After so long without a word from a member the broker gives its partitions to others, ms. */
  sessionTimeoutMs: number;
  /** For so long a cursor must be beyond the end before it is believed, ms; 30 s where it is left out. */
  sureAfterMs?: number | undefined;
}

const HEARTBEAT_MS = 1000;
/** Nobody may hold up a rebalance for longer, for instance with a long transaction. */
const REBALANCE_MS = 20_000;
/** How long the broker holds an answer back while there is nothing new; a rebalance is heard of after it. */
const LONG_POLL_MS = 500;
/** Of a subscription that gathers: so much is brought at once. */
const BYTES_GATHERED = 32 * 1024;
const BYTES_OF_A_PARTITION = 1024 * 1024;
const BYTES_OF_A_FETCH = 8 * 1024 * 1024;
const PARTITIONS_AT_ONCE = 3;
/** What is over sooner, such as a coordinator that starts, is nobody's concern. */
const AWAY_MS = 5000;
/** A client that has neither fetched nor applied for so long is made anew. */
const SILENCE_MS = 30_000;
/** A broker holds a join back until all members have come, or their sessions and the rebalance are over. */
const SILENT_JOIN_MS = 90_000;
const FIRST_RESTART_MS = 200;
const MOST_RESTART_MS = 2000;
const CLOSE_MS = 10_000;

/**
 * One subscription's member of its consumer group. kafkajs's own consumer gives up after some errors and is stuck
 * after others; this one then makes another, for ever.
 */
export class GroupConsumer {
  private readonly partitions = new Map<string, PartitionConsumer>();
  private readonly topics: readonly string[];
  private elsewhere: Places = new Map();
  private ends: Places = new Map();
  private readonly closing = new AbortController();
  private consumer: Consumer | null = null;
  private running: Promise<void> = Promise.resolve();
  private store = '';
  private lastSign = Date.now();
  /** Waits for the other members, in silence. */
  private joining = false;
  private endLife: () => void = () => undefined;
  private reportedAway = false;
  private committing = false;
  private readonly committed = new Map<string, number>();

  constructor(private readonly options: GroupConsumerOptions) {
    this.topics = options.subscription.topics;
  }

  start(): void {
    this.running = this.run();
  }

  /** Of all partitions that it has or had, and of the others what the rows say. */
  progress(): PartitionStatus[] {
    const here = [...this.partitions].filter(([name, { isAssigned }]) => isAssigned || !this.elsewhere.has(name));
    const names = new Set(here.map(([name]) => name));
    const others = [...this.elsewhere].filter(([name]) => !names.has(name));
    return [...here.map(([, partition]) => partition.status()), ...others.map(([name]) => this.statusElsewhere(name))];
  }

  /** Asks the rows where the partitions are that others have, or nobody. */
  async lookElsewhere(): Promise<void> {
    const stored = await this.options.subscription.stored?.();
    if (stored !== undefined) this.elsewhere = stored.places;
  }

  /** All that it knows of. */
  known(): TopicPartition[] {
    const names = new Set([...this.elsewhere.keys(), ...this.partitions.keys()]);
    return [...names].flatMap((name) => parsePartitionName(name) ?? []);
  }

  sawEnds(ends: ReadonlyMap<string, number>): void {
    this.ends = ends;
    for (const [name, partition] of this.partitions) {
      const end = ends.get(name);
      if (end !== undefined && partition.isAssigned) partition.sawEnd(end);
    }
  }

  /** Tells the broker how far it is: for those who watch groups, and for a start near the cursor. */
  async commit(): Promise<void> {
    const moved = [...this.partitions].flatMap(([name, { isAssigned, position }]) =>
      isAssigned && position !== null && position !== this.committed.get(name) ? [{ name, position }] : [],
    );
    if (this.consumer === null || this.committing || moved.length === 0) return;
    this.committing = true;
    try {
      const offsets = moved.map(({ name, position }) => ({ ...parsePartitionName(name)!, offset: String(position) }));
      await this.consumer.commitOffsets(offsets);
      for (const { name, position } of moved) this.committed.set(name, position);
    } catch {
      // Nothing rests on it.
    } finally {
      this.committing = false;
    }
  }

  async close(): Promise<void> {
    this.closing.abort();
    this.endLife();
    await Promise.race([this.running, sleep(CLOSE_MS, undefined, { ref: false })]);
  }

  private statusElsewhere(partition: string): PartitionStatus {
    const position = this.elsewhere.get(partition)!;
    const end = this.ends.get(partition) ?? 0;
    const { name: subscription } = this.options.subscription;
    const lag = Math.max(0, end - position);
    return { subscription, partition, state: 'unassigned', position, end, lag, error: null };
  }

  private async run(): Promise<void> {
    const { signal } = this.closing;
    for (let wait = FIRST_RESTART_MS; !signal.aborted; wait = Math.min(2 * wait, MOST_RESTART_MS)) {
      const startedAt = Date.now();
      try {
        await this.consume();
      } catch (error) {
        this.reportAway(error);
      }
      if (Date.now() - startedAt > 10 * MOST_RESTART_MS) wait = FIRST_RESTART_MS;
      await sleep(wait, undefined, { signal }).catch(() => undefined);
    }
  }

  /** One life of a kafkajs consumer; ends when this is closed, and throws when the consumer is of no use any more. */
  private async consume(): Promise<void> {
    this.store = await this.options.store();
    const consumer = this.makeConsumer(groupOf(this.options.subscription, this.store));
    const bornAt = Date.now();
    let watch: NodeJS.Timeout | undefined;
    const lifeEnded = new Promise<void>((resolve, reject) => {
      this.endLife = resolve;
      watch = setInterval(() => {
        const silence = Date.now() - Math.max(this.lastSign, bornAt);
        if (!this.joining) this.reportAway(new Error('Kafka does not answer.'));
        const most = this.joining ? SILENT_JOIN_MS : SILENCE_MS;
        if (silence > most) reject(new Error(`Kafka has said nothing for ${most} ms.`));
      }, HEARTBEAT_MS);
      this.listenTo(consumer, reject);
    });
    if (this.closing.signal.aborted) this.endLife();
    const joining = this.join(consumer);
    try {
      await Promise.race([lifeEnded, joining]);
      await lifeEnded;
    } finally {
      clearInterval(watch);
      this.joining = false;
      if (this.closing.signal.aborted) await this.commit();
      this.consumer = null;
      this.committed.clear();
      for (const partition of this.partitions.values()) partition.revoke();
      const left = consumer.disconnect().catch(() => undefined);
      // What was still connecting then is to end, too.
      const settled = left.then(() => joining).catch(() => undefined);
      const gone = settled.then(() => consumer.disconnect()).catch(() => undefined);
      await Promise.race([gone, sleep(CLOSE_MS, undefined, { ref: false })]);
    }
  }

  private makeConsumer(groupId: string): Consumer {
    const { kafka, sessionTimeoutMs, subscription } = this.options;
    return kafka.consumer({
      groupId,
      sessionTimeout: sessionTimeoutMs,
      rebalanceTimeout: REBALANCE_MS,
      heartbeatInterval: HEARTBEAT_MS,
      ...(subscription.gathers === true
        ? { maxWaitTimeInMs: GATHERS_MS, minBytes: BYTES_GATHERED }
        : { maxWaitTimeInMs: LONG_POLL_MS, minBytes: 1 }),
      maxBytes: BYTES_OF_A_FETCH,
      maxBytesPerPartition: BYTES_OF_A_PARTITION,
      readUncommitted: true,
      allowAutoTopicCreation: false,
      // kafkajs would start it again after some errors only.
      retry: { restartOnFailure: async () => false },
    });
  }

  private async join(consumer: Consumer): Promise<void> {
    const { reader } = this.options;
    // kafkajs cannot be stopped while it tries to connect.
    await reader.reach(this.topics);
    if (this.closing.signal.aborted) return;
    await consumer.connect();
    await consumer.subscribe({ topics: [...this.topics], fromBeginning: true });
    if (this.closing.signal.aborted) return;
    this.consumer = consumer;
    this.joining = true;
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: PARTITIONS_AT_ONCE,
      eachBatch: (payload) => this.take(payload),
    });
  }

  private listenTo(consumer: Consumer, crashed: (error: Error) => void): void {
    const { CRASH, GROUP_JOIN, FETCH, REBALANCING, START_BATCH_PROCESS } = consumer.events;
    consumer.on(CRASH, ({ payload }) => crashed(payload.error));
    consumer.on(GROUP_JOIN, ({ payload }) => this.joined(payload.memberAssignment));
    consumer.on(REBALANCING, () => {
      this.joining = true;
    });
    consumer.on(FETCH, () => this.fetched());
    consumer.on(START_BATCH_PROCESS, ({ payload }) => this.passedMarkers(payload));
  }

  private heard(): void {
    this.lastSign = Date.now();
  }

  private fetched(): void {
    this.heard();
    if (!this.reportedAway) return;
    this.reportedAway = false;
    this.options.log.info({ group: this.options.subscription.group }, 'Kafka is consumed again');
  }

  private joined(assignment: Record<string, number[]>): void {
    this.heard();
    this.joining = false;
    this.committed.clear();
    const names = new Set(
      Object.entries(assignment).flatMap(([topic, theirs]) =>
        theirs.map((partition) => partitionName({ topic, partition })),
      ),
    );
    for (const [name, partition] of this.partitions) if (!names.has(name)) partition.revoke();
    for (const name of names) this.partitionFor(name).assign();
  }

  /** kafkajs passes a fetch that brought control records only by itself, and tells nobody but here. */
  private passedMarkers({ topic, partition, batchSize, firstOffset, lastOffset }: BatchProcess): void {
    if (batchSize > 0 || firstOffset === null) return;
    this.partitions.get(partitionName({ topic, partition }))?.passed(Number(firstOffset), Number(lastOffset));
  }

  private async take({ batch, heartbeat, resolveOffset, isStale }: EachBatchPayload): Promise<void> {
    const partition = this.partitions.get(partitionName(batch));
    if (partition === undefined) return;
    const beat = setInterval(() => {
      this.heard();
      // Where the group has begun to rebalance, kafkajs hears it itself after the batch.
      heartbeat().catch(() => undefined);
    }, HEARTBEAT_MS);
    try {
      await partition.take(recordsOf(batch, resolveOffset, isStale));
    } finally {
      clearInterval(beat);
    }
  }

  private partitionFor(name: string): PartitionConsumer {
    const { subscription, ids, apply, log, reader, sureAfterMs } = this.options;
    let partition = this.partitions.get(name);
    if (partition === undefined) {
      const place = parsePartitionName(name)!;
      const { topic } = place;
      const partitions = [place.partition];
      partition = new PartitionConsumer({
        subscription: subscription.name,
        partition: name,
        types: subscription.whole === true ? null : new Set(subscription.types),
        lane: subscription.lane(name),
        apply,
        ids,
        store: this.store,
        ...(sureAfterMs === undefined ? {} : { sureAfterMs }),
        onTrouble: (status) => log.warn(status, 'a projection is in trouble on a partition'),
        control: {
          seek: (offset) => this.command((consumer) => consumer.seek({ ...place, offset: String(offset) })),
          pause: () => this.command((consumer) => consumer.pause([{ topic, partitions }])),
          resume: () => this.command((consumer) => consumer.resume([{ topic, partitions }])),
          range: (again) => reader.range(place, again),
        },
      });
      this.partitions.set(name, partition);
    }
    return partition;
  }

  /** A consumer that has just crashed takes no commands; the next one asks the cursors anew. */
  private command(give: (consumer: Consumer) => void): void {
    try {
      if (this.consumer !== null) give(this.consumer);
    } catch {
      // As above.
    }
  }

  private reportAway(error: unknown): void {
    if (this.reportedAway || this.closing.signal.aborted || Date.now() - this.lastSign < AWAY_MS) return;
    this.reportedAway = true;
    const { group } = this.options.subscription;
    const { message } = error instanceof Problem ? (error.cause as Error) : (error as Error);
    this.options.log.warn({ group, error: message }, 'Kafka cannot be consumed; it is tried again until it can');
  }
}

interface BatchProcess {
  topic: string;
  partition: number;
  batchSize: number;
  /** Null where the fetch brought nothing at all. */
  firstOffset: string | null;
  lastOffset: string;
}

function recordsOf(batch: Batch, resolve: (offset: string) => void, isStale: () => boolean): RecordBatch {
  // Missing in kafkajs's types: the offset that the request named.
  const { fetchedOffset } = batch as Batch & { fetchedOffset: string };
  const last = batch.messages.at(-1)!.offset;
  return {
    fetchedOffset: Number(fetchedOffset),
    records: batch.messages as RecordBatch['records'],
    lastOffset: Number(batch.lastOffset()),
    // kafkajs adds the control records that follow.
    resolve: () => resolve(last),
    isStale,
  };
}
