import {
  type Broker,
  type Cluster,
  type FetchedRecord,
  LATEST_OFFSET,
  READ_UNCOMMITTED,
} from '../kafka/kafkajs-cluster.js';

const FETCH_BYTES = 1024 * 1024;

export interface ReadRecords {
  records: FetchedRecord[];
  /** Where to read on. */
  next: bigint;
}

export function partitionName(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}

/** The records of a partition from an offset on, as many as one request brings; control records are left out. */
export async function readPartition(
  cluster: Cluster,
  topic: string,
  partition: number,
  from: bigint,
): Promise<ReadRecords> {
  const broker = await leaderOf(cluster, topic, partition);
  const fetch = {
    replicaId: -1,
    isolationLevel: READ_UNCOMMITTED,
    maxWaitTime: 100,
    minBytes: 1,
    maxBytes: FETCH_BYTES,
    topics: [{ topic, partitions: [{ partition, fetchOffset: String(from), maxBytes: FETCH_BYTES }] }],
  };
  const { responses } = await inTurn(broker, () => broker.fetch(fetch));
  // A batch is given whole, also where it begins before the offset.
  const found = (responses[0]?.partitions[0]?.messages ?? []).filter(({ offset }) => BigInt(offset) >= from);
  const last = found.at(-1);
  return {
    records: found.filter((record) => record.isControlRecord !== true),
    next: last === undefined ? from : BigInt(last.offset) + 1n,
  };
}

/** By `<topic>/<partition>`. */
export async function endsOf(
  cluster: Cluster,
  topics: readonly { topic: string; partitions: number[] }[],
): Promise<Map<string, bigint>> {
  const ends = new Map<string, bigint>();
  await all(
    topics.flatMap(({ topic, partitions }) =>
      partitions.map(async (partition) => {
        const broker = await leaderOf(cluster, topic, partition);
        const { responses } = await broker.listOffsets({
          replicaId: -1,
          isolationLevel: READ_UNCOMMITTED,
          topics: [{ topic, partitions: [{ partition, timestamp: LATEST_OFFSET }] }],
        });
        ends.set(partitionName(topic, partition), BigInt(responses[0]!.partitions[0]!.offset));
      }),
    ),
  );
  return ends;
}

export async function leaderOf(cluster: Cluster, topic: string, partition: number): Promise<Broker> {
  const found = cluster.findTopicPartitionMetadata(topic).find(({ partitionId }) => partitionId === partition);
  if (found === undefined) throw new Error(`${topic} has no partition ${partition}.`);
  return cluster.findBroker({ nodeId: String(found.leader) });
}

const underWay = new WeakMap<Broker, Promise<unknown>>();

/**
 * One fetch of a broker after the other: they share a connection, which kafkajs opens at the first one, and for each of
 * several first ones anew, without ever closing the others.
 */
function inTurn<Answer>(broker: Broker, fetch: () => Promise<Answer>): Promise<Answer> {
  const before = underWay.get(broker) ?? Promise.resolve();
  const answer = before.catch(() => undefined).then(fetch);
  underWay.set(broker, answer);
  return answer;
}

/** Like `Promise.all`, and leaves nothing under way: what goes on after its connection was closed opens it again. */
export async function all(work: readonly Promise<unknown>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find(({ status }) => status === 'rejected');
  if (failed !== undefined) throw (failed as PromiseRejectedResult).reason;
}
