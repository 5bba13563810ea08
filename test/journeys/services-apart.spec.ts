import { SERVICES } from '../../apps/services.js';
import { createTestDatabase, type TestDatabase } from '../../libs/platform/testing/test-database.js';
import { until } from '../../libs/platform/testing/until.js';
import { Front } from './apart/front.js';
import { SERVING_PROCESSES as STARTED } from './apart/installation.js';
import { refusedStart, ServiceProcess } from './apart/service-process.js';
import { ApiClient, conversationWith, created, messageTo, problem, ROOT_KEY } from './journey.js';

let database: TestDatabase;
let processes: ServiceProcess[];
let front: Front;
let root: ApiClient;

const urlsOf = (name: string) => processes.filter((_, i) => STARTED[i] === name).map(({ url }) => url);

beforeAll(async () => {
  database = await createTestDatabase();
  const env = { DATABASE_URL: database.url, HEDDLE_ROOT_KEY: ROOT_KEY };
  // At once, and on an empty database: each brings it to the state that it needs.
  processes = await Promise.all(STARTED.map((name) => ServiceProcess.start(name, env)));
  front = await Front.before(Object.fromEntries(SERVICES.map(({ name }) => [name, urlsOf(name)])));
  root = new ApiClient(front.url, ROOT_KEY);
}, 120_000);
afterAll(async () => {
  await front?.end();
  await Promise.all((processes ?? []).map((one) => one.stop()));
  await database?.drop();
});

async function newcomer(): Promise<{ workspace: string; api: ApiClient; keyId: string }> {
  const workspace = created(await root.post('/v1/workspaces', { name: 'Apart' })).id;
  const made = created(await root.post('/v1/api_keys', { workspace_id: workspace, name: 'apart', scopes: ['*'] }));
  return { workspace, api: new ApiClient(front.url, made.key), keyId: made.id };
}

describe('services apart, each in a process of its own', () => {
  test('each say in one line where they are', () => {
    expect(processes.map(({ greeting }) => greeting)).toEqual(
      STARTED.map((name) =>
        expect.stringMatching(new RegExp(`^Heddle's ${name} is ready at http://127\\.0\\.0\\.1:\\d+$`)),
      ),
    );
  });

  test('are one API to a client: customer, conversation, message, and their figures', async () => {
    const { api } = await newcomer();
    const customer = created(await api.post('/v1/customers', { external_id: 'ada', name: 'Ada' })).id;
    const { id } = created(await conversationWith({ api, customer }));
    for (let i = 0; i < 6; i++) created(await messageTo(id, { api, customer }, `Message ${i}`));
    const last = await messageTo(id, { api, customer }, 'The last');
    const messages = await api.get(`/v1/conversations/${id}/messages`);
    expect(messages.body.data.map(({ text }: { text: string }) => text)).toEqual([
      ...Array.from({ length: 6 }, (_, i) => `Message ${i}`),
      'The last',
    ]);
    const position = last.headers.get('heddle-position')!;
    for (let i = 0; i < 2; i++) {
      const figures = await api.get(`/v1/analytics/conversations/${id}?wait_for=${position}`);
      expect([figures.status, figures.body]).toMatchObject([200, { customer_messages: 7 }]);
    }
  });

  test('let nobody in with a key that access has revoked', async () => {
    const { workspace, api, keyId } = await newcomer();
    expect((await api.get('/v1/customers')).status).toBe(200);
    expect((await root.post(`/v1/api_keys/${keyId}/revoke`, { workspace_id: workspace })).status).toBe(200);
    const refused = async (url: string) => (await new ApiClient(url, api.key).get('/v1/customers')).status === 401;
    for (const url of urlsOf('conversation')) await until(() => refused(url));
  });

  test('answer a retry that another process of the same service had first', async () => {
    const { api } = await newcomer();
    const answers = await Promise.all(
      urlsOf('conversation').map((url) =>
        new ApiClient(url, api.key).post(
          '/v1/customers',
          { external_id: 'once', name: 'Once' },
          { headers: { 'idempotency-key': 'the-same' } },
        ),
      ),
    );
    expect(new Set(answers.map((answer) => created(answer).id)).size).toBe(1);
  });

  test('serve their own part of the API, and the document of all of it', async () => {
    const [conversation, analytics] = [urlsOf('conversation')[0]!, urlsOf('analytics')[0]!];
    const paths = Object.keys((await new ApiClient(analytics, null).get('/openapi.json')).body.paths);
    expect(paths).toEqual(expect.arrayContaining(['/v1/workspaces', '/v1/customers', '/v1/conversations']));
    const { api } = await newcomer();
    expect(problem(await new ApiClient(analytics, api.key).get('/v1/customers')).status).toBe(404);
    expect(problem(await new ApiClient(conversation, ROOT_KEY).get('/v1/workspaces')).status).toBe(404);
  });

  test('import into a workspace that is there, and say who makes one that is not', async () => {
    const { workspace } = await newcomer();
    const line = {
      conversation: 'apart-1',
      channel: 'email',
      customer: 'ada',
      organization: 'Elsewhere',
      messages: [{ id: 'm1', author: { type: 'customer', id: 'ada' }, at: '2026-03-01T10:00:00Z', text: 'Hello' }],
    };
    const lines = { raw: `${JSON.stringify(line)}\n`, headers: { 'content-type': 'application/x-ndjson' } };
    const into = (query: string) => root.send('POST', `/v1/import?${query}`, undefined, lines);
    const done = await into(`workspace_id=${workspace}`);
    expect([done.status, done.body]).toEqual([200, expect.stringContaining('"created":1')]);
    const refused = await into('workspace_from=organization');
    expect(problem(refused)).toEqual({ status: 400, code: 'invalid_request' });
    expect(refused.body.detail).toMatch(/another process makes workspaces.*workspace_id/i);
  });

  test('say of a path that another one serves where to ask', async () => {
    const [analytics] = urlsOf('analytics');
    const detail = async (path: string) =>
      ((await (await fetch(analytics + path)).json()) as { detail: string }).detail;
    expect(await detail('/v1/customers')).toMatch(/Another service .* the address in front/);
    expect(await detail('/v1/customer')).toMatch(/There is no such path/);
  });

  test('keep what operating needs from strangers', async () => {
    for (const { url } of processes) expect((await fetch(`${url}/metrics`)).status).toBe(200);
    for (const path of ['/metrics', '/healthz', '/readyz']) expect((await fetch(front.url + path)).status).toBe(404);
  });
});

