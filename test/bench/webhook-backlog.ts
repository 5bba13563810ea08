import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { JsonOverHttp } from '../resilience/json-over-http.js';
import { cpuSeconds, residentMegabytes } from '../resilience/processes.js';
import type { ServerProcess } from '../resilience/server-process.js';
import { makeWorkspace, type Workspace } from '../resilience/workspace.js';
import { type Bench, settle } from './bench.js';
import { startProcess } from './kafka/kafka-bench.js';
import { fill, POSTED_CONVERSATIONS } from './store.js';
import { cameTo, rateOf, type SinkCounts, type WebhookSink } from './webhook-sink.js';

/** Endpoints on this machine, over HTTP. */
export const WEBHOOKS_HERE = { HEDDLE_WEBHOOK_HTTP: 'true', HEDDLE_WEBHOOK_NETWORKS: '127.0.0.0/8' };

/** All that follow the log but webhooks: what they have to do is done before a round begins. */
const OTHER_SERVICES = ['conversation', 'analytics', 'events', 'ingest'];

const MOST_FILLING_S = 5;

export interface EndpointSpec {
  path: string;
  ordered?: boolean;
  concurrency?: number;
  rateLimit?: number;
}

/** What came of one round. */
export interface Drained {
  /** Deliveries a second, from the first to the last. */
  rate: number;
  /** The same of the second half of them, when the process is warm. */
  warmRate: number;
  counts: SinkCounts;
  /** Of the server and of all of Postgres, seconds for 1,000 deliveries. */
  serverCpu: number;
  postgresCpu: number;
  /** Of the server, when it was ready and when it had done everything. */
  startedMb: number;
  endedMb: number;
}

/** Everything in one process, on a database of the bench's cluster. */
export function startWhole(bench: Bench, name: string, databaseUrl: string): Promise<ServerProcess> {
  return startProcess(bench, name, databaseUrl, WEBHOOKS_HERE);
}

/** Does something with it, lets it come to rest, and ends it. */
export async function withWhole<Made>(
  bench: Bench,
  name: string,
  databaseUrl: string,
  make: (server: ServerProcess) => Promise<Made>,
): Promise<Made> {
  const server = await startWhole(bench, name, databaseUrl);
  try {
    const made = await make(server);
    await settle(server);
    return made;
  } finally {
    await server.end();
  }
}

export async function makeEndpoints(
  server: ServerProcess,
  key: string,
  sink: WebhookSink,
  specs: readonly EndpointSpec[],
): Promise<void> {
  const client = new JsonOverHttp(server.settings.port, key);
  for (const { path, rateLimit, ...options } of specs) {
    const limits = rateLimit === undefined ? {} : { rate_limit: rateLimit };
    const body = { url: sink.url(path), types: ['message.created'], ...options, ...limits };
    await client.must('POST', '/v1/webhook_endpoints', body);
  }
  client.close();
}

/**
 * A store with events that endpoints are to have and of which nothing is due yet: they were made while no process ran that brings
 * events to endpoints. Each round begins with a copy of it and a new process, so all begin alike.
 */
export class WebhookBacklog {
  private rounds = 0;

  private constructor(
    private readonly bench: Bench,
    private readonly sink: WebhookSink,
    private readonly name: string,
    private readonly endpoints: readonly EndpointSpec[],
    /** Messages that were made for them. */
    readonly events: number,
  ) {}

  static async make(
    bench: Bench,
    sink: WebhookSink,
    name: string,
    endpoints: readonly EndpointSpec[],
    messages: number,
  ): Promise<WebhookBacklog> {
    const databaseUrl = await bench.postgres.createDatabase(name);
    const workspace = await withWhole(bench, name, databaseUrl, async (server) => {
      const made = await makeWorkspace(server.settings.port, bench.rootKey, POSTED_CONVERSATIONS);
      await makeEndpoints(server, made.key, sink, endpoints);
      return made;
    });
    const events = await appendUndelivered(bench, name, databaseUrl, workspace, messages);
    return new WebhookBacklog(bench, sink, name, endpoints, events);
  }

