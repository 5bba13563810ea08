import { setTimeout as sleep } from 'node:timers/promises';
import { JsonOverHttp } from '../resilience/json-over-http.js';
import type { ServerProcess } from '../resilience/server-process.js';
import { makeWorkspace } from '../resilience/workspace.js';
import { type Bench, settle } from './bench.js';
import { type Figure, milliseconds, percentile } from './figures.js';
import { messageBody } from './store.js';
import { makeEndpoints } from './webhook-backlog.js';
import { WebhookSink } from './webhook-sink.js';

const PER_SECOND = 50;
const SECONDS = 60;
const WARM_UP_SECONDS = 10;
const CONVERSATIONS = 100;
const PATH = '/arrival';

/** Waits until a delivery was at the sink, ms. */
export interface WebhookArrivals {
  /** From `recorded_at`, when the append begins, in whole milliseconds. */
  appended: number[];
  /** From the request's first byte out, and from its answer; below zero where the delivery was there first. */
  requested: number[];
  answered: number[];
}

interface Posted {
  message: string;
  sentMs: number;
  answeredMs: number;
}

/** Posts messages at an even rate, whether or not answers come, and looks when each was delivered. */
export async function measureWebhookArrival(bench: Bench, server: ServerProcess): Promise<WebhookArrivals> {
  const sink = await WebhookSink.start();
  try {
    const { port } = server.settings;
    const { key, customer, conversations } = await makeWorkspace(port, bench.rootKey, CONVERSATIONS);
    await makeEndpoints(server, key, sink, [{ path: PATH }]);
    await settle(server);
    const client = new JsonOverHttp(port, key);
    const body: unknown = JSON.parse(messageBody(customer));
    const warm = await post(client, conversations, body, WARM_UP_SECONDS);
    await sink.reached(warm.length, [PATH]);
    await sink.reset({ keep: 2 * PER_SECOND * SECONDS });
    const posted = await post(client, conversations, body, SECONDS);
    await sink.reached(posted.length, [PATH]);
    client.close();
    return await arrivalsOf(posted, sink);
  } finally {
    await sink.end();
  }
}

async function post(
  client: JsonOverHttp,
  conversations: readonly string[],
  body: unknown,
  seconds: number,
): Promise<Posted[]> {
  const posts: Promise<Posted>[] = [];
  const began = performance.now();
  for (let n = 0; n < PER_SECOND * seconds; n++) {
    await sleep(Math.max(0, began + (n * 1000) / PER_SECOND - performance.now()));
    const sentMs = monotonicMs();
    const path = `/v1/conversations/${conversations[n % conversations.length]}/messages`;
    posts.push(
      client
        .must<{ id: string }>('POST', path, body)
        .then(({ id }) => ({ message: id, sentMs, answeredMs: monotonicMs() })),
    );
  }
  return Promise.all(posts);
}

async function arrivalsOf(posted: readonly Posted[], sink: WebhookSink): Promise<WebhookArrivals> {
  const arrivals: WebhookArrivals = { appended: [], requested: [], answered: [] };
  const came = new Map<string, { atMs: number; sinceAppendMs: number }>();
  for (const { body, atMs, wallMs } of await sink.kept()) {
    const { recorded_at, data } = JSON.parse(body) as { recorded_at: string; data: { message_id: string } };
    came.set(data.message_id, { atMs, sinceAppendMs: wallMs - Date.parse(recorded_at) });
  }
  for (const { message, sentMs, answeredMs } of posted) {
    const delivered = came.get(message);
    if (delivered === undefined) throw new Error(`${message} was not delivered`);
    arrivals.appended.push(delivered.sinceAppendMs);
    arrivals.requested.push(delivered.atMs - sentMs);
    arrivals.answered.push(delivered.atMs - answeredMs);
  }
  return arrivals;
}

/** The same clock in all processes of a machine. */
function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

export function arrivalFigure(arrivals: WebhookArrivals, where: string, target: { p50: number; p99: number }): Figure {
  const both = (waits: readonly number[]) => [percentile(waits, 50), percentile(waits, 99)] as const;
  const [p50, p99] = both(arrivals.appended);
  const [sentP50, sentP99] = both(arrivals.requested);
  const [answeredP50, answeredP99] = both(arrivals.answered);
  return {
    row: 'webhooks, arrival',
    what: `append → at the receiver, ${PER_SECOND} events/s for ${SECONDS} s, ${where}`,
    value: `p50 ${milliseconds(p50)}, p99 ${milliseconds(p99)}`,
    floor: `from the request on ${milliseconds(sentP50)} and ${milliseconds(sentP99)}; from its answer on ${milliseconds(answeredP50)} and ${milliseconds(answeredP99)}`,
    target: `p50 ≤ ${target.p50} ms, p99 ≤ ${target.p99} ms`,
    met: p50 <= target.p50 && p99 <= target.p99,
    numbers: {
      p50_ms: p50,
      p99_ms: p99,
      request_p50_ms: sentP50,
      request_p99_ms: sentP99,
      answer_p50_ms: answeredP50,
      answer_p99_ms: answeredP99,
    },
  };
}
