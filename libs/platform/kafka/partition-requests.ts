import {
  type Broker,
  type Cluster,
  EARLIEST_OFFSET,
  type FetchedRecord,
  LATEST_OFFSET,
  READ_UNCOMMITTED,
} from './kafkajs-cluster.js';
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

/** As much as one request brings. */
const FETCH_BYTES = 2 * 1024 * 1024;

export async function leaderOf(cluster: Cluster, { topic, partition }: TopicPartition): Promise<Broker> {
  const found = cluster.findTopicPartitionMetadata(topic).find(({ partitionId }) => partitionId === partition);
  if (found === undefined) throw new Error(`${topic} has no partition ${partition}: make the topic with 12.`);
  return cluster.findBroker({ nodeId: String(found.leader) });
}

/** Some things by the broker that leads their partition. */
export async function byLeader<Of extends TopicPartition>(
  cluster: Cluster,
  those: readonly Of[],
): Promise<Map<Broker, Of[]>> {
  const found = new Map<Broker, Of[]>();
  for (const one of those) {
    const leader = await leaderOf(cluster, one);
    const theirs = found.get(leader);
    if (theirs === undefined) found.set(leader, [one]);
    else theirs.push(one);
  }
  return found;
}

/** The records from an offset on, as many as one request brings; held back up to `maxWaitTime` ms while there is none. */
export async function fetchRecords(
  leader: Broker,
  { topic, partition }: TopicPartition,
  offset: number,
  maxWaitTime: number,
): Promise<Fetched> {
  const { responses } = await leader.fetch({
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

export async function rangeOf(leader: Broker, partition: TopicPartition): Promise<OffsetRange> {
  const name = partitionName(partition);
  const [starts, ends] = await Promise.all(
    [EARLIEST_OFFSET, LATEST_OFFSET].map((timestamp) => offsetsOf(leader, [partition], timestamp)),
  );
  return { start: starts!.get(name)!, end: ends!.get(name)! };
}

/** The offsets of the next records to be written, by `partitionName`: one request to each broker that leads some. */
export async function endsOf(cluster: Cluster, partitions: readonly TopicPartition[]): Promise<Map<string, number>> {
  const asked = [...(await byLeader(cluster, partitions))].map(([leader, theirs]) =>
    offsetsOf(leader, theirs, LATEST_OFFSET),
  );
  return new Map((await allEnded(asked)).flatMap((ends) => [...ends]));
}

/** Like `Promise.all`, and leaves nothing under way: what goes on after its connection was closed opens it again. */
export async function allEnded<Answer>(work: readonly Promise<Answer>[]): Promise<Answer[]> {
  await Promise.allSettled(work);
  return Promise.all(work);
}

async function offsetsOf(
  leader: Broker,
  partitions: readonly TopicPartition[],
  timestamp: number,
): Promise<Map<string, number>> {
  const topics = [...new Set(partitions.map(({ topic }) => topic))];
  const { responses } = await leader.listOffsets({
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
