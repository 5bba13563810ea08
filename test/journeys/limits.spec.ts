import { type Answer, ApiClient, Journey, problem } from './journey.js';

/** More than two busy processes take in the time that they need for them, but on a machine that is busy itself. */
const MANY = 300;
const ROUNDS = 3;

let journey: Journey;
let api: ApiClient;
let other: ApiClient;
beforeAll(async () => {
  // As many as the journey's own requests need at once, and few enough to use up.
  journey = await Journey.begin({ quota: 20 });
  const workspace = await journey.workspace();
  [api, other] = [await journey.client(workspace), await journey.client(workspace)];
});
afterAll(() => journey.end());

/** As long as the refusal asks to wait. */
const retryAfter = ({ headers }: Answer) =>
  new Promise((resolve) => setTimeout(resolve, 1000 * Number(headers.get('retry-after'))));

/** The answers to many requests at once, and to as many more where none was refused. */
async function flood(send: (n: number) => Promise<Answer>): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let round = 0; round < ROUNDS && !answers.some(({ status }) => status === 429); round++) {
    const first = answers.length;
    answers.push(...(await Promise.all(Array.from({ length: MANY }, (_, i) => send(first + i)))));
  }
  return answers;
}

describe('the quota', () => {
  it('is told with every answer', async () => {
    const { headers } = await api.get('/v1/customers');
    expect(headers.get('ratelimit-policy')).toBe('"default";q=20;w=1');
    expect(headers.get('ratelimit')).toMatch(/^"default";r=\d+;t=1$/);
  });

  it('refuses a key that used it up, only that one, and soon no more', async () => {
    const answers = await flood(() => api.get('/v1/customers'));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThan(answers.length);
    expect(problem(refused[0]!)).toEqual({ status: 429, code: 'rate_limited' });
    expect(Number(refused[0]!.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(refused[0]!.headers.get('ratelimit-policy')).toBe('"default";q=20;w=1');
    expect(refused[0]!.headers.get('ratelimit')).toMatch(/^"default";r=0;t=\d+$/);
    expect((await other.get('/v1/customers')).status).toBe(200);
    await retryAfter(refused[0]!);
    expect((await api.get('/v1/customers')).status).toBe(200);
  });

  it('refuses before anything is done', async () => {
    const write = (i: number) => api.post('/v1/customers', { external_id: `${i}`, name: 'X' });
    const answers = await flood(write);
    const done = answers.filter(({ status }) => status === 201).length;
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(answers.length - done);
    await retryAfter(refused[0]!);
    expect((await api.get('/v1/customers?limit=1000')).body.data).toHaveLength(done);
  });

  it('is not asked of the pages that need no key', async () => {
    const answers = await Promise.all(Array.from({ length: 60 }, () => fetch(`${journey.processesOf()[0]}/healthz`)));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
  });
});

describe('a request id', () => {
  it('is on every answer, and the caller’s own where it is a short word', async () => {
    const sent = await other.get('/v1/customers', { headers: { 'x-request-id': 'my-request.1' } });
    expect(sent.headers.get('x-request-id')).toBe('my-request.1');
    const paths = ['/v1/customers', '/v1/nothing', '/v1/conversations/x'];
    for (const path of paths) {
      expect((await other.get(path)).headers.get('x-request-id')).toMatch(/^req_[0-9a-f]{32}$/);
    }
    const long = await other.get('/v1/customers', { headers: { 'x-request-id': 'x'.repeat(65) } });
    expect(long.headers.get('x-request-id')).toMatch(/^req_/);
    const stranger = new ApiClient(journey.url, null);
    expect((await stranger.get('/v1/users')).headers.get('x-request-id')).toMatch(/^req_/);
  });
});

describe('a trace', () => {
  const trace = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

  it('goes in and comes out', async () => {
    const made = await other.post(
      '/v1/customers',
      { external_id: 'traced', name: 'T' },
      { headers: { traceparent: trace } },
    );
    expect(made.headers.get('traceparent')).toBe(trace);
  });

  it('that is none is passed over', async () => {
    for (const traceparent of [
      'nonsense',
      trace.replace('4bf92f3577b34da6a3ce929d0e0e4736', '0'.repeat(32)),
      `${trace}-x`,
    ]) {
      const answer = await other.get('/v1/customers', { headers: { traceparent } });
      expect([answer.status, answer.headers.get('traceparent')]).toEqual([200, null]);
    }
  });
});
