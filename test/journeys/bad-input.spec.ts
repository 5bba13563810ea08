import { connect } from 'node:net';
import { type Answer, type Cast, conversationWith, created, Journey, problem } from './journey.js';

let journey: Journey;
let cast: Cast;
let conversation: string;
/** The events of the workspace: what is refused must add none. */
let count: () => Promise<number>;

beforeAll(async () => {
  journey = await Journey.begin();
  cast = await journey.cast();
  conversation = created(await conversationWith(cast)).id;
  const { default: pg } = await import('pg');
  count = async () => {
    const client = new pg.Client({ connectionString: journey.database.url });
    await client.connect();
    const { rows } = await client.query('select count(*) as n from log.events where workspace = $1', [
      cast.workspace.slice(4),
    ]);
    await client.end();
    return Number(rows[0].n);
  };
});
afterAll(() => journey.end());

let before = 0;
beforeEach(async () => {
  before = await count();
});
afterEach(async () => {
  expect(await count()).toBe(before);
});

const INVALID = { status: 400, code: 'invalid_request' };
const MALFORMED = { status: 400, code: 'malformed_request' };
const posting = (raw: string | Buffer, headers = {}): Promise<Answer> =>
  cast.api.post('/v1/customers', {}, { raw, headers: { 'idempotency-key': 'bad', ...headers } });
const pointers = ({ body }: Answer) => body.errors.map((error: { pointer: string }) => error.pointer);

describe('a body', () => {
  it.each([
    ['{', MALFORMED],
    ['', INVALID],
    ['null', INVALID],
    ['[]', INVALID],
    ['"text"', INVALID],
    ['{"external_id":"a","name":"b"} x', MALFORMED],
    [`${'['.repeat(100_000)}`, MALFORMED],
  ])('%.20s is refused', async (raw, expected) => {
    expect(problem(await posting(raw))).toEqual(expected);
  });

  it('does not come back in what is said of it', async () => {
    const answer = await posting('{"name":"Lovelace" oops');
    expect(problem(answer)).toEqual(MALFORMED);
    expect(JSON.stringify(answer.body)).not.toContain('Lovelace');
  });

  it('that is not UTF-8 is refused', async () => {
    const raw = Buffer.concat([
      Buffer.from('{"external_id":"a","name":"'),
      Buffer.from([0xff, 0xfe]),
      Buffer.from('"}'),
    ]);
    expect(problem(await posting(raw))).toEqual(MALFORMED);
  });

  it.each([
    ['a NUL', { external_id: 'a', name: 'a\u0000b' }, '/body/name'],
    ['half a surrogate pair', { external_id: 'a', name: '\ud83d' }, '/body/name'],
    ['an empty name', { external_id: 'a', name: '' }, '/body/name'],
    ['a name too long', { external_id: 'a', name: 'x'.repeat(201) }, '/body/name'],
    ['an external id too long', { external_id: 'x'.repeat(256), name: 'a' }, '/body/external_id'],
    ['a number for a name', { external_id: 'a', name: 7 }, '/body/name'],
    ['null for a name', { external_id: 'a', name: null }, '/body/name'],
    ['no name', { external_id: 'a' }, '/body/name'],
    ['an unknown field', { external_id: 'a', name: 'b', nick: 'c' }, '/body/nick'],
    ['__proto__', JSON.parse('{"external_id":"a","name":"b","__proto__":{"x":1}}'), '/body/__proto__'],
  ])('with %s is refused, with its place', async (_, body, pointer) => {
    const answer = await cast.api.post('/v1/customers', body, { headers: { 'idempotency-key': 'bad' } });
    expect(problem(answer)).toEqual(INVALID);
    expect(pointers(answer)).toEqual([pointer]);
  });

  it('with several faults is told all of them', async () => {
    const answer = await cast.api.post('/v1/conversations?x=1', { customer_id: 'cus_1', channel: 'E Mail', title: '' });
    expect(problem(answer)).toEqual(INVALID);
    expect([...new Set(pointers(answer))].sort()).toEqual([
      '/body/channel',
      '/body/customer_id',
      '/body/title',
      '/query/x',
    ]);
  });

  it.each([
    ['author', { author: { type: 'alien', id: 'x' }, type: 'text', text: 'a' }, '/body/author'],
    [
      'author’s id of another kind',
      { author: { type: 'user', id: 'cus_1' }, type: 'text', text: 'a' },
      '/body/author/id',
    ],
    ['type', { author: { type: 'system', id: 'crm' }, type: 'image', text: 'a' }, '/body/type'],
    ['text', { author: { type: 'system', id: 'crm' }, type: 'text', text: '' }, '/body/text'],
    ['long text', { author: { type: 'system', id: 'crm' }, type: 'text', text: 'x'.repeat(100_001) }, '/body/text'],
  ])('of a message with a wrong %s is refused', async (_, body, pointer) => {
    const answer = await cast.api.post(`/v1/conversations/${conversation}/messages`, body);
    expect(problem(answer)).toEqual(INVALID);
    expect(pointers(answer)[0]).toMatch(new RegExp(`^${pointer}`));
  });

  it('of more than 1 MiB is refused', async () => {
    expect(problem(await posting(JSON.stringify({ x: 'x'.repeat(1024 * 1024) })))).toEqual({
      status: 413,
      code: 'body_too_large',
    });
  });

  it('of 50 MB is refused before it was read', async () => {
    // By hand: fetch fails with a broken pipe where the answer comes before the end of the body.
    const { hostname, port } = new URL(journey.url);
    const socket = connect(Number(port), hostname);
    const started = Date.now();
    socket.on('error', () => undefined);
    let head = '';
    const answered = new Promise<void>((resolve) => {
      socket.on('data', (chunk) => {
        head += chunk.toString('latin1');
        // The head may come before the body.
        if (head.includes('body_too_large')) resolve();
      });
      socket.on('close', () => resolve());
    });
    socket.write(
      `POST /v1/customers HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${cast.api.key}\r\n` +
        `content-type: application/json\r\ncontent-length: ${50_000_000}\r\n\r\n{"external_id":"`,
    );
    await answered;
    expect(head).toMatch(/^HTTP\/1\.1 413 /);
    expect(head).toContain('body_too_large');
    expect(Date.now() - started).toBeLessThan(10_000);
    socket.destroy();
  });

  it('that is sent in chunks without a length, and never ends, is refused at 1 MiB', async () => {
    const { hostname, port } = new URL(journey.url);
    const socket = connect(Number(port), hostname);
    socket.on('error', () => undefined);
    let head = '';
    const answered = new Promise<void>((resolve) => {
      socket.on('data', (chunk) => {
        head += chunk.toString('latin1');
        resolve();
      });
      socket.on('close', () => resolve());
    });
    socket.write(
      `POST /v1/customers HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${cast.api.key}\r\n` +
        'content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n',
    );
    const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
    for (let i = 0; i < 20; i++) socket.write(chunk);
    await answered;
    expect(head).toMatch(/^HTTP\/1\.1 413 /);
    socket.destroy();
  });

  it.each(['text/plain', 'application/xml', 'application/x-www-form-urlencoded', 'multipart/form-data', 'nonsense'])(
    'as %s is refused',
    async (type) => {
      expect(problem(await posting('{"external_id":"a","name":"b"}', { 'content-type': type }))).toEqual({
        status: 415,
        code: 'unsupported_media_type',
      });
    },
  );

  it('that was refused is not kept under its idempotency key', async () => {
    await posting('{"external_id":"a"}');
    const good = await posting('{"external_id":"a","name":"b"}');
    expect([good.status, good.headers.get('idempotency-replayed')]).toEqual([201, null]);
    before = await count();
  });
});

