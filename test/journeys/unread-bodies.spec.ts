import { connect, type Socket } from 'node:net';
import { until } from '../../libs/platform/testing/until.js';
import { ApiClient, created, Journey, problem } from './journey.js';

const BODY_MS = 1200;
let journey: Journey;
let workspace: string;
let api: ApiClient;

beforeAll(async () => {
  journey = await Journey.begin({ bodyMs: BODY_MS });
  workspace = await journey.workspace();
  api = await journey.client(workspace);
});
afterAll(() => journey.end());

/** A connection by hand: what it was told, and whether it still stands. */
class Line {
  readonly socket: Socket;
  told = '';
  closed = false;

  constructor(readonly began = performance.now()) {
    const { hostname, port } = new URL(journey.url);
    this.socket = connect(Number(port), hostname);
    this.socket.on('error', () => undefined);
    this.socket.on('data', (chunk) => {
      this.told += chunk.toString('latin1');
    });
    this.socket.on('close', () => {
      this.closed = true;
    });
  }

  say(...lines: string[]): void {
    this.socket.write(lines.join('\r\n'));
  }

  /** The answer, once its body is there. */
  async answer(): Promise<{ status: number; head: string; body: { code: string; status: number } }> {
    await until(() => /\r\n\r\n.*\}$/s.test(this.told));
    const [head, body] = this.told.split('\r\n\r\n', 2);
    return { status: Number(head!.slice(9, 12)), head: head!.toLowerCase(), body: JSON.parse(body!) };
  }

  async end(): Promise<void> {
    await until(() => this.closed);
  }
}

/** The head of a post whose body is announced and does not come. */
const head = (path: string, key: string | null, more: string[] = ['content-length: 500000']) => [
  `POST ${path} HTTP/1.1`,
  'host: x',
  ...(key === null ? [] : [`authorization: Bearer ${key}`]),
  ...(more.some((header) => header.startsWith('content-type')) ? [] : ['content-type: application/json']),
  ...more,
  '',
  '',
];

describe('a body that need not be read', () => {
  it.each([
    ['without a key', async () => head('/v1/customers', null), 401, 'unauthenticated'],
    ['with an unknown key', async () => head('/v1/customers', `hdl_${'a'.repeat(51)}`), 401, 'unauthenticated'],
    [
      'without the scope',
      async () => head('/v1/customers', (await journey.client(workspace, ['users:read'])).key),
      403,
      'forbidden',
    ],
    ['too large', async () => head('/v1/customers', api.key, ['content-length: 50000000']), 413, 'body_too_large'],
    [
      'of another type',
      async () => head('/v1/customers', api.key, ['content-length: 500000', 'content-type: text/plain']),
      415,
      'unsupported_media_type',
    ],
    ['in chunks', async () => head('/v1/customers', null, ['transfer-encoding: chunked']), 401, 'unauthenticated'],
    ['for a path that is not there', async () => head('/v1/nothing', null), 404, 'not_found'],
    ['for a path that takes GET alone', async () => head('/healthz', null), 404, 'not_found'],
  ])('%s is answered at once, and its connection ends', async (_, request, status, code) => {
    const line = new Line();
    line.say(...(await request()));
    const answer = await line.answer();
    expect([answer.status, answer.body.code, answer.body.status]).toEqual([status, code, status]);
    expect(answer.head).toContain('connection: close');
    // The client goes on sending, and is not read for ever.
    const sending = setInterval(() => line.socket.write('x'.repeat(1000)), 20);
    await line.end();
    clearInterval(sending);
    // As long as a client may need to hear of it, and far from for ever.
    expect(performance.now() - line.began).toBeLessThan(20_000);
  });

  it('of a few MiB is answered also for those who look only after sending it', async () => {
    const raw = Buffer.alloc(3_000_000, 0x20);
    for (const by of [api, new ApiClient(journey.url, null)]) {
      const answer = await by.post('/v1/customers', {}, { raw });
      expect(answer.status).toBe(by === api ? 413 : 401);
    }
  });

  it('that has come ends no connection', async () => {
    const line = new Line();
    const request = head('/v1/customers', api.key, ['content-length: 2']);
    line.say(...request.slice(0, -1), '{}');
    const { status, head: told } = await line.answer();
    expect(status).toBe(400);
    expect(told).not.toContain('connection: close');
    line.told = '';
    line.say(...request.slice(0, -1), '{}');
    expect((await line.answer()).status).toBe(400);
    line.socket.destroy();
  });
});

