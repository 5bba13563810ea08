import { KafkaReader } from './kafka-reader.js';
import type { Broker, Cluster } from './kafkajs-cluster.js';

const PLACE = { topic: 'heddle.conversation', partition: 0 };

const failed = (type: string) => Object.assign(new Error(type), { name: 'KafkaJSProtocolError', type });

const answerOf = (partition: number, offset: string) => ({
  responses: [
    {
      topicName: PLACE.topic,
      partitions: [{ partition, messages: [{ offset, key: null, value: null, headers: {} }], highWatermark: '9' }],
    },
  ],
});

/** A cluster whose leader moves from 1 to 2, which its metadata say once they are asked for again. */
function movingCluster(error: Error) {
  const cluster = { refreshed: 0, connected: 0, disconnected: 0 };
  const brokerOf = (nodeId: number | string) => ({
    fetch: async () => {
      if (String(nodeId) === '1') throw error;
      return answerOf(0, '4');
    },
  });
  const fake: Partial<Cluster> = {
    connect: async () => void cluster.connected++,
    disconnect: async () => void cluster.disconnected++,
    addMultipleTargetTopics: async () => undefined,
    refreshMetadata: async () => void cluster.refreshed++,
    findTopicPartitionMetadata: () => [{ partitionId: 0, leader: cluster.refreshed === 0 ? 1 : 2 }],
    findBroker: async ({ nodeId }) => brokerOf(nodeId) as unknown as Broker,
  };
  return { cluster, fake: fake as Cluster };
}

it.each(['NOT_LEADER_FOR_PARTITION', 'FENCED_LEADER_EPOCH', 'LEADER_NOT_AVAILABLE'])(
  'follows a partition to its new leader after %s, on the same connections',
  async (type) => {
    const { cluster, fake } = movingCluster(failed(type));
    const reader = new KafkaReader({ brokers: [] }, 5000, () => fake);
    expect(await reader.fetch(PLACE, 4)).toMatchObject({ next: 5, end: 9 });
    expect(cluster).toEqual({ refreshed: 1, connected: 1, disconnected: 0 });
  },
);

it('connects anew after any other error', async () => {
  const [broken, whole] = [movingCluster(new Error('Closed connection')), movingCluster(new Error())];
  whole.cluster.refreshed = 1;
  const clusters = [broken.fake, whole.fake];
  const reader = new KafkaReader({ brokers: [] }, 5000, () => clusters.shift()!);
  expect(await reader.fetch(PLACE, 4)).toMatchObject({ next: 5 });
  expect([broken.cluster.disconnected, whole.cluster.connected]).toEqual([1, 1]);
});

it('gives up when its patience is over, and says why', async () => {
  const { fake } = movingCluster(new Error('Closed connection'));
  const reader = new KafkaReader({ brokers: [] }, 200, () => fake);
  await expect(reader.fetch(PLACE, 4)).rejects.toMatchObject({
    code: 'unavailable',
    cause: { message: 'Closed connection' },
  });
});

it('stops waiting when it is closed', async () => {
  const { fake } = movingCluster(new Error('Closed connection'));
  const reader = new KafkaReader({ brokers: [] }, 60_000, () => fake);
  const reading = reader.fetch(PLACE, 4);
  await reader.close();
  await expect(reading).rejects.toMatchObject({ code: 'unavailable' });
});
