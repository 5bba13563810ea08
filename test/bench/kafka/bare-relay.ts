import { Kafka, logLevel, Partitioners, type Producer } from 'kafkajs';
import pg from 'pg';

interface Row {
  position: string;
  stream: string;
  type: string;
  payload: Buffer;
}

const PAGE = 1000;
const PARTITIONS = 12;
const NEXT = `select position, stream::text as stream, type, payload from log.events
               where position > $1 order by position limit ${PAGE}`;

/** Events a second of loops that do nothing but send. */
export interface BareRates {
  /** The same `select` feeding kafkajs's idempotent producer, one send in flight. */
  fromTable: number;
  /** The producer alone, its messages made ahead. */
  fromMemory: number;
}

export async function bareRelay(databaseUrl: string, brokers: string[], topic: string): Promise<BareRates> {
  const kafka = new Kafka({ clientId: 'bench', brokers, logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  const client = new pg.Client({ connectionString: databaseUrl });
  const producer = kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    createPartitioner: Partitioners.DefaultPartitioner,
  });
  await Promise.all([admin.connect(), client.connect(), producer.connect()]);
  try {
    await admin.createTopics({ topics: [{ topic, numPartitions: PARTITIONS }], waitForLeaders: false });
    await send(producer, topic, [{ position: '0', stream: 'first', type: 'none', payload: Buffer.alloc(1) }]);
    const fromTable = await rateOf(async (count) => {
      for (let after = '0'; ; ) {
        const { rows } = await client.query<Row>({ name: 'next', text: NEXT, values: [after] });
        if (rows.length === 0) return;
        await send(producer, topic, rows);
        count(rows.length);
        after = rows.at(-1)!.position;
      }
    });
    const { rows } = await client.query<Row>(NEXT.replace(`limit ${PAGE}`, 'limit 100000'), [0]);
    const fromMemory = await rateOf(async (count) => {
      for (let from = 0; from < rows.length; from += PAGE) {
        const page = rows.slice(from, from + PAGE);
        await send(producer, topic, page);
        count(page.length);
      }
    });
    return { fromTable, fromMemory };
  } finally {
    await admin.deleteTopics({ topics: [topic] }).catch(() => undefined);
    await Promise.all([admin.disconnect(), client.end(), producer.disconnect()]);
  }
}

async function rateOf(work: (count: (events: number) => void) => Promise<void>): Promise<number> {
  let events = 0;
  const began = performance.now();
  await work((more) => {
    events += more;
  });
  return events / ((performance.now() - began) / 1000);
}

const FRAME = Buffer.from([0, 0, 0, 0, 1]);

async function send(producer: Producer, topic: string, rows: readonly Row[]): Promise<void> {
  const messages = rows.map(({ position, stream, type, payload }) => ({
    key: stream,
    value: Buffer.concat([FRAME, payload]),
    headers: { 'heddle-event-id': stream, 'heddle-type': type, 'heddle-position': position },
  }));
  await producer.send({ topic, acks: -1, messages });
}
