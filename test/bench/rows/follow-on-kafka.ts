import { setTimeout as sleep } from 'node:timers/promises';
import { cpuSeconds } from '../../resilience/processes.js';
import { type Bench, settle } from '../bench.js';
import { rebuildFacts } from '../command-line.js';
import { type Figure, median, milliseconds, percentile, perSecond, times } from '../figures.js';
import { bareReplay } from '../kafka/bare-replay.js';
import { kafkaEnv, sharedKafka, startProcess } from '../kafka/kafka-bench.js';
import { fill, openStore } from '../store.js';
import { measure, shown } from './request-to-analytics.js';

const PREFIX = 'follow';
const CONVERSATIONS = 20_000;
const MESSAGES = 100_000;
const REBUILD_RATIO = 0.5;
const LATENCY = { p50: 20, p99: 60 };
const MOST_IDLE = 0.01;
const IDLE_SECONDS = 20;
const WARM_MS = 10_000;

/**
 * On Kafka, rows 2 to 4: a projection rebuilt from the topics, from a request to the row in analytics, and what a
 * consumer costs that has nothing to do. Everything in one process, and analytics apart for the last.
 */
export async function followOnKafka(bench: Bench): Promise<Figure[]> {
  const kafka = await sharedKafka(bench);
  const databaseUrl = await bench.postgres.createDatabase('on_kafka');
  const env = kafkaEnv(kafka, PREFIX);
  const server = await startProcess(bench, 'on-kafka', databaseUrl, env);
  try {
    const store = await openStore(bench, server, CONVERSATIONS);
    await fill(store, store.workspace.conversations, MESSAGES);
    await settle(server);
    const rebuilt: number[] = [];
    const floors: number[] = [];
    const latencies = [];
    // Before the rebuilds: what those leave to vacuum and to flush would be measured with it.
    for (let round = 1; round <= bench.rounds; round++) {
      latencies.push(await measure(store, bench.seconds));
      bench.log(`on Kafka, round ${round}: request to analytics ${shown(latencies.at(-1)!)}`);
    }
    for (let round = 1; round <= bench.rounds; round++) {
      const { events, seconds } = await rebuildFacts(server, env);
      rebuilt.push(events / seconds);
      const floor = await bareReplay(databaseUrl, [kafka.address], `${PREFIX}.conversation`);
      floors.push(floor.events / floor.seconds);
      await settle(server);
      bench.log(`on Kafka, round ${round}: rebuilt ${perSecond(rebuilt.at(-1)!)}, floor ${perSecond(floors.at(-1)!)}`);
    }
    const [rate, floorRate] = [median(rebuilt), median(floors)];
    const p50 = median(latencies.map(({ samples }) => percentile(samples, 50)));
    const p99 = median(latencies.map(({ samples }) => percentile(samples, 99)));
    const answer = median(latencies.map(({ answers }) => percentile(answers, 50)));
    const slowAnswer = median(latencies.map(({ answers }) => percentile(answers, 99)));
    const unseen = latencies.reduce((sum, round) => sum + round.unseen, 0);
    await settle(server);
    const idle = await idleShare(bench, databaseUrl, env);
    return [
      {
        row: 'rebuild from Kafka',
        what: 'conversation_facts of 20,000 conversations',
        value: `${perSecond(rate)} = ${times(rate / floorRate)}`,
        floor: `${perSecond(floorRate)} (kafkajs, avsc, upsert of the rows)`,
        target: `≥ ${REBUILD_RATIO} ×`,
        met: rate >= REBUILD_RATIO * floorRate,
        numbers: { events_per_s: rate, floor_events_per_s: floorRate, ratio: rate / floorRate },
      },
      {
        row: 'request → row in analytics, on Kafka',
        what: 'at 100 posts/s',
        value: `p50 ${milliseconds(p50)}, p99 ${milliseconds(p99)}${unseen > 0 ? `, ${unseen} unseen` : ''}`,
        floor: `answered after p50 ${milliseconds(answer)}, p99 ${milliseconds(slowAnswer)}`,
        target: `p50 ≤ ${LATENCY.p50} ms, p99 ≤ ${LATENCY.p99} ms`,
        met: p50 <= LATENCY.p50 && p99 <= LATENCY.p99 && unseen === 0,
        numbers: { p50_ms: p50, p99_ms: p99, answer_p50_ms: answer, answer_p99_ms: slowAnswer, unseen },
      },
      {
        row: 'an idle consumer',
        what: 'the whole process of analytics, nothing written',
        value: `${(100 * idle).toFixed(2)} % of a core`,
        floor: '–',
        target: `≤ ${100 * MOST_IDLE} %`,
        met: idle <= MOST_IDLE,
        numbers: { share_of_a_core: idle },
      },
    ];
  } finally {
    await server.end();
  }
}

async function idleShare(bench: Bench, databaseUrl: string, env: Record<string, string>): Promise<number> {
  const consumer = await startProcess(bench, 'idle-analytics', databaseUrl, env, 'analytics');
  try {
    await settle(consumer);
    // What a start leaves behind, such as compiling, is not its idling.
    await sleep(WARM_MS);
    const shares: number[] = [];
    for (let round = 1; round <= bench.rounds; round++) {
      const before = cpuSeconds(consumer.pid);
      await sleep(IDLE_SECONDS * 1000);
      shares.push((cpuSeconds(consumer.pid) - before) / IDLE_SECONDS);
    }
    return median(shares);
  } finally {
    await consumer.end();
  }
}
