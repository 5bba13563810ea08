import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { freePort } from '../free-port.js';
import { JsonOverHttp } from '../json-over-http.js';
import { residentMegabytes } from '../processes.js';
import { outcomeOf } from '../readers/reader-outcome.js';
import type { Scenario } from '../scenario.js';
import { ServerProcess } from '../server-process.js';
import type { Arrival, SinkReport } from '../webhooks/arrival.js';
import { Deliveries, type EndpointWish, SINK_ENV, sentenceOf } from '../webhooks/deliveries.js';
import { RebindingNameServer } from '../webhooks/rebinding-name-server.js';
import { Sink } from '../webhooks/sink.js';
import { SteadyWriter } from '../webhooks/steady-writer.js';
import { makeWorkspace } from '../workspace.js';

const PER_SECOND = 40;
const ALONE_MS = 10_000;
/** Above the longest time that an exchange may take, twice; and more with more tries. */
const BESIDE_MS = 40_000;
const MORE_A_TRY_MS = 2000;
const ILL_MS = 30_000;
/** Alone on a quiet machine it is a few ms. */
const QUICK_MS = 250;
const TIMES_ALONE = 3;
/** A process that has just begun grows by 150 to 165 MB, and by no more where it is looked at for twice the time. */
const MOST_GROWN_MB = 250;
/** What the kernel takes for both ends of a connection, and the sink's own last piece. */
const MOST_FLOODED_BYTES = 16_000_000;
const SAMPLE_MS = 250;
const NAME = 'rebinding.heddle.test';
const PRELOADED = pathToFileURL(join(import.meta.dirname, '..', 'webhooks', 'rebinding-names.js')).href;
const REBINDS = '/rebinds';

const GOOD: EndpointWish = { path: '/good', types: ['message.created'], behaviour: { kind: 'takes' } };
const types = ['message.created'];
const BAD: readonly EndpointWish[] = [
  { path: '/hangs', types, behaviour: { kind: 'ill', how: 'hangs', forMs: ILL_MS } },
  { path: '/resets', types, behaviour: { kind: 'ill', how: 'resets', forMs: ILL_MS } },
  { path: '/fails-thrice', types, behaviour: { kind: 'refuses', oneIn: 5, times: 3 } },
  { path: '/ordered-fails-thrice', types, ordered: true, behaviour: { kind: 'refuses', oneIn: 20, times: 3 } },
  { path: '/closes', types, behaviour: { kind: 'closes' } },
  { path: '/floods', types, behaviour: { kind: 'floods' } },
  { path: '/redirects', types, behaviour: { kind: 'ill', how: 'redirects', forMs: ILL_MS } },
  // A connection for each attempt, so a look-up for each.
  { path: REBINDS, host: NAME, types, behaviour: { kind: 'closes' } },
];

/**
 * Beside an endpoint that takes all at once are such as hang, break off, send 10 GB, send elsewhere, or have a name that stands for
 * an address that is allowed and for one that is not by turns. The good one's messages must come as if it were alone.
 */
