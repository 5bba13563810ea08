import type { KafkaConfig } from 'kafkajs';
import {
  type Broker,
  type Cluster,
  EARLIEST_OFFSET,
  type FetchedRecord,
  LATEST_OFFSET,
  makeCluster,
  READ_UNCOMMITTED,
} from './kafkajs-cluster.js';
import { patiently } from './patience.js';
import { partitionName, type TopicPartition } from './topics.js';

export interface Fetched {
  /** In order of offset, without control records. */
  records: FetchedRecord[];
  /** The offset to go on from; the one asked for where nothing stands there. */
  next: number;
  /** The offset of the next record to be written (high watermark). */
  end: number;
}

/** `start` is the first offset that is still kept, `end` the one of the next record to be written. */
export interface OffsetRange {
  start: number;
  end: number;
}

/** Records that were asked for were deleted by the topic's retention. */
export class RecordsGoneError extends Error {
  override name = 'RecordsGoneError';

  constructor(partition: TopicPartition, offset: number, start: number) {
    super(
      `${partitionName(partition)} begins at offset ${start}, and ${offset} was asked for: what stood between is gone. \
Set the topic's retention.ms and retention.bytes to -1, and bring the records back from a backup.`,
    );
  }
}

/** As much as one request brings. */
const FETCH_BYTES = 2 * 1024 * 1024;
/** For records that are there, and must be brought from slow storage. */
const SLOW_FETCH_MS = 1000;
/** The leader has moved, or is being elected: the metadata are asked for again, on the same connections. */
const MOVED =
  /^(NOT_LEADER_FOR_PARTITION|NOT_LEADER_OR_FOLLOWER|LEADER_NOT_AVAILABLE|FENCED_LEADER_EPOCH|UNKNOWN_LEADER_EPOCH|UNKNOWN_TOPIC_OR_PARTITION|REPLICA_NOT_AVAILABLE|OFFSET_NOT_AVAILABLE)$/;

/**
 * Reads topics by partition and offset, without a consumer group. What fails is tried again, on fresh metadata or
 * connections; after `patienceMs` it is thrown as the problem `unavailable`.
 */
export class KafkaReader {
  private cluster: Cluster | null = null;
  private targets = new Set<string>();
  private readonly closing = new AbortController();

  constructor(
    private readonly config: KafkaConfig,
    private readonly patienceMs = 10_000,
    private readonly clusterOf: (config: KafkaConfig) => Cluster = makeCluster,
  ) {}

  /**
   * The records from an offset on, as many as one request brings; none where the offset is the end or beyond it.
   * Throws RecordsGoneError.
   */
  fetch(from: TopicPartition, offset: number): Promise<Fetched> {
    return this.patiently([from.topic], async (cluster) => {
      const broker = await leaderOf(cluster, from);
      try {
        const fetched = await fetchOnce(broker, from, offset, 0);
        if (fetched.next > offset || fetched.end <= offset) return fetched;
        const slow = await fetchOnce(broker, from, offset, SLOW_FETCH_MS);
        if (slow.next === offset) throw new Error(`${partitionName(from)} does not give offset ${offset}.`);
        return slow;
      } catch (error) {
        if ((error as Error).name !== 'KafkaJSOffsetOutOfRange') throw error;
        const { start, end } = await rangeOf(broker, from);
        if (offset < start) throw new RecordsGoneError(from, offset, start);
        return { records: [], next: offset, end };
      }
    });
  }

  range(partition: TopicPartition): Promise<OffsetRange> {
    return this.patiently([partition.topic], async (cluster) => rangeOf(await leaderOf(cluster, partition), partition));
  }

  /** The ends of some partitions, by `partitionName`: one request to each broker that leads some of them. */
  ends(partitions: readonly TopicPartition[]): Promise<Map<string, number>> {
    return this.patiently([...new Set(partitions.map(({ topic }) => topic))], async (cluster) => {
      const byLeader = new Map<Broker, TopicPartition[]>();
      for (const partition of partitions) {
        const leader = await leaderOf(cluster, partition);
        const theirs = byLeader.get(leader);
        if (theirs === undefined) byLeader.set(leader, [partition]);
        else theirs.push(partition);
      }
      const answers = await Promise.all(
        [...byLeader].map(([leader, theirs]) => offsetsOf(leader, theirs, LATEST_OFFSET)),
      );
      return new Map(answers.flatMap((answer) => [...answer]));
    });
  }

