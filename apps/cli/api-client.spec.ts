import { ApiClient } from './api-client.js';

type Step = Response | Error | (() => Response);

function refused(): Error {
  return Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNREFUSED' } });
}

function clientFor(steps: Step[]) {
  const sent: { url: string; headers: Headers }[] = [];
  const pauses: number[] = [];
  const client = new ApiClient({
    url: 'http://127.0.0.1:4400',
    key: 'hdl_key',
    fetch: async (url, init) => {
      sent.push({ url: String(url), headers: new Headers(init?.headers) });
      const step = steps[Math.min(sent.length, steps.length) - 1]!;
      if (step instanceof Error) throw step;
      return typeof step === 'function' ? step() : step;
    },
    sleep: async (ms) => pauses.push(ms),
  });
  return { client, sent, pauses };
}

const post = { method: 'POST', path: '/v1/customers', body: '{}', headers: { 'idempotency-key': 'k1' } };
const busy = (status: number, headers: Record<string, string> = {}) => new Response('{}', { status, headers });

describe('A request of the command line', () => {
  it('is sent again with the same key after a broken connection, a 503 and a 429', async () => {
    const { client, sent, pauses } = clientFor([
      refused(),
      busy(503, { 'retry-after': '2' }),
      busy(429, { 'retry-after': '1' }),
      new Response('{"id":"cus_1"}', { status: 201 }),
    ]);
    expect(await client.send(post)).toMatchObject({ status: 201, text: '{"id":"cus_1"}' });
    expect(sent.map(({ headers }) => headers.get('idempotency-key'))).toEqual(['k1', 'k1', 'k1', 'k1']);
    expect(sent[0]!.headers.get('authorization')).toBe('Bearer hdl_key');
    expect(pauses).toEqual([200, 2000, 1000]);
  });

  it('waits for the first one where that is still under way, and takes any other 409 for an answer', async () => {
    const inFlight = '{"code":"request_in_flight"}';
    const waiting = clientFor([new Response(inFlight, { status: 409 }), new Response('{}', { status: 201 })]);
    expect((await waiting.client.send(post)).status).toBe(201);
    const taken = clientFor([new Response('{"code":"external_id_taken"}', { status: 409 })]);
    expect((await taken.client.send(post)).status).toBe(409);
    expect(taken.sent).toHaveLength(1);
  });

  it('gives up after five times, with the last answer or with what to do', async () => {
    const away = clientFor([refused()]);
    await expect(away.client.send(post)).rejects.toThrow(
      'Heddle does not answer at http://127.0.0.1:4400 (ECONNREFUSED): start it with npm start, or set HEDDLE_URL, or HEDDLE_PORT as it was started with.',
    );
    expect(away.sent).toHaveLength(5);
    const full = clientFor([() => busy(503)]);
    expect((await full.client.send(post)).status).toBe(503);
    expect(full.sent).toHaveLength(5);
  });

  it('never waits longer than half a minute, whatever it is told', async () => {
    const { client, pauses } = clientFor([busy(503, { 'retry-after': '86400' }), new Response('{}')]);
    await client.send(post);
    expect(pauses).toEqual([30_000]);
  });

  it('sends again what was answered with a part of the answer', async () => {
    const { client, sent } = clientFor([new Response('{"li'), new Response('{"read":1}\n')]);
    const answer = await client.send({ ...post, isWhole: (text) => text.endsWith('\n') });
    expect(answer.text).toBe('{"read":1}\n');
    expect(sent).toHaveLength(2);
  });

  it('does not send again what the server refused', async () => {
    for (const status of [400, 401, 403, 404, 412, 422, 500]) {
      const { client, sent } = clientFor([new Response('{}', { status })]);
      expect((await client.send(post)).status).toBe(status);
      expect(sent).toHaveLength(1);
    }
  });
});
