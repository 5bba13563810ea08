import avro from 'avsc';
import { Kafka, logLevel } from 'kafkajs';
import pg from 'pg';
import { BareFacts } from '../bare-facts.js';

/** Events that one statement of the product's replay takes in. */
const BATCH = 10_000;
const FRAME_BYTES = 5;

/**
 * A topic from its beginning to the end that it had: kafkajs's consumer, avsc's decoder, and for each 10,000 events one
 * upsert of the rows that they touch, whose values are at hand. Timed from the first batch on: joining a group is not in
 * it.
 */
export async function bareReplay(
  databaseUrl: string,
  brokers: string[],
  topic: string,
): Promise<{ events: number; seconds: number }> {
  const client = new pg.Client({ connectionString: databaseUrl });
  const kafka = new Kafka({ clientId: 'bench', brokers, logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  const consumer = kafka.consumer({ groupId: `bench-${crypto.randomUUID()}`, maxBytesPerPartition: 4 * 1024 * 1024 });
  await Promise.all([client.connect(), admin.connect(), consumer.connect()]);
  try {
    const facts = await BareFacts.create(client);
    const { rows } = await client.query<{ id: number; schema: string }>('select id, schema from registry.schemas');
    const types = new Map(
      rows.map(({ id, schema }) => [
        id,
        avro.Type.forSchema(JSON.parse(schema) as avro.Schema, { wrapUnions: 'never' }),
      ]),
    );
    const offsets = await admin.fetchTopicOffsets(topic);
    const left = new Map(
      offsets.filter(({ low, high }) => low !== high).map((one) => [one.partition, BigInt(one.high)]),
    );
    const { promise: done, resolve, reject } = Promise.withResolvers<number>();
    let events = 0;
    let began = 0;
    let streams = new Set<string>();
    let gathered = 0;
    let turn = Promise.resolve();
    const write = async () => {
      await facts.upsert(facts.valuesOf(streams));
      streams = new Set();
      gathered = 0;
    };
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch }) => {
        began ||= performance.now();
        turn = turn.then(async () => {
          for (const { value } of batch.messages) {
            const event = types.get(value!.readInt32BE(1))!.fromBuffer(value!.subarray(FRAME_BYTES)) as Event;
            streams.add(event.meta.stream.slice(event.meta.stream.indexOf('_') + 1).replace(UUID, '$1-$2-$3-$4-$5'));
            gathered++;
          }
          events += batch.messages.length;
          if (gathered >= BATCH) await write();
        });
        await turn.catch(reject);
        // A control record may be the last one: the next offset counts.
        if (BigInt(batch.lastOffset()) + 1n >= (left.get(batch.partition) ?? 0n)) left.delete(batch.partition);
        if (left.size === 0) resolve(performance.now());
      },
    });
    await done;
    if (gathered > 0) await write();
    const seconds = (performance.now() - began) / 1000;
    await facts.drop();
    return { events, seconds };
  } finally {
    await Promise.all([consumer.disconnect(), admin.disconnect(), client.end()]);
  }
}

interface Event {
  meta: { stream: string };
}

const UUID = /^(.{8})(.{4})(.{4})(.{4})(.{12})$/;
