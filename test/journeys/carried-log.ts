import { CompressionTypes, Partitioners } from 'kafkajs';
import pg from 'pg';
import { EVENT_SCHEMAS } from '../../libs/contract/generated/event-schemas.js';
import { EventCodec } from '../../libs/platform/event-codec/event-codec.js';
import type { EventMeta } from '../../libs/platform/kernel/event.js';
import { registerAll } from '../../libs/platform/registry/register-all.js';
import { RegistryClient } from '../../libs/platform/registry/registry-client.js';
import { makeTopics } from '../../libs/platform/testing/kafka/make-topics.js';
import { testKafka } from '../../libs/platform/testing/test-kafka.js';
import { type Journey, ROOT_KEY } from './journey.js';

/** An event as it goes to Kafka: see docs/reading-from-kafka.md. */
export interface CarriedRecord {
  topic: string;
  key: string;
  value: Buffer;
  headers: Record<string, string>;
  timestamp: string;
  /** Of the event in it, for the test. */
  meta: EventMeta;
}

const PARTITIONS = 3;
const DOMAINS = new Map(EVENT_SCHEMAS.map(({ fingerprint, domain }) => [fingerprint, domain]));

/** The log of a journey's store, in its order, as records of the topics `<prefix><domain>`, with the registry's ids. */
export async function recordsOf({ database, url }: Journey, prefix: string): Promise<CarriedRecord[]> {
  const registry = new RegistryClient({ url: `${url}/registry`, auth: { username: '', password: ROOT_KEY } });
  const ids = await registerAll(registry);
  const codec = new EventCodec(EVENT_SCHEMAS);
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    const { rows } = await client.query<{ store: string; position: number; fingerprint: Buffer; payload: Buffer }>(
      `select replace(s.id::text, '-', '') as store, position, schema_fingerprint as fingerprint, payload
         from log.events, log.store s order by position`,
    );
    return rows.map(({ store, position, fingerprint, payload }) => {
      const { meta } = codec.decode(fingerprint, payload);
      const frame = Buffer.alloc(5);
      frame.writeUInt32BE(ids.get(fingerprint.toString('hex'))!, 1);
      return {
        topic: prefix + DOMAINS.get(fingerprint.toString('hex')),
        key: meta.stream,
        value: Buffer.concat([frame, payload]),
        headers: {
          'heddle-event-id': meta.id,
          'heddle-type': meta.type,
          'heddle-store': store,
          'heddle-position': String(position),
          ...(meta.traceparent === null ? {} : { traceparent: meta.traceparent }),
        },
        timestamp: String(meta.recorded_at),
        meta,
      };
    });
  } finally {
    await client.end();
  }
}

/** Makes the topics of the records, and sends them one after another. */
export async function carry(records: readonly CarriedRecord[]): Promise<void> {
  const kafka = testKafka();
  const admin = kafka.admin();
  // What kafkajs sends again, as where one of several partitions has no leader yet, must not be there twice.
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner, idempotent: true });
  await Promise.all([admin.connect(), producer.connect()]);
  try {
    const topics = [...new Set(records.map(({ topic }) => topic))];
    await makeTopics(
      admin,
      topics.map((topic) => ({ topic, numPartitions: PARTITIONS })),
    );
    const topicMessages = topics.map((topic) => ({ topic, messages: records.filter((one) => one.topic === topic) }));
    await producer.sendBatch({ topicMessages, acks: -1, compression: CompressionTypes.None });
  } finally {
    await Promise.all([admin.disconnect(), producer.disconnect()]);
  }
}