test.each([...new Set(STARTED)])('%s starts where no other service ever was', async (name) => {
  const empty = await createTestDatabase();
  try {
    const alone = await ServiceProcess.start(name, { DATABASE_URL: empty.url, HEDDLE_ROOT_KEY: ROOT_KEY });
    try {
      expect((await fetch(`${alone.url}/readyz`)).status).toBe(200);
    } finally {
      await alone.stop();
    }
  } finally {
    await empty.drop();
  }
});

describe('a service is refused in one line', () => {
  const both = () => ({ DATABASE_URL: database.url, HEDDLE_ROOT_KEY: ROOT_KEY });

  test.each<[string[], () => Record<string, string>, RegExp]>([
    [
      ['--service', 'mail'],
      both,
      /^--service is "mail": give one of access, conversation, analytics, ingest, events, webhooks, relay\.$/,
    ],
    [['--service', 'access'], () => ({ HEDDLE_ROOT_KEY: ROOT_KEY }), /^--service access needs DATABASE_URL/],
    [['--service', 'access'], () => ({ DATABASE_URL: database.url }), /^--service access needs HEDDLE_ROOT_KEY/],
    [['--service', 'relay'], both, /^--service relay needs KAFKA_BROKERS/],
    [
      ['--service', 'access'],
      () => ({ ...both(), HEDDLE_LOG: 'kafka' }),
      /^HEDDLE_LOG is "kafka" without KAFKA_BROKERS/,
    ],
    [
      ['--service', 'analytics'],
      () => ({ ...both(), DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/none' }),
      /^DATABASE_URL: nothing listens on 127\.0\.0\.1:1/,
    ],
    [
      // Its log would move there, and there is no way back.
      ['--service', 'analytics'],
      () => ({ ...both(), KAFKA_BROKERS: '127.0.0.1:1', HEDDLE_LOG_LEVEL: 'error' }),
      /^Kafka at 127\.0\.0\.1:1 cannot be reached .*: start it, or correct KAFKA_BROKERS\.$/,
    ],
  ])('%j', async (args, env, line) => {
    const { status, said } = await refusedStart(args, env());
    expect(status).toBe(1);
    expect(said).toMatch(line);
    expect(said).not.toContain('\n');
  });
});
