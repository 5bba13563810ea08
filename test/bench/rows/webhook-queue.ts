import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { makeWorkspace, type Workspace } from '../../resilience/workspace.js';
import type { Bench } from '../bench.js';
import { type Figure, median, perSecond, times } from '../figures.js';
import { POSTED_CONVERSATIONS } from '../store.js';
import { appendUndelivered, type Drained, drainWhole, makeEndpoints, withWhole } from '../webhook-backlog.js';
import { WebhookSink } from '../webhook-sink.js';

const SLOW_ENDPOINTS = 20;
const SLOW_EVENTS = 50_000;
const EVENTS = 60_000;
const PATH = '/measured';
const CONCURRENCY = 100;
const WITHIN = 1.3;
const FLAT = 1.2;
const MOST_FAN_OUT_MS = 600_000;

interface Queue {
  databaseUrl: string;
  database: string;
  /** Deliveries that are due to the endpoint that is measured, and those that wait beside it. */
  deliveries: number;
  waiting: number;
}

/**
 * How fast one endpoint has what is due to it while a million deliveries wait for twenty others, which take one a second by their
 * rate limits; beside the same with nothing waiting. Both from copies of their stores, by turns.
 */
export async function webhookQueue(bench: Bench): Promise<Figure[]> {
  const sink = await WebhookSink.start();
  try {
    const empty = await makeQueue(bench, sink, 'webhook_queue_empty', 0);
    const full = await makeQueue(bench, sink, 'webhook_queue_full', SLOW_EVENTS);
    const rounds: Record<'empty' | 'full', Drained[]> = { empty: [], full: [] };
    for (let round = 1; round <= bench.rounds; round++) {
      rounds.empty.push(await drain(bench, sink, empty, round));
      rounds.full.push(await drain(bench, sink, full, round));
      const rates = [rounds.empty, rounds.full].map((drained) => {
        const { rate, warmRate } = drained.at(-1)!;
        return `${perSecond(rate)} (the second half ${perSecond(warmRate)})`;
      });
      bench.log(`webhooks, queue, round ${round}: ${rates[0]} alone, ${rates[1]} beside ${full.waiting} that wait`);
    }
    return figuresOf(full.waiting, rounds.empty, rounds.full);
  } finally {
    await sink.end();
  }
}

async function makeQueue(bench: Bench, sink: WebhookSink, name: string, slowEvents: number): Promise<Queue> {
  const databaseUrl = await bench.postgres.createDatabase(name);
  const { slow, measured } = await withWhole(bench, name, databaseUrl, async (server) => {
    const newWorkspace = () => makeWorkspace(server.settings.port, bench.rootKey, POSTED_CONVERSATIONS);
    const made = { slow: await newWorkspace(), measured: await newWorkspace() };
    await makeEndpoints(server, made.slow.key, sink, slowEndpoints());
    await makeEndpoints(server, made.measured.key, sink, [{ path: PATH, concurrency: CONCURRENCY }]);
    return made;
  });
  const waiting = slowEvents === 0 ? 0 : await makeWait(bench, name, databaseUrl, slow, slowEvents);
  const deliveries = await appendUndelivered(bench, name, databaseUrl, measured, EVENTS);
  return { databaseUrl, database: name, deliveries, waiting };
}

function slowEndpoints() {
  return Array.from({ length: SLOW_ENDPOINTS }, (_, n) => ({ path: `/slow-${n}`, rateLimit: 1 }));
}

/** Events become due by the product itself. Resolves to how many deliveries wait. */
async function makeWait(
  bench: Bench,
  name: string,
  databaseUrl: string,
  slow: Workspace,
  events: number,
): Promise<number> {
  await appendUndelivered(bench, name, databaseUrl, slow, events);
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await withWhole(bench, name, databaseUrl, () => fannedOut(client));
    const { rows } = await client.query<{ count: string }>('select count(*) from webhooks.fresh');
    return Number(rows[0]!.count);
  } finally {
    await client.end();
  }
}

async function fannedOut(client: pg.Client): Promise<void> {
  for (const giveUp = performance.now() + MOST_FAN_OUT_MS; performance.now() < giveUp; await sleep(200)) {
    const { rows } = await client.query<{ reached: boolean }>(
      `select next > (select max(position) from log.events) as reached from webhooks.projections where name = 'fan_out'`,
    );
    if (rows[0]?.reached === true) return;
  }
  throw new Error('events are not due after ten minutes');
}

async function drain(bench: Bench, sink: WebhookSink, queue: Queue, round: number): Promise<Drained> {
  const copy = `${queue.database}_${round}`;
  const databaseUrl = await bench.postgres.copyDatabase(queue.database, copy);
  await sink.reset();
  const drained = await drainWhole(bench, sink, copy, databaseUrl, { paths: [PATH], deliveries: queue.deliveries });
  await bench.postgres.dropDatabase(copy);
  return drained;
}

function figuresOf(waiting: number, empty: readonly Drained[], full: readonly Drained[]): Figure[] {
  const of = (rounds: readonly Drained[], what: 'rate' | 'warmRate' | 'startedMb' | 'endedMb') =>
    median(rounds.map((r) => r[what]));
  const [alone, beside] = [of(empty, 'rate'), of(full, 'rate')];
  const [started, ended] = [of(full, 'startedMb'), of(full, 'endedMb')];
  const [aloneStarted, aloneEnded] = [of(empty, 'startedMb'), of(empty, 'endedMb')];
  const slower = alone / beside;
  const count = waiting.toLocaleString('en-US');
  return [
    {
      row: 'webhooks, queue',
      what: `deliveries to one endpoint while ${count} wait for ${SLOW_ENDPOINTS} others`,
      value: `${perSecond(beside)}, within ${times(slower)}`,
      floor: `${perSecond(alone)} with nothing waiting`,
      target: `within ${WITHIN} ×`,
      met: slower <= WITHIN && waiting > 0,
      numbers: {
        deliveries_per_s: beside,
        second_half_per_s: of(full, 'warmRate'),
        alone_per_s: alone,
        alone_second_half_per_s: of(empty, 'warmRate'),
        ratio: slower,
        waiting,
      },
    },
    {
      row: 'webhooks, queue',
      what: `resident memory of the server while ${count} wait, after ${EVENTS.toLocaleString('en-US')} deliveries`,
      value: `${Math.round(ended)} MB (${Math.round(started)} MB when it was ready)`,
      floor: `${Math.round(aloneEnded)} MB (${Math.round(aloneStarted)} MB) with nothing waiting`,
      target: `≤ ${FLAT} ×`,
      met: ended <= FLAT * aloneEnded,
      numbers: { ended_mb: ended, started_mb: started, alone_ended_mb: aloneEnded, alone_started_mb: aloneStarted },
    },
  ];
}
