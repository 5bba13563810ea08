import { randomBytes } from 'node:crypto';
import { until } from '../../libs/platform/testing/until.js';
import { ApiClient, conversationWith, created, ROOT_KEY } from './journey.js';
import { SHAPE } from './shapes.js';
import { type ReceivedSpan, TraceReceiver } from './trace-receiver.js';
import { startWatched, type WatchedInstallation } from './watched-installation.js';

const [SERVER, PRODUCER, CONSUMER] = [2, 4, 5];

let receiver: TraceReceiver;
let installation: WatchedInstallation;
let api: ApiClient;
let cast: { api: ApiClient; customer: string };

beforeAll(async () => {
  receiver = await TraceReceiver.start();
  installation = await startWatched({ ...receiver.environment, OTEL_TRACES_SAMPLER: 'parentbased_always_off' });
  const root = new ApiClient(installation.url, ROOT_KEY);
  const workspace = created(await root.post('/v1/workspaces', { name: 'Traced' })).id;
  const made = created(await root.post('/v1/api_keys', { workspace_id: workspace, name: 'traced', scopes: ['*'] }));
  api = new ApiClient(installation.url, made.key);
  cast = { api, customer: created(await api.post('/v1/customers', { external_id: 'ada', name: 'Ada' })).id };
}, 120_000);
afterAll(async () => {
  await installation?.stop();
  await installation?.forget();
  await receiver?.close();
});

/** As a caller begins a trace: its id, its span's, and the header that says so. */
function beginTrace(sampled: boolean) {
  const [trace, span] = [randomBytes(16).toString('hex'), randomBytes(8).toString('hex')];
  return { trace, span, headers: { traceparent: `00-${trace}-${span}-${sampled ? '01' : '00'}` } };
}

/** Those of a write: each process sends its own, when it likes. */
async function spansOf(trace: string): Promise<ReceivedSpan[]> {
  const found = () => receiver.spans.filter(({ traceId }) => traceId === trace);
  await until(
    () =>
      [SERVER, PRODUCER, CONSUMER].every((kind) => found().some((span) => span.kind === kind)) &&
      found().some(processed),
    60_000,
    () => `all of ${JSON.stringify(found().map(({ name }) => name))}`,
  );
  return found();
}

const processed = (span: ReceivedSpan) => span.name === 'process conversation_facts';

/** From a span to the one without a parent among these, this one first. */
function wayUp(spans: readonly ReceivedSpan[], from: ReceivedSpan): ReceivedSpan[] {
  const parent = spans.find(({ spanId }) => spanId === from.parentSpanId);
  return parent === undefined ? [from] : [from, ...wayUp(spans, parent)];
}

const NAMES = SHAPE === 'apart' ? ['heddle-analytics', 'heddle-conversation'] : ['heddle', 'heddle'];

it('a request is one trace with what another service makes of its events', async () => {
  const { trace, span, headers } = beginTrace(true);
  const answer = await api.post('/v1/conversations', { customer_id: cast.customer, channel: 'chat' }, { headers });
  const conversation = created(answer).id;
  const spans = await spansOf(trace);
  const way = wayUp(spans, spans.find(processed)!);
  expect(way.map(({ name, kind, service }) => [name, kind, service])).toEqual([
    ['process conversation_facts', CONSUMER, NAMES[0]],
    ['append conversation', PRODUCER, NAMES[1]],
    ['POST /v1/conversations', SERVER, NAMES[1]],
  ]);
  expect(way.at(-1)!.parentSpanId).toBe(span);
  expect(answer.headers.get('traceparent')).toBe(`00-${trace}-${way.at(-1)!.spanId}-01`);
  expect(way.at(-1)!.attributes).toMatchObject({
    'http.request.method': 'POST',
    'http.route': '/v1/conversations',
    'http.response.status_code': 201,
    'heddle.operation': 'conversations.create',
  });
  const { body } = await api.get(`/v1/conversations/${conversation}/events`);
  expect(way[0]!.attributes).toMatchObject({
    'messaging.system': SHAPE === 'apart' ? 'kafka' : 'heddle',
    'messaging.destination.name': SHAPE === 'apart' ? expect.stringMatching(/\.conversation$/) : 'log',
    'messaging.message.id': body.data[0].id,
    'heddle.event.types': ['conversation.created'],
  });
  for (const { startTimeUnixNano, endTimeUnixNano } of way) {
    expect(BigInt(endTimeUnixNano) >= BigInt(startTimeUnixNano)).toBe(true);
  }
});

