import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import avro from 'avsc';
import { Kafka, logLevel } from 'kafkajs';
import pg from 'pg';

const FRAME_BYTES = 5;

/**
 * A topic from its beginning to the end that it had, as lines of JSON in a file: kafkajs's consumer, avsc's decoder,
 * JSON.stringify. Timed from the first batch on: joining a group is not in it.
 */
export async function bareRead(
  databaseUrl: string,
  brokers: string[],
  topic: string,
  file: string,
): Promise<{ events: number; seconds: number }> {
  const client = new pg.Client({ connectionString: databaseUrl });
  const kafka = new Kafka({ clientId: 'bench', brokers, logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  const consumer = kafka.consumer({ groupId: `bench-${crypto.randomUUID()}`, maxBytesPerPartition: 4 * 1024 * 1024 });
  await Promise.all([client.connect(), admin.connect(), consumer.connect()]);
  const lines = createWriteStream(file);
  try {
    const { rows } = await client.query<{ id: number; schema: string }>('select id, schema from registry.schemas');
    const options = { wrapUnions: 'never' } as const;
    const types = new Map(
      rows.map(({ id, schema }) => [id, avro.Type.forSchema(JSON.parse(schema) as avro.Schema, { ...options })]),
    );
    const offsets = await admin.fetchTopicOffsets(topic);
    const left = new Map(
      offsets.filter(({ low, high }) => low !== high).map((one) => [one.partition, BigInt(one.high)]),
    );
    const { promise: done, resolve } = Promise.withResolvers<void>();
    let [events, began] = [0, 0];
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch }) => {
        began ||= performance.now();
        let text = '';
        for (const { value } of batch.messages) {
          const event = types.get(value!.readInt32BE(1))!.fromBuffer(value!.subarray(FRAME_BYTES));
          text += `${JSON.stringify(event)}\n`;
        }
        events += batch.messages.length;
        if (!lines.write(text)) await once(lines, 'drain');
        // A control record may be the last one: the next offset counts.
        if (BigInt(batch.lastOffset()) + 1n >= (left.get(batch.partition) ?? 0n)) left.delete(batch.partition);
        if (left.size === 0) resolve();
      },
    });
    await done;
    return { events, seconds: (performance.now() - began) / 1000 };
  } finally {
    lines.end();
    await Promise.all([consumer.disconnect(), admin.disconnect(), client.end()]);
  }
}
