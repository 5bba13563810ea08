/**
 * Prints every event on Kafka as a line of JSON, from the first one on, and goes on with what comes; Ctrl-C ends it. The next
 * start goes on from there.
 * Fields that identify people stay sealed: open_events.py shows how to open them.
 *
 *     npm install kafkajs @kafkajs/confluent-schema-registry
 *     KAFKA_BROKERS=127.0.0.1:9092 HEDDLE_URL=http://127.0.0.1:4400 HEDDLE_API_KEY=… node read-events.ts
 *
 * The key has the scope `events:read`, for the schemas.
 */
import { SchemaRegistry } from '@kafkajs/confluent-schema-registry';
import { Kafka, logLevel } from 'kafkajs';

interface Event {
  meta: { id: string; workspace: string; stream: string; seq: number; type: string };
  [field: string]: unknown;
}

const { KAFKA_BROKERS = '', HEDDLE_URL = '', HEDDLE_API_KEY = '' } = process.env;
const { KAFKA_GROUP = 'read-events-example', TOPIC_PREFIX = 'heddle.' } = process.env;

const registry = new SchemaRegistry({
  host: `${HEDDLE_URL}/registry`,
  auth: { username: 'any', password: HEDDLE_API_KEY },
});
const kafka = new Kafka({ brokers: KAFKA_BROKERS.split(','), logLevel: logLevel.WARN });
// A group of your own: where it has read to is kept by Kafka, and each of its members reads some of the partitions.
const consumer = kafka.consumer({ groupId: KAFKA_GROUP });

await consumer.connect();
// Dead letters are in heddle.<domain>.dlq, which this leaves out.
const topics = [new RegExp(`^${TOPIC_PREFIX.replaceAll('.', '[.]')}[a-z_]+$`)];
await consumer.subscribe({ topics, fromBeginning: true });
await consumer.run({
  eachMessage: async ({ message }) => {
    // The frame names the schema, the registry has it, and each is fetched once.
    const { meta, ...data } = (await registry.decode(message.value!)) as Event;
    console.log(JSON.stringify({ type: meta.type, stream: meta.stream, seq: meta.seq, data }));
  },
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => consumer.disconnect().then(() => process.exit(0)));
}
