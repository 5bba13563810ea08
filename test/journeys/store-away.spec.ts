import pg from 'pg';
import { until } from '../../libs/platform/testing/until.js';
import { type Answer, type Cast, conversationWith, created, Journey, messageTo, problem } from './journey.js';

let journey: Journey;
let cast: Cast;
let conversation: string;
let admin: pg.Client;
let name: string;

beforeAll(async () => {
  journey = await Journey.begin({ own: true });
  cast = await journey.cast();
  conversation = created(await conversationWith(cast)).id;
  name = new URL(journey.database.url).pathname.slice(1);
  admin = new pg.Client({ connectionString: process.env.HEDDLE_TEST_POSTGRES_URL! });
  await admin.connect();
});
afterAll(async () => {
  await admin.query(`alter database ${name} allow_connections true`);
  await admin.end();
  await journey.end();
});

const cut = () => admin.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name]);

/** Of those that take requests: the relay takes none, and is well while it waits for the store. */
function serving(): string[] {
  const services = ['access', 'conversation', 'analytics'] as const;
  return [...new Set(services.flatMap((service) => journey.processesOf(service)))];
}

const readiness = () => Promise.all(serving().map((url) => fetch(`${url}/readyz`)));

function everyProcessSays(status: number): Promise<void> {
  return until(async () => (await readiness()).every((answer) => answer.status === status));
}

async function goAway(): Promise<void> {
  await admin.query(`alter database ${name} allow_connections false`);
  await cut();
  await everyProcessSays(503);
}

async function comeBack(): Promise<void> {
  await admin.query(`alter database ${name} allow_connections true`);
  await everyProcessSays(200);
}

it('is answered 503 with Retry-After by everything that needs it, at once, and all comes back by itself', async () => {
  const position = (await messageTo(conversation, cast, 'before')).headers.get('heddle-position');
  // Else the answer that must include it is waited for, for up to 5 s.
  const facts = () => cast.api.get(`/v1/analytics/conversations/${conversation}?wait_for=${position}`);
  await until(async () => (await facts()).status === 200);
  await goAway();
  const asked = [
    () => messageTo(conversation, cast, 'lost'),
    () => conversationWith(cast),
    () => cast.api.post('/v1/customers', { external_id: 'lost', name: 'Lost' }),
    () => cast.api.get(`/v1/conversations/${conversation}`),
    () => cast.api.get('/v1/customers'),
    () => cast.api.get(`/v1/conversations/${conversation}/events`),
    facts,
    () => journey.root.post('/v1/workspaces', { name: 'Lost' }),
    () => journey.root.get('/v1/workspaces'),
  ];
  const answers: Answer[] = [];
  for (const ask of asked) {
    const started = Date.now();
    answers.push(await ask());
    expect(Date.now() - started).toBeLessThan(4000);
  }
  expect(answers.map(problem)).toEqual(answers.map(() => ({ status: 503, code: 'unavailable' })));
  for (const { headers } of answers) expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  for (const ready of await readiness()) {
    expect([ready.status, ready.headers.get('retry-after')]).toEqual([503, '1']);
  }
  for (const url of journey.processesOf()) expect((await fetch(`${url}/healthz`)).status).toBe(200);
  await comeBack();
  const after = await messageTo(conversation, cast, 'after');
  expect([after.status, after.body.seq]).toEqual([201, 3]);
  const counted = await cast.api.get(
    `/v1/analytics/conversations/${conversation}?wait_for=${after.headers.get('heddle-position')}`,
  );
  expect([counted.status, counted.body.messages]).toEqual([200, 2]);
  expect((await cast.api.get('/v1/customers')).body.data).toHaveLength(1);
  // A new key is found on the log, which was followed again.
  expect((await (await journey.client(cast.workspace)).get('/v1/customers')).status).toBe(200);
}, 120_000);

it('loses nothing that was acknowledged, and does nothing twice, when it is cut off again and again', async () => {
  const { id } = created(await conversationWith(cast));
  const acknowledged = new Map<number, string>();
  let isCut = true;
  // On a busy machine few have come through by the last cut: some must, also after it.
  const goesOn = () => isCut || acknowledged.size <= 50;
  const client = async (c: number) => {
    for (let n = 0; goesOn(); n++) {
      const text = `${c}-${n}`;
      const author = { type: 'customer', id: cast.customer };
      const body = { author, type: 'text', text, idempotency_key: text };
      for (;;) {
        const answer = await cast.api.post(`/v1/conversations/${id}/messages`, body);
        if (answer.status === 201) {
          acknowledged.set(answer.body.seq, text);
          break;
        }
        expect(problem(answer)).toEqual({ status: 503, code: 'unavailable' });
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  };
  const clients = Promise.all(Array.from({ length: 8 }, (_, c) => client(c)));
  for (let i = 0; i < 6; i++) {
    await new Promise((resolve) => setTimeout(resolve, 350));
    await cut();
  }
  isCut = false;
  await clients;
  // The sessions that answer reads come back by themselves, as those of writes do.
  await until(async () => (await cast.api.get(`/v1/conversations/${id}/messages`)).status === 200);
  const texts: string[] = [];
  for (let cursor = ''; ; ) {
    const { body } = await cast.api.get(`/v1/conversations/${id}/messages?limit=1000${cursor}`);
    texts.push(...body.data.map((m: { seq: number; text: string }) => `${m.seq} ${m.text}`));
    if (body.next_cursor === null) break;
    cursor = `&cursor=${body.next_cursor}`;
  }
  const expected = [...acknowledged].sort(([a], [b]) => a - b).map(([seq, text]) => `${seq} ${text}`);
  expect(texts).toEqual(expected);
  expect(expected.length).toBeGreaterThan(50);
}, 120_000);