  /** From a process's start until everything came to the sink, and every result is written. */
  async drain(options: { keep?: number; order?: boolean } = {}): Promise<Drained> {
    const { bench, sink, name, endpoints } = this;
    const copy = `${name}_${++this.rounds}`;
    const databaseUrl = await bench.postgres.copyDatabase(name, copy);
    await sink.reset(options);
    const drained = await drainWhole(bench, sink, copy, databaseUrl, {
      paths: endpoints.map(({ path }) => path),
      deliveries: this.events * endpoints.length,
    });
    await bench.postgres.dropDatabase(copy);
    return drained;
  }
}

/** Appends messages while nothing runs that brings events to endpoints. Resolves to their number. */
export async function appendUndelivered(
  bench: Bench,
  name: string,
  databaseUrl: string,
  workspace: Workspace,
  messages: number,
): Promise<number> {
  const services: ServerProcess[] = [];
  try {
    for (const service of OTHER_SERVICES) {
      services.push(await startProcess(bench, `${name}-${service}`, databaseUrl, {}, service));
    }
    const store = { server: services[0]!, workspace, posted: workspace.conversations };
    const before = await messagesOn(databaseUrl);
    await fill(store, workspace.conversations, messages, MOST_FILLING_S);
    for (const service of services) await settle(service);
    return (await messagesOn(databaseUrl)) - before;
  } finally {
    for (const service of services) await service.end();
  }
}

/** Starts a process on a store whose endpoints are to have so many deliveries at these paths, and sees them through. */
export async function drainWhole(
  bench: Bench,
  sink: WebhookSink,
  name: string,
  databaseUrl: string,
  due: { paths: readonly string[]; deliveries: number },
): Promise<Drained> {
  const server = await startWhole(bench, name, databaseUrl);
  try {
    const { pid } = server;
    const startedMb = residentMegabytes(pid);
    // Deliveries may have begun before the process said that it is ready: what is counted begins with the clocks.
    const began = await sink.counts();
    const before = { server: cpuSeconds(pid), postgres: bench.postgres.cpuSeconds };
    const half = await sink.reached(due.deliveries / 2, due.paths);
    const counts = await sink.reached(due.deliveries, due.paths);
    await settle(server);
    const after = await sink.counts();
    const deliveries = (cameTo(after, due.paths) - cameTo(began, due.paths)) / 1000;
    const [serverCpu, postgresCpu] = [cpuSeconds(pid) - before.server, bench.postgres.cpuSeconds - before.postgres];
    const endedMb = residentMegabytes(pid);
    await allWritten(databaseUrl, due, after);
    return {
      rate: rateOf(counts, due.paths),
      warmRate: rateOf(counts, due.paths, half),
      counts,
      serverCpu: serverCpu / deliveries,
      postgresCpu: postgresCpu / deliveries,
      startedMb,
      endedMb,
    };
  } finally {
    await server.end();
  }
}

async function messagesOn(databaseUrl: string): Promise<number> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client.query<{ count: string }>(
    "select count(*) from log.events where type = 'message.created'",
  );
  await client.end();
  return Number(rows[0]!.count);
}

const WRITTEN_WITHIN_MS = 10_000;

/** Throws where the sink had more than it was due, or the store does not know yet what it had. */
async function allWritten(
  databaseUrl: string,
  { paths, deliveries }: { paths: readonly string[]; deliveries: number },
  counts: SinkCounts,
): Promise<void> {
  const came = cameTo(counts, paths);
  if (came !== deliveries) throw new Error(`${came} deliveries came to the sink, and ${deliveries} were due`);
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    for (const giveUp = performance.now() + WRITTEN_WITHIN_MS; ; await sleep(100)) {
      const { rows } = await client.query<{ left: string }>(LEFT, [paths.map((path) => `%${path}`)]);
      if (Number(rows[0]!.left) === 0) return;
      if (performance.now() > giveUp) throw new Error(`${rows[0]!.left} deliveries that came are still due`);
    }
  } finally {
    await client.end();
  }
}

const LEFT = `
  select count(*) as left from webhooks.webhook_endpoints e
    join (select endpoint from webhooks.fresh union all select endpoint from webhooks.waiting) d on d.endpoint = e.id
   where e.url like any ($1)`;
