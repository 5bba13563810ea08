import { type IncomingMessage, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { MOST_OF_KEY } from '../../libs/platform/live/reader-shares.js';
import { eventually, until } from '../../libs/platform/testing/until.js';
import { FeedReader } from './event-lines.js';
import { EventSocket, handshake } from './event-socket.js';
import { type ApiClient, type Cast, conversationWith, created, Journey, messageTo, problem } from './journey.js';

let journey: Journey;
let cast: Cast;
let conversation: string;
const opened: EventSocket[] = [];

beforeAll(async () => {
  journey = await Journey.begin();
});
afterAll(() => journey.end());
beforeEach(async () => {
  cast = await journey.cast();
  conversation = created(await conversationWith(cast)).id;
});
afterEach(() => {
  for (const socket of opened.splice(0)) socket.close();
});

async function open(api: Pick<ApiClient, 'url' | 'key'> = cast.api): Promise<EventSocket> {
  const socket = await EventSocket.open(api);
  opened.push(socket);
  return socket;
}

const say = (text: string) => messageTo(conversation, cast, text);
const texts = (events: { data: { text: string } }[]) => events.map(({ data }) => data.text);

it('gives what the stream of lines gives, from the first event to what happens meanwhile', async () => {
  await say('first');
  const lines = await FeedReader.open(cast.api, { query: { since: 'beginning' } });
  const socket = await open();
  await socket.subscribe('all', { since: 'beginning' });
  await say('second');
  const isAll = (events: { data?: { text?: string } }[]) => events.at(-1)?.data?.text === 'second';
  await until(() => isAll(socket.events('all')) && isAll(lines.lines));
  expect(socket.events('all').map(({ subscription: _, ...line }) => line)).toEqual(lines.lines);
  lines.cut();
});

it('gives several subscriptions of one connection each what is theirs, with a place of its own', async () => {
  await say('before');
  const socket = await open();
  await socket.subscribe('new', { filter: { type: 'message.created' } });
  await socket.subscribe('all', { since: 'beginning', filter: { conversation } });
  await socket.subscribe('closed', { filter: { type: 'conversation.closed' } });
  await say('after');
  await cast.api.post(`/v1/conversations/${conversation}/close`);
  await until(() => ['closed', 'new', 'all'].every((name, n) => socket.events(name).length === [1, 1, 4][n]));
  expect(texts(socket.events('new'))).toEqual(['after']);
  expect(socket.events('all').map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
  const { cursor } = socket.events('all')[1]!;
  await socket.subscribe('rest', { since: cursor, filter: { conversation } });
  await until(() => socket.events('rest').length === 2);
  expect(socket.events('rest').map(({ seq }) => seq)).toEqual([3, 4]);
});

it('has no more under way than the window, and goes on with what is acknowledged', async () => {
  for (let n = 0; n < 5; n++) await say(`${n}`);
  const socket = await open();
  await socket.subscribe('a', { since: 'beginning', filter: { conversation }, window: 2 });
  const seqs = () => socket.events('a').map(({ seq }) => seq);
  await until(() => seqs().length === 2);
  await say('live');
  await sleep(200);
  expect(seqs()).toEqual([1, 2]);
  socket.ack('a', socket.events('a')[0]!.cursor);
  await until(() => seqs().length === 3);
  socket.ack('a');
  await until(() => seqs().length === 5);
  socket.ack('a');
  await until(() => seqs().length === 7);
  expect(seqs()).toEqual([1, 2, 3, 4, 5, 6, 7]);
  socket.ack('a');
  await say('more');
  await until(() => seqs().length === 8);
  expect(socket.of('error')).toEqual([]);
});

it('goes on with one history as soon as what it has of another is acknowledged', async () => {
  const subject = { conversation: { id: conversation } };
  const row = { type: 'parcel.moved', subject, data: { text: 'x'.repeat(600) } };
  expect((await cast.api.post('/v1/events', { events: Array(900).fill(row) })).status).toBe(200);
  const socket = await open();
  const names = ['a', 'b', 'c'];
  for (const name of names) await socket.subscribe(name, { since: 'beginning', filter: { conversation }, window: 50 });
  const heard = () => names.map((name) => socket.events(name).length);
  await until(
    () => {
      for (const name of names) if (socket.events(name).length > 0) socket.ack(name);
      return socket.closed !== null || heard().every((count) => count === 901);
    },
    60_000,
    () => `901 of each, where ${heard()} were heard`,
  );
  expect([socket.closed, ...heard()]).toEqual([null, 901, 901, 901]);
}, 240_000);

it('tells of typing without a cursor', async () => {
  const socket = await open();
  await socket.subscribe('a');
  // Who reads history is told of nobody who types: what is heard of the log shows that it is live.
  await say('live');
  await until(() => texts(socket.events('a')).includes('live'));
  const party = { type: 'user', id: cast.user };
  await cast.api.post(`/v1/conversations/${conversation}/typing`, { party });
  expect(await socket.next('typing')).toEqual({
    subscription: 'a',
    type: 'typing',
    transient: true,
    stream: conversation,
    data: expect.objectContaining({ party }),
  });
});

it('ends a subscription, and says where that was', async () => {
  const socket = await open();
  await socket.subscribe('a', { since: 'beginning', filter: { conversation } });
  await until(() => socket.events('a').length === 1);
  const { cursor } = socket.events('a')[0]!;
  socket.say({ type: 'unsubscribe', subscription: 'a' });
  const ended = await socket.next('unsubscribed');
  expect(ended).toEqual({ type: 'unsubscribed', subscription: 'a', cursor: expect.any(String) });
  await say('unheard');
  await socket.subscribe('b', { since: cursor, filter: { conversation } });
  await until(() => socket.events('b').length === 1);
  expect(socket.events('a')).toHaveLength(1);
  socket.say({ type: 'ping' });
  await socket.next('pong');
});

describe('the handshake', () => {
  it('is refused to a key that has as many connections as it may, though nothing is asked for on them', async () => {
    const { key } = await journey.client(await journey.workspace());
    // Each process counts its own.
    const another = { url: journey.processesOf('events')[0]!, key };
    const idle = await Promise.all(Array.from({ length: MOST_OF_KEY }, () => open(another)));
    const refused = await handshake(another);
    expect(problem(refused)).toEqual({ status: 429, code: 'rate_limited' });
    expect(refused.body.detail).toContain(`${MOST_OF_KEY} WebSockets`);
    expect((await handshake({ ...another, key: cast.api.key })).status).toBe(101);
    idle[0]!.close();
    await idle[0]!.end();
    await eventually(async () => expect((await handshake(another)).status).toBe(101));
  });

  it('has the headers of an answer', async () => {
    const answer = await handshake(cast.api, { 'x-request-id': 'mine' });
    expect([answer.status, answer.headers.get('x-request-id')]).toEqual([101, 'mine']);
    for (const name of ['ratelimit', 'ratelimit-policy', 'sec-websocket-accept']) {
      expect([name, answer.headers.get(name)]).toEqual([name, expect.any(String)]);
    }
    expect(answer.headers.get('sec-websocket-extensions')).toBeNull();
  });

  it('is refused by an answer of HTTP', async () => {
    const noReader = await journey.client(cast.workspace, ['conversations:read']);
    expect(problem(await handshake({ url: journey.url, key: null }))).toEqual({
      status: 401,
      code: 'unauthenticated',
    });
    expect(problem(await handshake({ url: journey.url, key: 'hdl_x' }))).toMatchObject({ status: 401 });
    expect(problem(await handshake(noReader))).toEqual({ status: 403, code: 'forbidden' });
    const wrongs: Record<string, string | null>[] = [
      { 'sec-websocket-version': '8' },
      { 'sec-websocket-key': 'short' },
      { 'sec-websocket-key': null },
    ];
    for (const wrong of wrongs) {
      expect(problem(await handshake(cast.api, wrong))).toEqual({ status: 400, code: 'malformed_request' });
    }
  });

  it('is needed: a plain GET is told so, and any other upgrade is an ordinary request', async () => {
    const plain = await cast.api.get('/v1/events/ws');
    expect(problem(plain)).toEqual({ status: 426, code: 'upgrade_required' });
    expect(plain.headers.get('upgrade')).toBe('websocket');
    expect(problem(await journey.root.get('/v1/events/ws'))).toEqual({ status: 403, code: 'forbidden' });
    const other = request(`${journey.url}/v1/schemas`, {
      agent: false,
      headers: { connection: 'Upgrade', upgrade: 'websocket', authorization: `Bearer ${cast.api.key}` },
    });
    const answer = await new Promise<IncomingMessage>((resolve) => {
      other.on('response', resolve);
      other.end();
    });
    expect(answer.statusCode).toBe(200);
    answer.destroy();
  });
});

describe('what is wrong', () => {
  it('is answered with the place of it, and nothing else is disturbed', async () => {
    const stranger = await journey.cast();
    const theirs = await open(stranger.api);
    await theirs.subscribe('a', { since: 'beginning' });
    await until(() => theirs.events('a').length > 0);
    const socket = await open();
    await socket.subscribe('good', { since: 'now' });
    const { cursor } = theirs.events('a')[0]!;
    const asked = [
      [{ type: 'subscribe', subscription: 'a', since: cursor }, 400, 'invalid_cursor', undefined],
      [{ type: 'ack', subscription: 'good', cursor }, 400, 'invalid_cursor', undefined],
      [{ type: 'subscribe', subscription: 'a', since: 'rubbish' }, 400, 'invalid_cursor', undefined],
      [{ type: 'subscribe', subscription: 'a', since: 'now-1x' }, 422, 'invalid_value', '/message/since'],
      [
        { type: 'subscribe', subscription: 'a', filter: { type: 'message.eaten' } },
        422,
        'invalid_value',
        '/message/filter/type',
      ],
      [{ type: 'subscribe', subscription: 'good' }, 422, 'invalid_value', '/message/subscription'],
      [{ type: 'subscribe', subscription: 'a', window: 0 }, 400, 'invalid_request', '/message/window'],
      [{ type: 'ack', subscription: 'a', cursor: 'AQ' }, 422, 'invalid_value', '/message/subscription'],
      [{ type: 'ack', subscription: 'good', cursor: 'AQ' }, 400, 'invalid_cursor', undefined],
    ] as const;
    for (const [n, [message, status, code, pointer]] of asked.entries()) {
      socket.say(message);
      const { problem: told } = await socket.next('error', n + 1);
      expect([told.status, told.code, told.errors?.[0].pointer]).toEqual([status, code, pointer]);
    }
    await say('still there');
    await until(() => texts(socket.events('good')).includes('still there'));
  });

  it('ends the connection where it goes on', async () => {
    const socket = await open();
    await socket.subscribe('a', { since: 'beginning', filter: { conversation } });
    await until(() => socket.events('a').length === 1);
    for (let n = 0; n < 10; n++) socket.say('{');
    expect(await socket.end()).toEqual({ code: 1008, reason: 'too_many_errors' });
    expect(socket.of('error')).toHaveLength(10);
    expect(socket.of('closed')).toEqual([
      {
        subscription: 'a',
        type: 'closed',
        reason: 'too_many_errors',
        cursor: socket.told.findLast((one) => one.cursor).cursor,
      },
    ]);
  });

  it('is a message of bytes, and one that is too long', async () => {
    const [bytes, long] = [await open(), await open()];
    bytes.say(new Uint8Array([1, 2, 3]));
    expect((await bytes.end()).code).toBe(1003);
    long.say('x'.repeat(16 * 1024 + 1));
    expect((await long.end()).code).toBe(1009);
  });
});

it('is opened by a browser with a ticket, once', async () => {
  const made = await cast.api.post('/v1/events/tickets');
  const { ticket } = created(made);
  const socket = await EventSocket.open({ url: journey.url, key: null }, `?ticket=${ticket}`);
  opened.push(socket);
  await socket.subscribe('a', { since: 'beginning', filter: { conversation } });
  await until(() => socket.events('a').length === 1);
  await expect(EventSocket.open({ url: journey.url, key: null }, `?ticket=${ticket}`)).rejects.toThrow();
});

it('ends with its key', async () => {
  const made = await journey.root.post('/v1/api_keys', { workspace_id: cast.workspace, name: 'x', scopes: ['*'] });
  const { id, key } = created(made);
  const socket = await open({ url: journey.url, key });
  await socket.subscribe('a');
  await journey.root.post(`/v1/api_keys/${id}/revoke`, { workspace_id: cast.workspace });
  expect(await socket.end()).toEqual({ code: 1008, reason: 'key_revoked' });
  expect(await socket.next('closed')).toMatchObject({
    subscription: 'a',
    reason: 'key_revoked',
    cursor: expect.any(String),
  });
});
