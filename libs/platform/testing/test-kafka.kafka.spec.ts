import { Partitioners } from 'kafkajs';
import { makeTopics } from './kafka/make-topics.js';
import { describeOnKafka, testKafka, testName } from './test-kafka.js';

describeOnKafka('the Kafka of the tests', () => {
  it('keeps what is sent to it, in order', async () => {
    const kafka = testKafka();
    const admin = kafka.admin();
    await admin.connect();
    const topic = testName('first');
    await makeTopics(admin, [{ topic, numPartitions: 3 }]);
    const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner, idempotent: true });
    await producer.connect();
    const values = Array.from({ length: 20 }, (_, i) => `${i}`);
    await producer.send({ topic, messages: values.map((value) => ({ key: 'one', value })), acks: -1 });
    const consumer = kafka.consumer({ groupId: testName('group') });
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    const seen: string[] = [];
    const all = Promise.withResolvers<void>();
    await consumer.run({
      eachMessage: async ({ message }) => {
        if (seen.push(message.value!.toString()) === values.length) all.resolve();
      },
    });
    await all.promise;
    await Promise.all([consumer.disconnect(), producer.disconnect(), admin.disconnect()]);
    expect(seen).toEqual(values);
  }, 120_000);
});
