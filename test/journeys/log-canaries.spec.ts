import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { AppModule } from '../../apps/heddle/app.module.js';
import { EVENT_SCHEMAS } from '../../libs/contract/generated/event-schemas.js';
import { domainsOf } from '../../libs/platform/runtime/domain-module.js';
import { until } from '../../libs/platform/testing/until.js';
import { Canaries, planted, spoiled } from './canaries.js';
import { ApiClient, ROOT_KEY } from './journey.js';
import { type ExampleRequest, OPERATIONS, Scene } from './operation-scene.js';
import { TraceReceiver } from './trace-receiver.js';
import { startWatched, type WatchedInstallation } from './watched-installation.js';

const SOCKETS = new Set(OPERATIONS.filter(({ socket }) => socket === true).map(({ name }) => name));
const canaries = new Canaries();
const keys: string[] = [ROOT_KEY];

let receiver: TraceReceiver;
let installation: WatchedInstallation;
let sql: pg.Client;

beforeAll(async () => {
  receiver = await TraceReceiver.start();
  installation = await startWatched({ ...receiver.environment, HEDDLE_LOG_LEVEL: 'trace' });
  sql = new pg.Client({ connectionString: installation.database.url });
  await sql.connect();
}, 120_000);
afterAll(async () => {
  await sql?.end();
  await installation?.stop();
  await installation?.forget();
  await receiver?.close();
});

/** The request with a canary in each text that its operation leaves free; then with one of them each. */
function full(request: ExampleRequest, place: string): ExampleRequest[] {
  const { operation, query, body } = request;
  const queries = planted(operation.query, query, canaries, `${place} query`) as Record<string, string>[];
  const bodies = operation.body === null ? [undefined] : planted(operation.body, body, canaries, `${place} body`);
  return [
    { ...request, query: queries[0]!, body: bodies[0] },
    ...queries.slice(1).map((one) => ({ ...request, query: one })),
    ...bodies.slice(1).map((one) => ({ ...request, body: one })),
  ];
}

/** Requests that are wrong in one place each. */
function wrong(request: ExampleRequest, place: string): ExampleRequest[] {
  const { params, query, body } = request;
  return [
    ...spoiled(params, canaries, `${place} path`).map((one) => ({ ...request, params: one as typeof params })),
    ...spoiled(query, canaries, `${place} query`).map((one) => ({ ...request, query: one as typeof query })),
    ...(body === undefined ? [] : spoiled(body, canaries, `${place} body`).map((one) => ({ ...request, body: one }))),
  ];
}

const HEADERS = ['user-agent', 'referer', 'cookie', 'from', 'x-forwarded-for', 'traceparent', 'accept', 'x-request-id'];
const CHANGING_HEADERS = ['idempotency-key', 'if-match', 'content-type', 'authorization'];

/** What is wrong outside of what an operation declares. */
async function misuse({ operation, params }: ExampleRequest, key: string): Promise<void> {
  const { name, method } = operation;
  const path = operation.path.replaceAll(/\{([a-z_]+)\}/g, (_, param: string) => params[param]!);
  const api = new ApiClient(installation.url, key);
  const said = (header: string) => [header, `${canaries.at(`${name} ${header}`)} and a space`];
  const sent = operation.body === null ? {} : { raw: '{}' };
  await api.send(method, path, undefined, { ...sent, headers: Object.fromEntries(HEADERS.map(said)) });
  for (const header of CHANGING_HEADERS) {
    await api.send(method, path, undefined, { ...sent, headers: Object.fromEntries([said(header)]) });
  }
  await api.send('POST', path, undefined, { raw: `{"name": "${canaries.at(`${name} broken JSON`)}` });
  await api.send(method, `${path}/${canaries.at(`${name} unknown path`)}`);
  await api.send(method, `${path}/%E0%${canaries.at(`${name} broken path`)}`);
  await new ApiClient(installation.url, canaries.at(`${name} key`)).send(method, path);
}

/** In tens, so that a hundred operations are not a hundred waits. */
async function inTens<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  for (let at = 0; at < items.length; at += 10) await Promise.all(items.slice(at, at + 10).map(work));
}

