import { createWriteStream } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { JsonOverHttp } from '../../resilience/json-over-http.js';
import { type Bench, settle } from '../bench.js';
import { type Figure, median, perSecond, times } from '../figures.js';
import { bareRead } from '../kafka/bare-read.js';
import { kafkaEnv, sharedKafka, startProcess } from '../kafka/kafka-bench.js';
import { fill, openStore } from '../store.js';

const PREFIX = 'stream';
const CONVERSATIONS = 2000;
const MESSAGES = 100_000;
const TARGET_RATIO = 0.5;
const NEWLINE = 0x0a;

/** One reader from the first event on over NDJSON, into a file, beside one that takes the same events from Kafka. */
export async function readStream(bench: Bench): Promise<Figure[]> {
  const kafka = await sharedKafka(bench);
  const databaseUrl = await bench.postgres.createDatabase('stream');
  const server = await startProcess(bench, 'stream', databaseUrl, kafkaEnv(kafka, PREFIX));
  try {
    const { port } = server.settings;
    const store = await openStore(bench, server, CONVERSATIONS);
    await fill(store, store.workspace.conversations, MESSAGES);
    await settle(server);
    const events = await countOf(port, store.workspace.key);
    const [rates, floors]: number[][] = [[], []];
    for (let round = 0; round <= bench.rounds; round++) {
      const seconds = await read(port, store.workspace.key, events, join(bench.folder, 'stream.ndjson'));
      const floor = await bareRead(
        databaseUrl,
        [kafka.address],
        `${PREFIX}.conversation`,
        join(bench.folder, 'floor.ndjson'),
      );
      const [rate, floorRate] = [events / seconds, floor.events / floor.seconds];
      // The first warms up.
      if (round > 0) {
        rates!.push(rate);
        floors!.push(floorRate);
      }
      bench.log(`stream, round ${round}: ${perSecond(rate)}, floor ${perSecond(floorRate)}`);
      await settle(server);
    }
    const [rate, floorRate] = [median(rates!), median(floors!)];
    return [
      {
        row: 'stream',
        what: `one reader from the first of ${events.toLocaleString('en-US')} events on, NDJSON into a file`,
        value: `${perSecond(rate)} = ${times(rate / floorRate)}`,
        floor: `${perSecond(floorRate)} (kafkajs, avsc, JSON.stringify into a file)`,
        target: `≥ ${TARGET_RATIO} ×`,
        met: rate >= TARGET_RATIO * floorRate,
        numbers: { events_per_s: rate, floor_events_per_s: floorRate, ratio: rate / floorRate },
      },
    ];
  } finally {
    await server.end();
  }
}

/** How many events the workspace has: one for each of what was made, as the stream's lines up to now. */
async function countOf(port: number, key: string): Promise<number> {
  const client = new JsonOverHttp(port, key);
  const events = await client.all('/v1/events');
  client.close();
  return events.length;
}

/** Seconds from the answer's head to the last of so many events. */
async function read(port: number, key: string, events: number, file: string): Promise<number> {
  const headers = { authorization: `Bearer ${key}` };
  const path = '/v1/events/stream?since=beginning';
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    get({ host: '127.0.0.1', port, path, headers, agent: false }, resolve).on('error', reject);
  });
  const began = performance.now();
  const lines = createWriteStream(file);
  let left = events;
  for await (const bytes of answer as AsyncIterable<Buffer>) {
    for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) left--;
    if (!lines.write(bytes)) await new Promise<void>((resolve) => lines.once('drain', () => resolve()));
    if (left <= 0) break;
  }
  lines.end();
  answer.destroy();
  return (performance.now() - began) / 1000;
}