describe('a path', () => {
  it('that is not there is told so', async () => {
    for (const path of ['/v1/nothing', '/v1', '/v2/customers', '/v1/customers/x/y']) {
      expect(problem(await cast.api.get(path))).toEqual({ status: 404, code: 'not_found' });
    }
  });

  it('that cannot be decoded is refused', async () => {
    for (const path of ['/%', '/v1/customers/%zz']) expect(problem(await cast.api.get(path))).toEqual(MALFORMED);
  });

  it.each(['PUT', 'PATCH', 'DELETE'])('is not taken with %s, and says what is', async (method) => {
    const answer = await cast.api.send(method, '/v1/customers');
    expect(problem(answer)).toEqual({ status: 405, code: 'method_not_allowed' });
    expect(answer.headers.get('allow')!.split(', ').sort()).toEqual(['GET', 'POST']);
  });

  it('that is a word where others have an id takes what it takes, and nothing of theirs', async () => {
    for (const [method, path] of [
      ['GET', '/v1/conversations/search'],
      ['GET', `/v1/webhook_endpoints/whe_${'0'.repeat(32)}/dead_letters/redrive`],
    ] as const) {
      const answer = await cast.api.send(method, path);
      expect([path, problem(answer), answer.headers.get('allow')]).toEqual([
        path,
        { status: 405, code: 'method_not_allowed' },
        'POST',
      ]);
    }
  });

  it.each([
    'x',
    'conv_1',
    `conv_${'0'.repeat(32)}`,
    `cus_${'0'.repeat(32)}`,
    `conv_${'A'.repeat(32)}`,
    'a'.repeat(190),
  ])('with %.20s for an id is refused', async (id) => {
    expect(problem(await cast.api.get(`/v1/conversations/${id}`))).toEqual(INVALID);
  });

  it('with an id that does not exist is not found', async () => {
    const unknown = conversation.slice(0, -4) + (conversation.endsWith('0000') ? '1111' : '0000');
    expect(problem(await cast.api.get(`/v1/conversations/${unknown}`))).toEqual({ status: 404, code: 'not_found' });
  });

  // Streams lie in the store by uuid alone.
  it('with the uuid of something else finds nothing, and changes nothing', async () => {
    for (const other of [cast.customer, cast.user, cast.aiAgent]) {
      const disguised = `conv_${other.slice(4)}`;
      const answers = [
        await cast.api.get(`/v1/conversations/${disguised}`),
        await cast.api.get(`/v1/conversations/${disguised}/messages`),
        await cast.api.get(`/v1/conversations/${disguised}/events`),
        await cast.api.get(`/v1/conversations/${disguised}/events?type=message.created`),
        await cast.api.post(`/v1/conversations/${disguised}/close`),
        await cast.api.post(`/v1/conversations/${disguised}/assign`, { assignee: { type: 'user', id: cast.user } }),
        await cast.api.get(`/v1/analytics/conversations/${disguised}`),
      ];
      expect(answers.map(problem)).toEqual(answers.map(() => ({ status: 404, code: 'not_found' })));
    }
    const wrongKind = await conversationWith({ ...cast, customer: `cus_${conversation.slice(5)}` });
    expect(problem(wrongKind)).toEqual({ status: 404, code: 'unknown_reference' });
  });

  it('names something that does not exist', async () => {
    const nobody = cast.user.slice(0, -4) + (cast.user.endsWith('0000') ? '1111' : '0000');
    const at = `/v1/conversations/${conversation}`;
    const author = { type: 'user', id: nobody };
    const answers = [
      await cast.api.post('/v1/conversations', { customer_id: `cus_${nobody.slice(4)}`, channel: 'email' }),
      await cast.api.post(`${at}/messages`, { author, type: 'text', text: 'a' }),
      await cast.api.post(`${at}/assign`, { assignee: author }),
    ];
    expect(answers.map(problem)).toEqual(answers.map(() => ({ status: 404, code: 'unknown_reference' })));
  });
});