test('every operation is sent what people write: where it belongs, where it does not, and in every header', async () => {
  const answers = new Map<string, number[]>();
  for (const { name } of OPERATIONS) {
    const scene = await Scene.begin(installation);
    const request = await scene.requestOf(name);
    keys.push(scene.key);
    const statuses: number[] = [];
    for (const one of full(request, name)) {
      const key = canaries.at(`${name} idempotency key`);
      const headers: Record<string, string> = request.operation.changes ? { 'idempotency-key': key } : {};
      statuses.push((await scene.send(one, headers)).status);
    }
    await inTens(wrong(request, name), async (one) => statuses.push((await scene.send(one)).status));
    await misuse(request, scene.keyFor(request.operation));
    answers.set(name, statuses);
  }
  // Each has refused something, and none has failed.
  for (const [name, statuses] of answers) {
    // A request that is no WebSocket's is told so before all else.
    const refusal = SOCKETS.has(name) ? 426 : 400;
    expect([name, statuses]).toEqual([name, expect.arrayContaining([refusal])]);
    expect([name, statuses.filter((status) => status >= 500)]).toEqual([name, []]);
  }
  const messages = await sql.query('select text from conversation.messages');
  expect(canaries.foundIn(JSON.stringify(messages.rows)).length).toBeGreaterThan(3);
}, 300_000);

test('events that nobody can read, and rows that the database refuses with their values, are logged without them', async () => {
  // Before a table fails, for its error would hide the event's.
  const poison = EVENT_SCHEMAS.find(({ type }) => type === 'conversation.created')!;
  await sql.query(
    `insert into log.events (position, workspace, stream, seq, type, recorded_at, schema_fingerprint, payload)
     select max(position) + 1, $1, $2, 1, $3, now(), $4, $5 from log.events`,
    [
      randomUUID(),
      randomUUID(),
      poison.type,
      Buffer.from(poison.fingerprint, 'hex'),
      Buffer.from(canaries.at('poison')),
    ],
  );
  const scenes = [];
  for (const { name } of OPERATIONS) {
    const scene = await Scene.begin(installation);
    const request = await scene.requestOf(name).catch(() => null);
    if (request !== null) scenes.push({ scene, request });
  }
  const tables = domainsOf(AppModule).flatMap(({ service, projections }) =>
    projections.flatMap((one) => one.tables.map((table) => `${service}.${table}`)),
  );
  await sql.query(`create function public.fail_with_values() returns trigger language plpgsql security definer
                     as $$ begin perform (to_jsonb(new)::text)::integer; return new; end $$`);
  for (const table of tables.filter((one) => !/^access\./.test(one))) {
    await sql.query(`create trigger canary before insert or update on ${table}
                       for each row execute function public.fail_with_values()`);
  }
  const failed: string[] = [];
  for (const { scene, request } of scenes) {
    const { name } = request.operation;
    for (const one of full(request, `${name}, failing`)) {
      // An answer that is a stream is cut off where it fails.
      const answer = await scene.send(one).catch(() => null);
      if (answer === null || answer.status === 500) failed.push(name);
    }
  }
  for (const name of ['customers.upsert', 'users.upsert', 'messages.post', 'labels.upsert'])
    expect(failed).toContain(name);
  await until(() => /set aside/.test(installation.said().err));
}, 300_000);

test('no canary stands in any output, on the metrics page or in a trace', async () => {
  const metrics = await Promise.all(installation.urls.map(async (url) => (await fetch(`${url}/metrics`)).text()));
  await until(() => receiver.spans.some(({ name }) => name === 'POST /v1/customers'));
  await installation.stop();
  const { out, err } = installation.said();
  // What was looked for could have been there.
  expect(canaries.planted).toBeGreaterThan(20 * OPERATIONS.length);
  expect(err).toMatch(/"level":50.*a command failed/);
  expect(metrics.join('')).toContain('heddle_http_requests_total');
  for (const key of keys)
    expect([out, err, metrics.join(''), receiver.text].filter((text) => text.includes(key))).toEqual([]);
  expect({
    output: canaries.foundIn(out + err),
    metrics: canaries.foundIn(metrics.join('')),
    traces: canaries.foundIn(receiver.text),
  }).toEqual({ output: [], metrics: [], traces: [] });
});

test('all that is logged is JSON', () => {
  const lines = installation
    .said()
    .err.split('\n')
    .filter((line) => line !== '');
  expect(lines.length).toBeGreaterThan(0);
  for (const line of lines) {
    expect(JSON.parse(line)).toMatchObject({ level: expect.any(Number), time: expect.any(String) });
  }
});