it('what a caller does not sample is in its trace, and recorded nowhere', async () => {
  const [unsampled, sampled] = [beginTrace(false), beginTrace(true)];
  const answer = await conversationWith(cast, { title: 'Not traced' });
  expect(created(answer)).toBeDefined();
  const silent = await api.post(
    '/v1/conversations',
    { customer_id: cast.customer, channel: 'chat' },
    { headers: unsampled.headers },
  );
  expect(silent.headers.get('traceparent')).toMatch(new RegExp(`^00-${unsampled.trace}-[0-9a-f]{16}-00$`));
  const loud = { customer_id: cast.customer, channel: 'chat' };
  created(await api.post('/v1/conversations', loud, { headers: sampled.headers }));
  const spans = await spansOf(sampled.trace);
  expect(spans.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['POST /v1/conversations', 'append conversation', 'process conversation_facts']),
  );
  // No trace was begun here either: the sampler keeps what others keep.
  const others = receiver.spans.filter(({ traceId }) => traceId === unsampled.trace || traceId === traceOf(answer));
  expect(others).toEqual([]);
});

it('whoever is not let in has nothing recorded, whatever trace they name', async () => {
  const [stranger, known] = [beginTrace(true), beginTrace(true)];
  const nobody = new ApiClient(installation.url, 'hdl_of-nobody');
  const refused = await nobody.get('/v1/conversations', { headers: stranger.headers });
  expect([refused.status, refused.headers.get('traceparent')]).toEqual([401, null]);
  expect((await nobody.get('/readyz', { headers: stranger.headers })).headers.get('traceparent')).toBeNull();
  created(
    await api.post('/v1/conversations', { customer_id: cast.customer, channel: 'chat' }, { headers: known.headers }),
  );
  await spansOf(known.trace);
  expect(receiver.spans.filter(({ traceId }) => traceId === stranger.trace)).toEqual([]);
});

it('an import is one span, and what follows from its lines are its children', async () => {
  const { trace, headers } = beginTrace(true);
  const line = (n: number) => ({
    conversation: `ticket-${n}`,
    channel: 'email',
    customer: 'ada',
    messages: [{ id: '1', at: '2026-03-01T10:00:00Z', author: { type: 'customer', id: 'ada' }, text: 'Hello' }],
  });
  const raw = [1, 2, 3].map((n) => `${JSON.stringify(line(n))}\n`).join('');
  const sent = { raw, headers: { ...headers, 'content-type': 'application/x-ndjson' } };
  expect((await api.send('POST', '/v1/import', undefined, sent)).body).toContain('"created":3');
  const found = () => receiver.spans.filter(({ traceId }) => traceId === trace);
  await until(() => found().some(processed) && found().some(({ kind }) => kind === SERVER));
  const request = found().find(({ kind }) => kind === SERVER)!;
  expect(found().map(({ kind }) => kind)).not.toContain(PRODUCER);
  for (const span of found().filter(processed)) expect(span.parentSpanId).toBe(request.spanId);
});

function traceOf({ headers }: { headers: Headers }): string {
  return headers.get('traceparent')!.split('-')[1]!;
}

it("the caller's trace state goes with the request, and not into the log", async () => {
  const { trace, headers } = beginTrace(true);
  const tracestate = 'vendor=opaque-1,other@vendor=2';
  const body = { customer_id: cast.customer, channel: 'chat' };
  const { id } = created(await api.post('/v1/conversations', body, { headers: { ...headers, tracestate } }));
  const spans = await spansOf(trace);
  const states = Object.fromEntries(spans.map(({ name, traceState }) => [name, traceState ?? '']));
  expect(states).toMatchObject({
    'POST /v1/conversations': tracestate,
    'append conversation': tracestate,
    'process conversation_facts': '',
  });
  expect(JSON.stringify((await api.get(`/v1/conversations/${id}/events`)).body)).not.toContain('opaque-1');
});
