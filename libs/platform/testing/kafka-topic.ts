import { type Admin, type IHeaders, Partitioners, type Producer } from 'kafkajs';
import { makeKafka } from '../kafka/kafkajs-client.js';
import { patiently } from '../kafka/patience.js';
import { FencedProducer } from '../relay/fenced-producer.js';
import { makeTopics } from './kafka/make-topics.js';
import { testBrokers, testName } from './test-kafka.js';
import { TEST_STORE } from './test-store.js';

export interface TestRecord {
  key?: string;
  value: Buffer | null;
  headers?: IHeaders;
}

/** Confluent's frame around bytes that need be no Avro. */
export function framed(id: number, payload: string | Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeInt32BE(id, 1);
  return Buffer.concat([head, Buffer.from(payload)]);
}

export function eventRecord(type: string, payload: string | Buffer, id = 1): TestRecord {
  return { key: 'key', value: framed(id, payload), headers: { 'heddle-type': type, 'heddle-store': TEST_STORE } };
}

/** A topic of its own for a test, and what may happen to it. */
export class TestTopic {
  private constructor(
    readonly name: string,
    readonly brokers: readonly string[],
    readonly partitions: number,
    private readonly admin: Admin,
    private readonly producer: Producer,
  ) {}

  static async create({ partitions = 12, brokers = testBrokers(), name = testName('heddle.test') } = {}) {
    const kafka = makeKafka({ clientId: 'heddle-test', brokers });
    const [admin, producer] = [kafka.admin(), kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })];
    await Promise.all([admin.connect(), producer.connect()]);
    const topic = new TestTopic(name, brokers, partitions, admin, producer);
    await topic.make();
    return topic;
  }

  async make(): Promise<void> {
    await makeTopics(this.admin, [{ topic: this.name, numPartitions: this.partitions }]);
  }

  /** Where Kafka's data were lost. */
  async remove(): Promise<void> {
    await this.admin.deleteTopics({ topics: [this.name] });
  }

  /** One batch; resolves when it is written. */
  async send(partition: number, ...records: TestRecord[]): Promise<void> {
    const messages = records.map((record) => ({ ...record, key: record.key ?? null, partition }));
    await this.producer.send({ topic: this.name, messages, acks: -1 });
  }

  /** A take-over by a relay: one control record or more in every partition. */
  async takeOver(): Promise<void> {
    const topics = [{ topic: this.name, partitions: this.partitions }];
    const config = { clientId: 'heddle-test', brokers: [...this.brokers] };
    await (await FencedProducer.takeOver(config, this.name, topics)).close();
  }

  /** What retention does: nothing before the offset is kept. */
  async forget(partition: number, before: number): Promise<void> {
    // Asked for anew: kafkajs goes on believing what it was told while the topic was being made.
    const forgotten = async () => {
      await this.admin.fetchTopicMetadata({ topics: [this.name] });
      await this.admin.deleteTopicRecords({ topic: this.name, partitions: [{ partition, offset: String(before) }] });
    };
    // It asks the leaders of all partitions, and one may have just begun.
    await patiently(forgotten, { forMs: 5000 });
  }

  /** What the broker says of a group; -1 for nothing. */
  async committed(groupId: string): Promise<Map<number, number>> {
    const [found] = await this.admin.fetchOffsets({ groupId, topics: [this.name] });
    return new Map(found!.partitions.map(({ partition, offset }) => [partition, Number(offset)]));
  }

  /** Makes the broker say of a group that has no member that it is elsewhere. */
  async commitWrongly(groupId: string, offsets: ReadonlyMap<number, number>): Promise<void> {
    const partitions = [...offsets].map(([partition, offset]) => ({ partition, offset: String(offset) }));
    await this.admin.setOffsets({ groupId, topic: this.name, partitions });
  }

  async close(): Promise<void> {
    await Promise.all([this.producer.disconnect(), this.admin.disconnect()]);
  }
}