export const webhooksReceivers: Scenario = {
  name: 'webhooks-receivers',
  title: 'receivers that hang, reset, fail, close, send 10 GB, redirect, and rebind their name, beside a good one',
  async run({ tries, folder, rootKey, alone }) {
    const port = await freePort();
    const names = await RebindingNameServer.start(['127.0.0.2', '127.0.0.1']);
    const sink = await Sink.start(folder);
    const env = { ...SINK_ENV, NODE_OPTIONS: `--import=${PRELOADED}`, HEDDLE_TEST_NAME_SERVER: names.address };
    const server = new ServerProcess(
      { port, dataDir: join(folder, 'data'), rootKey, databaseUrl: null, env },
      'program',
    );
    try {
      await server.start();
      const { pid } = server;
      const workspace = await makeWorkspace(port, rootKey, 24);
      const deliveries = new Deliveries(sink, port, workspace.key);
      const problems: string[] = await refusalsAtOnce(port, workspace.key);
      const writer = new SteadyWriter(port, workspace, PER_SECOND);
      await deliveries.make([GOOD]);
      writer.start();
      await sleep(ALONE_MS);
      const before = residentMegabytes(pid);
      const besideFrom = Date.now();
      await deliveries.make(BAD);
      let most = before;
      for (const end = performance.now() + BESIDE_MS + tries * MORE_A_TRY_MS; performance.now() < end; ) {
        await sleep(SAMPLE_MS);
        most = Math.max(most, residentMegabytes(pid));
      }
      const besideTo = Date.now();
      await writer.stop();
      const findings = await deliveries.judged();
      deliveries.close();
      const report = await sink.report();
      const quick = { alone: latencies(report, 0, besideFrom), beside: latencies(report, besideFrom, besideTo) };
      const flooded = report.arrivals.reduce((bytes, { answerBytes }) => Math.max(bytes, answerBytes), 0);
      const refused = await attemptsRefused(
        port,
        workspace.key,
        deliveries.endpoints.find(({ path }) => path === REBINDS)!.id,
      );
      if (deliveries.figures !== null) console.error(sentenceOf('webhooks-receivers', deliveries.figures));
      console.error(
        `webhooks-receivers: the good one alone p50 ${at(quick.alone, 0.5)} ms, p99 ${at(quick.alone, 0.99)} ms; beside the others p50 ${at(quick.beside, 0.5)} ms, p99 ${at(quick.beside, 0.99)} ms; ${Math.round(before)} MB before, ${Math.round(most)} MB at most; ${(flooded / 1e6).toFixed(1)} MB of 10 GB could be sent; ${refused} attempts refused, for the name stood for 127.0.0.1`,
      );
      problems.push(...writer.problems.slice(0, 3));
      if (server.hasEnded) problems.push(`the server did not outlive its receivers; it said: ${server.lastWords}`);
      if (alone && at(quick.beside, 0.99) > Math.max(QUICK_MS, TIMES_ALONE * at(quick.alone, 0.99))) {
        problems.push(
          `the good endpoint's p99 was ${at(quick.alone, 0.99)} ms alone, and ${at(quick.beside, 0.99)} ms`,
        );
      }
      if (most - before > MOST_GROWN_MB) problems.push(`the process grew from ${before} MB to ${most} MB`);
      if (flooded > MOST_FLOODED_BYTES) problems.push(`${flooded} bytes of an answer could be sent`);
      if (refused === 0) problems.push('no attempt was refused, though the name stood for 127.0.0.1 by turns');
      const trapped = report.arrivals.filter(({ address }) => address !== '127.0.0.2');
      if (trapped.length > 0) problems.push(`${trapped.length} requests came to ${trapped[0]!.address}`);
      const outcome = outcomeOf(tries, findings, problems);
      return { ...outcome, verdict: { ...outcome.verdict, tried: writer.written, acknowledged: writer.written } };
    } finally {
      await server.end();
      await sink.end();
      names.close();
    }
  },
};

/** What is refused when it is asked for: neither addresses that are not allowed, nor the clouds' own. */
async function refusalsAtOnce(port: number, key: string): Promise<string[]> {
  const client = new JsonOverHttp(port, key);
  const problems: string[] = [];
  for (const url of [
    'http://169.254.169.254/latest/meta-data/',
    'http://127.0.0.1:80/',
    'http://[::ffff:127.0.0.1]/',
  ]) {
    const { status } = await client.send('POST', '/v1/webhook_endpoints', { url, types: ['*'] });
    if (status !== 422) problems.push(`an endpoint at ${url} was answered ${status}`);
  }
  client.close();
  return problems;
}

async function attemptsRefused(port: number, key: string, endpoint: string): Promise<number> {
  const client = new JsonOverHttp(port, key);
  const refused = await client.all(`/v1/webhook_endpoints/${endpoint}/attempts?outcome=failed&error=address_refused`);
  client.close();
  return refused.length;
}

/** From what the log says that it was recorded to the sink, ms, of those that came to the good one then, rising. */
function latencies({ arrivals, bodies }: SinkReport, from: number, to: number): number[] {
  const ms = arrivals
    .filter(({ path, at: came }) => path === GOOD.path && came >= from && came < to)
    .map(
      ({ at: came, sha256 }: Arrival) =>
        came - Date.parse((JSON.parse(bodies.get(sha256)!) as { recorded_at: string }).recorded_at),
    );
  return ms.sort((a, b) => a - b);
}

function at(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}