  async close(): Promise<void> {
    this.closing.abort();
    const { cluster } = this;
    this.cluster = null;
    await cluster?.disconnect().catch(() => undefined);
  }

  private patiently<Answer>(topics: readonly string[], ask: (of: Cluster) => Promise<Answer>): Promise<Answer> {
    let cluster: Cluster;
    return patiently(
      async () => {
        this.cluster ??= this.makeCluster();
        cluster = this.cluster;
        await this.aim(cluster, topics);
        return await ask(cluster);
      },
      {
        forMs: this.patienceMs,
        signal: this.closing.signal,
        onFailure: async (error) => {
          if (error instanceof RecordsGoneError) throw error;
          await this.recover(cluster, error);
        },
      },
    );
  }

  private makeCluster(): Cluster {
    this.targets = new Set();
    return this.clusterOf(this.config);
  }

  private async aim(cluster: Cluster, topics: readonly string[]): Promise<void> {
    const { targets } = this;
    if (topics.every((topic) => targets.has(topic))) return;
    await cluster.connect();
    await cluster.addMultipleTargetTopics(topics);
    for (const topic of topics) targets.add(topic);
  }

  private async recover(cluster: Cluster, error: unknown): Promise<void> {
    try {
      if (!MOVED.test(typeOf(error))) throw error;
      await cluster.refreshMetadata();
    } catch {
      // Whoever else reads on these connections fails, and tries again on the next ones.
      if (this.cluster === cluster) this.cluster = null;
      cluster.disconnect().catch(() => undefined);
    }
  }
}

function typeOf(error: unknown): string {
  const { type, cause } = error as { type?: string; cause?: unknown };
  return type ?? (cause === undefined || cause === null ? '' : typeOf(cause));
}

async function leaderOf(cluster: Cluster, { topic, partition }: TopicPartition): Promise<Broker> {
  const found = cluster.findTopicPartitionMetadata(topic).find(({ partitionId }) => partitionId === partition);
  if (found === undefined) throw new Error(`${topic} has no partition ${partition}: make the topic with 12.`);
  return cluster.findBroker({ nodeId: String(found.leader) });
}

async function fetchOnce(
  broker: Broker,
  { topic, partition }: TopicPartition,
  offset: number,
  maxWaitTime: number,
): Promise<Fetched> {
  const { responses } = await broker.fetch({
    replicaId: -1,
    isolationLevel: READ_UNCOMMITTED,
    maxWaitTime,
    minBytes: 1,
    maxBytes: FETCH_BYTES,
    topics: [{ topic, partitions: [{ partition, fetchOffset: String(offset), maxBytes: FETCH_BYTES }] }],
  });
  const answer = responses[0]!.partitions[0]!;
  // A batch is given whole, also where it begins before the offset.
  const found = answer.messages.filter((record) => Number(record.offset) >= offset);
  const last = found.at(-1);
  return {
    records: found.filter((record) => record.isControlRecord !== true),
    next: last === undefined ? offset : Number(last.offset) + 1,
    end: Number(answer.highWatermark),
  };
}

async function rangeOf(broker: Broker, partition: TopicPartition): Promise<OffsetRange> {
  const name = partitionName(partition);
  const [starts, ends] = await Promise.all(
    [EARLIEST_OFFSET, LATEST_OFFSET].map((timestamp) => offsetsOf(broker, [partition], timestamp)),
  );
  return { start: starts!.get(name)!, end: ends!.get(name)! };
}

async function offsetsOf(
  broker: Broker,
  partitions: readonly TopicPartition[],
  timestamp: number,
): Promise<Map<string, number>> {
  const topics = [...new Set(partitions.map(({ topic }) => topic))];
  const { responses } = await broker.listOffsets({
    replicaId: -1,
    isolationLevel: READ_UNCOMMITTED,
    topics: topics.map((topic) => ({
      topic,
      partitions: partitions.filter((one) => one.topic === topic).map(({ partition }) => ({ partition, timestamp })),
    })),
  });
  return new Map(
    responses.flatMap(({ topic, partitions: theirs }) =>
      theirs.map(({ partition, offset }) => [partitionName({ topic, partition }), Number(offset)] as const),
    ),
  );
}
