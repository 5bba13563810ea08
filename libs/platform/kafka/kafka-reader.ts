import type { KafkaConfig } from 'kafkajs';
import { type Cluster, makeCluster } from './kafkajs-cluster.js';
import { endsOf, type Fetched, fetchRecords, leaderOf, type OffsetRange, rangeOf } from './partition-requests.js';
import { patiently } from './patience.js';
import { partitionName, type TopicPartition } from './topics.js';

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
        const fetched = await fetchRecords(broker, from, offset, 0);
        if (fetched.next > offset || fetched.end <= offset) return fetched;
        const slow = await fetchRecords(broker, from, offset, SLOW_FETCH_MS);
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

  /** Resolves when Kafka answers, and has these topics. */
  reach(topics: readonly string[]): Promise<void> {
    return this.patiently(topics, (cluster) => cluster.refreshMetadata());
  }

  /** `again`: of the leader that the brokers name now, which may be another one than they did before. */
  range(partition: TopicPartition, again = false): Promise<OffsetRange> {
    return this.patiently([partition.topic], async (cluster) => {
      if (again) await cluster.refreshMetadata();
      return rangeOf(await leaderOf(cluster, partition), partition);
    });
  }

  /** The ends of some partitions, by `partitionName`. */
  ends(partitions: readonly TopicPartition[]): Promise<Map<string, number>> {
    return this.patiently([...new Set(partitions.map(({ topic }) => topic))], (cluster) => endsOf(cluster, partitions));
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

/** The broker's word for what is wrong, such as MESSAGE_TOO_LARGE; empty where it said none. */
export function typeOf(error: unknown): string {
  const { type, cause } = error as { type?: string; cause?: unknown };
  return type ?? (cause === undefined || cause === null ? '' : typeOf(cause));
}
