import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import pg from 'pg';
import type { Bench } from '../bench.js';
import { type Figure, median, perSecond, times } from '../figures.js';
import { kafkaEnv, sharedKafka, startProcess } from '../kafka/kafka-bench.js';

const PREFIX = 'raw-bench';
const BATCH = 100;
const PARTITIONS = 4;
const CUSTOMERS = 1000;
const RATIO = 0.25;

/** From a workspace's raw topic to the log, duplicates refused for ever, beside a bare producer of the same batches. */
export async function rawTopic(bench: Bench): Promise<Figure[]> {
  const kafka = await sharedKafka(bench);
  const databaseUrl = await bench.postgres.createDatabase('raw_topic');
  const server = await startProcess(bench, 'raw-topic', databaseUrl, kafkaEnv(kafka, PREFIX));
  const client = new Kafka({ clientId: 'bench', brokers: [kafka.address], logLevel: logLevel.NOTHING });
  const db = new pg.Client({ connectionString: databaseUrl });
  await db.connect();
  try {
    const workspace = await newWorkspace(`http://127.0.0.1:${server.settings.port}`, bench.rootKey);
    const topic = `${PREFIX}.in.${workspace}`;
    await topicIsThere(client, topic);
    const recorded = async () => {
      const { rows } = await db.query<{ count: string }>(
        "select count(*) from log.events where type = 'activity.recorded'",
      );
      return Number(rows[0]!.count);
    };
    // The customers, and what a first run compiles.
    let sent = await produce(client, topic, 2, 'warm');
    await until(async () => (await recorded()) >= sent.records);
    const rates: number[] = [];
    const floors: number[] = [];
    let total = sent.records;
    for (let round = 1; round <= bench.rounds; round++) {
      const began = performance.now();
      sent = await produce(client, topic, bench.seconds, `r${round}`);
      floors.push(sent.records / sent.seconds);
      total += sent.records;
      await until(async () => (await recorded()) >= total);
      // From the first record sent to the last one on the log: the product works while the floor does.
      rates.push(sent.records / ((performance.now() - began) / 1000));
      bench.log(`raw topic, round ${round}: ${perSecond(rates.at(-1)!)}, floor ${perSecond(floors.at(-1)!)}`);
    }
    const [rate, floor] = [median(rates), median(floors)];
    return [
      {
        row: 'raw topic → log',
        what: 'activities with ids, duplicates refused for ever',
        value: `${perSecond(rate)} = ${times(rate / floor)}`,
        floor: `${perSecond(floor)} (a bare producer, acks=all, batches of ${BATCH})`,
        target: `≥ ${RATIO} ×`,
        met: rate >= RATIO * floor,
        numbers: { events_per_s: rate, floor_records_per_s: floor, ratio: rate / floor },
      },
    ];
  } finally {
    await db.end();
    await server.end();
  }
}

async function newWorkspace(url: string, rootKey: string): Promise<string> {
  const answer = await fetch(`${url}/v1/workspaces`, {
    method: 'POST',
    headers: { authorization: `Bearer ${rootKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Bench' }),
  });
  return ((await answer.json()) as { id: string }).id;
}

async function topicIsThere(client: Kafka, topic: string): Promise<void> {
  const admin = client.admin();
  await admin.connect();
  await until(async () => (await admin.listTopics()).includes(topic));
  await admin.disconnect();
}

/** For so many seconds; one batch after the other, each acknowledged. */
async function produce(client: Kafka, topic: string, seconds: number, run: string) {
  const producer = client.producer({
    createPartitioner: Partitioners.DefaultPartitioner,
    allowAutoTopicCreation: false,
  });
  await producer.connect();
  const began = performance.now();
  let records = 0;
  while (performance.now() - began < 1000 * seconds) {
    const partition = (records / BATCH) % PARTITIONS;
    const messages = Array.from({ length: BATCH }, (_, i) => ({ partition, value: activity(run, records + i) }));
    await producer.send({ topic, acks: -1, messages });
    records += BATCH;
  }
  const took = (performance.now() - began) / 1000;
  await producer.disconnect();
  return { records, seconds: took };
}

function activity(run: string, n: number): string {
  return JSON.stringify({
    id: `${run}-${n}`,
    type: 'invoice.paid',
    source: 'bench',
    subject: { customer: { external_id: `c-${n % CUSTOMERS}` } },
    data: { invoice: `${run}-${n}`, amount: n, currency: 'EUR', lines: ['yarn', 'a reed for a scarf', 'postage'] },
  });
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (const giveUp = Date.now() + 120_000; !(await isSo()); await sleep(50)) {
    if (Date.now() > giveUp) throw new Error('What was written to the raw topic is not on the log after 120 s.');
  }
}
