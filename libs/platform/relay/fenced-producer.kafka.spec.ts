import { Topics } from '../kafka/topics.js';
import { describeOnKafka, testBrokers, testKafka, testName } from '../testing/test-kafka.js';
import { ensureTopics } from './ensure-topics.js';
import { FencedProducer, type PartitionBatch, ProducerGoneError } from './fenced-producer.js';

const PARTITIONS = 3;
let topic: string;
let id: string;
const open: FencedProducer[] = [];

const takeOver = async () => {
  const producer = await FencedProducer.takeOver({ clientId: 'relay', brokers: testBrokers() }, id, [
    { topic, partitions: PARTITIONS },
  ]);
  open.push(producer);
  return producer;
};

const batch = (partition: number, ...values: string[]): PartitionBatch => ({
  topic,
  partition,
  records: values.map((value) => ({
    key: Buffer.from('key'),
    value: Buffer.from(value),
    headers: { n: value },
    timestamp: Date.now(),
  })),
});

const valuesOf = async (producer: FencedProducer, partition: number): Promise<string[]> => {
  const values: string[] = [];
  for (let from = 0; from < producer.end({ topic, partition }); ) {
    const { records, next } = await producer.read({ topic, partition }, from);
    values.push(...records.map(({ value }) => value!.toString()));
    if (next === from) break;
    from = next;
  }
  return values;
};

describeOnKafka('the one producer of a store', () => {
  beforeEach(async () => {
    [topic, id] = [testName('topic'), testName('store')];
    const admin = testKafka().admin();
    await admin.connect();
    await ensureTopics(admin, [{ topic, partitions: PARTITIONS }], new Topics(), null);
    await admin.disconnect();
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((producer) => producer.close()));
  });

  it('appends to each partition what it is given, in order', async () => {
    const producer = await takeOver();
    await producer.send([batch(0, 'a', 'b'), batch(1, 'c')]);
    await producer.send([batch(0, 'd'), batch(2, 'e')]);
    expect(await Promise.all([0, 1, 2].map((p) => valuesOf(producer, p)))).toEqual([['a', 'b', 'd'], ['c'], ['e']]);
  });

  it('is refused by the broker once another one has taken over, on partitions that the other one never wrote to', async () => {
    const zombie = await takeOver();
    await zombie.send([batch(0, 'before')]);
    const successor = await takeOver();
    for (const partition of [1, 0]) {
      const refused = await zombie.send([batch(partition, 'late')]).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(ProducerGoneError);
      expect((refused as ProducerGoneError).type).toBe('INVALID_PRODUCER_EPOCH');
    }
    await successor.send([batch(0, 'after')]);
    expect(await valuesOf(successor, 0)).toEqual(['before', 'after']);
    expect(await valuesOf(successor, 1)).toEqual([]);
  });

  it('knows where each partition ends, markers included', async () => {
    const first = await takeOver();
    await first.send([batch(0, 'a', 'b', 'c')]);
    const second = await takeOver();
    expect(second.end({ topic, partition: 0 })).toBeGreaterThan(3);
    await second.send([batch(0, 'd')]);
    expect(await valuesOf(second, 0)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('is gone after an answer that names another offset than the one expected', async () => {
    const producer = await takeOver();
    const other = testKafka().producer();
    await other.connect();
    await other.send({ topic, messages: [{ partition: 0, value: 'a stranger' }] });
    await other.disconnect();
    await expect(producer.send([batch(0, 'a')])).rejects.toThrow(/and 1 was expected/);
    await expect(producer.send([batch(1, 'b')])).rejects.toThrow(ProducerGoneError);
  });

  it('shows readers of either isolation level nothing of its take-overs', async () => {
    for (let n = 0; n < 3; n++) await (await takeOver()).send([batch(0, `${n}`)]);
    const consumer = testKafka().consumer({ groupId: testName('reader'), readUncommitted: true });
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    const seen: string[] = [];
    const all = Promise.withResolvers<void>();
    await consumer.run({
      eachMessage: async ({ message }) => {
        if (seen.push(message.value!.toString()) === 3) all.resolve();
      },
    });
    await all.promise;
    await consumer.disconnect();
    expect(seen).toEqual(['0', '1', '2']);
  });
});
