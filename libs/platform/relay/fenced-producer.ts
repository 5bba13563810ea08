import { setTimeout as sleep } from 'node:timers/promises';
import type { KafkaConfig } from 'kafkajs';
import {
  type Broker,
  type Cluster,
  makeCluster,
  type RecordToSend,
  TRANSACTION_COORDINATOR,
} from '../kafka/kafkajs-cluster.js';
import { allEnded, byLeader, endsOf, type Fetched, fetchRecords, leaderOf } from '../kafka/partition-requests.js';
import { partitionName, type TopicPartition, type TopicPartitions } from '../kafka/topics.js';

/** What goes to one partition in one request, in order. */
export interface PartitionBatch extends TopicPartition {
  records: RecordToSend[];
}

/** Another producer has taken over, or the answer to a send is not what it must be: this one must not send again. */
export class ProducerGoneError extends Error {
  constructor(
    message: string,
    /** Kafka's name of the error, such as INVALID_PRODUCER_EPOCH; null where the answer was lost or odd. */
    readonly type: string | null,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

const TRANSACTION_TIMEOUT_MS = 60_000;
const PRODUCE_TIMEOUT_MS = 30_000;
const LEADERS_PATIENCE_MS = 20_000;
const FETCH_WAIT_MS = 100;
const RETRY_MS = 100;
/** What is said of a partition that a broker is about to lead. */
const IS_LED_SOON =
  /^(UNKNOWN_TOPIC_OR_PARTITION|NOT_LEADER_FOR_PARTITION|LEADER_NOT_AVAILABLE|KafkaJSBrokerNotFound)$/;
/** While the coordinator starts, moves, or still writes the markers of the transaction before. */
const COMES_SOON =
  /^(CONCURRENT_TRANSACTIONS|NOT_COORDINATOR|NOT_COORDINATOR_FOR_GROUP|COORDINATOR_NOT_AVAILABLE|GROUP_COORDINATOR_NOT_AVAILABLE|COORDINATOR_LOAD_IN_PROGRESS|GROUP_LOAD_IN_PROGRESS|KafkaJSGroupCoordinatorNotFound)$/;

/**
 * The one producer of a store. Taking over shuts out every earlier one, on every partition, before the first record is
 * sent: the transactional id gets a new epoch (InitProducerId, KIP-98), and an empty transaction over all partitions is
 * aborted, whose markers carry the epoch to each partition's log and show nothing to readers. A second InitProducerId
 * is answered only when all markers are written. Batches are plain idempotent ones with that producer id and epoch.
 *
 * One send is under way at a time. Every partition's answer must name the offset that was expected; after any other
 * answer, or none, the producer is gone: only a new one, which looks at what arrived, may go on.
 */
export class FencedProducer {
  private readonly sequences = new Map<string, number>();
  private readonly ends: Map<string, number>;
  private gone: ProducerGoneError | null = null;
  private sending = false;

  private constructor(
    private readonly cluster: Cluster,
    readonly producerId: string,
    readonly producerEpoch: number,
    ends: Map<string, number>,
  ) {
    this.ends = ends;
  }

  /**
   * Resolves when nobody else can write to these topics under this id. `end` then says what arrived before. Rejects
   * once the signal is aborted.
   */
  static async takeOver(
    config: KafkaConfig,
    /** The store's id, 32 hex digits. */
    store: string,
    topics: readonly TopicPartitions[],
    signal?: AbortSignal,
  ): Promise<FencedProducer> {
    const transactionalId = transactionalIdOf(store);
    const cluster = makeCluster(config);
    try {
      await cluster.connect();
      await cluster.addMultipleTargetTopics(topics.map(({ topic }) => topic));
      await untilLed(cluster, everyPartition(topics), signal);
      const first = await initialize(cluster, transactionalId, signal);
      const fence = { transactionalId, producerId: first.producerId, producerEpoch: first.producerEpoch };
      const whole = topics.map(({ topic, partitions }) => ({ topic, partitions: [...Array(partitions).keys()] }));
      await soon(cluster, transactionalId, (broker) => broker.addPartitionsToTxn({ ...fence, topics: whole }), signal);
      await soon(cluster, transactionalId, (broker) => broker.endTxn({ ...fence, transactionResult: false }), signal);
      const { producerId, producerEpoch } = await initialize(cluster, transactionalId, signal);
      return new FencedProducer(cluster, producerId, producerEpoch, await endsOf(cluster, everyPartition(topics)));
    } catch (error) {
      await cluster.disconnect().catch(() => undefined);
      throw error;
    }
  }

  /** Where the next record of a partition goes. */
  end(of: TopicPartition): number {
    return this.ends.get(partitionName(of))!;
  }

  /** The records of a partition from an offset on, as many as one request brings. */
  async read(from: TopicPartition, offset: number): Promise<Fetched> {
    return fetchRecords(await leaderOf(this.cluster, from), from, offset, FETCH_WAIT_MS);
  }

  /**
   * Sends one batch to each of some partitions; resolves when all in-sync replicas have all of them, at the offsets
   * that follow the ones before. Throws `ProducerGoneError`, and from then on always.
   */
  async send(batches: readonly PartitionBatch[]): Promise<void> {
    if (this.gone !== null) throw this.gone;
    if (this.sending) throw new Error('A send is under way.');
    this.sending = true;
    try {
      const leaders = await byLeader(this.cluster, batches);
      await allEnded([...leaders].map(([broker, theirs]) => this.produce(broker, theirs)));
    } catch (error) {
      this.gone = asGone(error);
      throw this.gone;
    } finally {
      this.sending = false;
    }
  }

  async close(): Promise<void> {
    this.gone ??= new ProducerGoneError('The producer was closed.', null);
    await this.cluster.disconnect();
  }

  private async produce(broker: Broker, batches: readonly PartitionBatch[]): Promise<void> {
    const topics = new Map<string, { partition: number; firstSequence: number; messages: RecordToSend[] }[]>();
    for (const batch of batches) {
      const { topic, partition, records } = batch;
      const firstSequence = this.sequences.get(partitionName(batch)) ?? 0;
      const partitions = topics.get(topic) ?? [];
      if (partitions.length === 0) topics.set(topic, partitions);
      partitions.push({ partition, firstSequence, messages: records });
    }
    const { producerId, producerEpoch } = this;
    const answer = await broker.produce({
      acks: -1,
      timeout: PRODUCE_TIMEOUT_MS,
      producerId,
      producerEpoch,
      topicData: [...topics].map(([topic, partitions]) => ({ topic, partitions })),
    });
    const offsets = new Map<string, number>();
    for (const { topicName: topic, partitions } of answer.topics) {
      for (const { partition, baseOffset } of partitions) {
        offsets.set(partitionName({ topic, partition }), Number(baseOffset));
      }
    }
    for (const batch of batches) {
      const { records } = batch;
      const name = partitionName(batch);
      const [expected, found] = [this.ends.get(name)!, offsets.get(name)];
      if (found !== expected) {
        throw new ProducerGoneError(`${name} answered offset ${found ?? 'none'}, and ${expected} was expected.`, null);
      }
      this.ends.set(name, expected + records.length);
      // Sequence numbers are int32, and begin again at 0 (KIP-98).
      this.sequences.set(name, ((this.sequences.get(name) ?? 0) + records.length) % 2 ** 31);
    }
  }
}

function everyPartition(topics: readonly TopicPartitions[]): TopicPartition[] {
  return topics.flatMap(({ topic, partitions }) =>
    [...Array(partitions).keys()].map((partition) => ({ topic, partition })),
  );
}

/**
 * Resolves when the brokers lead every partition, and not only the controller says so. A coordinator that sends markers
 * for partitions that are being made may have no answer for half a minute, and no other transaction through it has one
 * meanwhile. Seen with Kafka 4.3.0.
 */
async function untilLed(
  cluster: Cluster,
  partitions: readonly TopicPartition[],
  signal: AbortSignal | undefined,
): Promise<void> {
  for (const giveUpAt = Date.now() + LEADERS_PATIENCE_MS; ; await sleep(RETRY_MS, undefined, { signal })) {
    try {
      await endsOf(cluster, partitions);
      return;
    } catch (error) {
      const { type, name } = error as { type?: string; name: string };
      if (!IS_LED_SOON.test(type ?? name) || Date.now() > giveUpAt) throw error;
      await cluster.refreshMetadata().catch(() => undefined);
    }
  }
}

function asGone(error: unknown): ProducerGoneError {
  if (error instanceof ProducerGoneError) return error;
  const { type, message } = error as { type?: string; message: string };
  return new ProducerGoneError(`A send failed: ${message}`, type ?? null, { cause: error });
}

/** All relays of a store have the same: that is what shuts the earlier ones out. */
function transactionalIdOf(store: string): string {
  return `heddle-relay-${store}`;
}

function initialize(cluster: Cluster, transactionalId: string, signal: AbortSignal | undefined) {
  const ask = (broker: Broker) =>
    broker.initProducerId({ transactionalId, transactionTimeout: TRANSACTION_TIMEOUT_MS });
  return soon(cluster, transactionalId, ask, signal);
}

/** Asks the transaction's coordinator, again while it says that it will be able to answer soon. */
async function soon<Answer>(
  cluster: Cluster,
  transactionalId: string,
  ask: (coordinator: Broker) => Promise<Answer>,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  for (const giveUpAt = Date.now() + TRANSACTION_TIMEOUT_MS; ; await sleep(RETRY_MS, undefined, { signal })) {
    try {
      signal?.throwIfAborted();
      const coordinatorType = TRANSACTION_COORDINATOR;
      return await ask(await cluster.findGroupCoordinator({ groupId: transactionalId, coordinatorType }));
    } catch (error) {
      const { type, name } = error as { type?: string; name: string };
      if (!COMES_SOON.test(type ?? name) || Date.now() > giveUpAt) throw error;
    }
  }
}