describe('a body that does not come', () => {
  it.each([
    ['with a length', ['content-length: 100']],
    ['in chunks', ['transfer-encoding: chunked']],
  ])('%s is waited for so long and no longer', async (_, more) => {
    const line = new Line();
    line.say(...head('/v1/customers', api.key, more));
    line.say('5\r\n{"a":\r\n');
    // Byte by byte: what counts is the whole.
    const sending = setInterval(() => line.socket.write('1\r\n \r\n'), 150);
    const { status, head: told, body } = await line.answer();
    clearInterval(sending);
    expect([status, body.status, body.code]).toEqual([408, 408, 'request_timeout']);
    expect(told).toContain('content-type: application/problem+json');
    expect(performance.now() - line.began).toBeGreaterThan(BODY_MS * 0.9);
    await line.end();
  });

  it('for an import is waited for as long as something comes', async () => {
    const line = new Line();
    line.say(...head('/v1/import', api.key, ['content-type: application/x-ndjson', 'transfer-encoding: chunked']));
    // Often, so that a machine which is held up is not taken for a client that says nothing.
    for (let n = 0; n < 18; n++) {
      await new Promise((resolve) => setTimeout(resolve, BODY_MS / 9));
      line.say('1', '\n', '');
    }
    expect(line.closed).toBe(false);
    expect(performance.now() - line.began).toBeGreaterThan(BODY_MS * 1.5);
    await line.end();
    expect(line.told).not.toContain('"read"');
  });
});

describe('a media type', () => {
  const send = (path: string, type: string, raw: string) =>
    api.post(path, {}, { raw, headers: { 'content-type': type } });
  const REFUSED = { status: 415, code: 'unsupported_media_type' };

  it('that is not the operation’s is refused, and the right one is named', async () => {
    const lines = await send('/v1/import', 'application/json', '{}');
    expect(problem(lines)).toEqual(REFUSED);
    expect(lines.body.detail).toContain('application/x-ndjson');
    const json = await send('/v1/customers', 'application/x-ndjson', '{}');
    expect(problem(json)).toEqual(REFUSED);
    expect(json.body.detail).toContain('application/json');
  });

  it('may have parameters and capitals', async () => {
    const raw = '{"external_id":"m","name":"M"}';
    expect((await send('/v1/customers', 'Application/JSON; charset=utf-8', raw)).status).toBe(201);
    expect((await send('/v1/import', 'application/x-ndjson; charset=utf-8', '\n')).status).toBe(200);
  });

  it('is not asked of no body', async () => {
    const customer = created(await api.post('/v1/customers', { external_id: 'n', name: 'N' })).id;
    const { id } = created(await api.post('/v1/conversations', { customer_id: customer, channel: 'email' }));
    expect((await api.send('POST', `/v1/conversations/${id}/close`)).status).toBe(200);
    expect(problem(await api.send('POST', '/v1/customers'))).toEqual({ status: 400, code: 'invalid_request' });
  });

  it('that is missing beside a body is asked for', async () => {
    const line = new Line();
    const [first, ...rest] = head('/v1/import', api.key, ['content-length: 2', 'content-type: none']);
    line.say(first!, ...rest.filter((header) => !header.startsWith('content-type')).slice(0, -1), '{}');
    const { status, body } = await line.answer();
    expect([status, body.code]).toEqual([415, 'unsupported_media_type']);
    await line.end();
  });
});

describe('what is no HTTP', () => {
  it.each([
    ['a word', 'hello\r\n\r\n', 400, 'malformed_request'],
    [
      'headers of 100 KB',
      `GET /v1/customers HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`,
      431,
      'headers_too_large',
    ],
    [
      'a length that is none',
      'POST /v1/customers HTTP/1.1\r\nhost: x\r\ncontent-length: x\r\n\r\n',
      400,
      'malformed_request',
    ],
  ])('%s is told so as a problem', async (_, text, status, code) => {
    const line = new Line();
    line.say(text);
    const answer = await line.answer();
    expect([answer.status, answer.body.status, answer.body.code]).toEqual([status, status, code]);
    expect(answer.head).toContain('content-type: application/problem+json');
    expect(answer.head).toContain('connection: close');
    expect(answer.head).toMatch(/x-request-id: req_[0-9a-f]{32}/);
    await line.end();
  });
});

it('of many rows have so much room at once, and give it back', async () => {
  const large = (bytes: number) => {
    const line = new Line();
    line.say(...head('/v1/events', api.key, [`content-length: ${bytes}`]));
    return line;
  };
  const lines = Array.from({ length: 33 }, () => large(8 * 1024 * 1024));
  await until(() => lines.some(({ told }) => told !== ''));
  expect(lines.map(({ told }) => told.slice(9, 12)).filter((status) => status !== '')).toEqual(['429']);
  await Promise.all(lines.map((line) => line.end()));
  const next = large(2 * 1024 * 1024);
  expect((await next.answer()).status).toBe(408);
});