describe('a query', () => {
  it.each([
    'limit=0',
    'limit=1001',
    'limit=x',
    'limit=1.5',
    'limit=',
    'limit=1&limit=2',
    'nothing=1',
    'cursor=',
    'cursor=%00',
  ])('%s is refused', async (query) => {
    expect(problem(await cast.api.get(`/v1/customers?${query}`))).toEqual(INVALID);
  });

  it.each(['status=broken', 'assignee=nobody', 'customer=cus_1', 'channel=E', 'external_id='])(
    'of conversations with %s is refused',
    async (query) => {
      expect(problem(await cast.api.get(`/v1/conversations?${query}`))).toEqual(INVALID);
    },
  );

  it('with a NUL, or with what is not UTF-8, is refused', async () => {
    for (const query of ['external_id=%00', 'external_id=a%00b']) {
      expect(problem(await cast.api.get(`/v1/customers?${query}`))).toEqual(INVALID);
    }
    expect((await cast.api.get('/v1/customers?external_id=%ff')).status).toBeLessThan(500);
  });
});

describe('a header', () => {
  it.each(['abc', '"x"', '-1', '"1", "2"', '1"', '1'.repeat(16)])('If-Match: %s is refused', async (value) => {
    const answer = await cast.api.post(
      `/v1/conversations/${conversation}/close`,
      {},
      { headers: { 'if-match': value } },
    );
    expect(problem(answer)).toEqual(INVALID);
    expect(pointers(answer)).toEqual(['/header/If-Match']);
  });

  it('Idempotency-Key that is too long, or not the one in the body, is refused', async () => {
    const body = { external_id: 'a', name: 'b' };
    const long = await cast.api.post('/v1/customers', body, { headers: { 'idempotency-key': 'x'.repeat(256) } });
    const other = await cast.api.post(
      '/v1/customers',
      { ...body, idempotency_key: 'a' },
      { headers: { 'idempotency-key': 'b' } },
    );
    expect([long, other].map(problem)).toEqual([INVALID, INVALID]);
  });

  it.each([undefined, 'Basic YTpi', 'Bearer', 'Bearer x', `Bearer hdl_${'a'.repeat(51)}`, 'Bearer a b'])(
    'Authorization: %s is refused',
    async (authorization) => {
      const response = await fetch(`${journey.url}/v1/customers`, authorization ? { headers: { authorization } } : {});
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toBe('Bearer');
      expect(await response.json()).toMatchObject({ code: 'unauthenticated' });
    },
  );
});
