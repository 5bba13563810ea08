import { request } from 'node:http';
import { until } from '../../libs/platform/testing/until.js';
import { FeedReader } from './event-lines.js';
import { type Cast, conversationWith, created, Journey, messageTo, problem } from './journey.js';

let journey: Journey;
let cast: Cast;
const readers: FeedReader[] = [];

beforeAll(async () => {
  journey = await Journey.begin();
}, 120_000);
afterAll(() => journey.end());
beforeEach(async () => {
  cast = await journey.cast();
});
afterEach(() => {
  for (const reader of readers.splice(0)) reader.cut();
});

const open = async (asked: Parameters<typeof FeedReader.open>[1], client = cast.api) => {
  const reader = await FeedReader.open(client, asked);
  readers.push(reader);
  return reader;
};

/** The events of a conversation, as its own list has them. */
const eventsOf = async (conversation: string) =>
  (await cast.api.get(`/v1/conversations/${conversation}/events?limit=1000`)).body.data;

it('goes from the first event to what happens now, in lines and as server-sent events', async () => {
  const id = created(await conversationWith(cast)).id;
  for (let n = 0; n < 5; n++) await messageTo(id, cast, `Message ${n}`);
  const before = await eventsOf(id);
  const [lines, sse] = [
    await open({ query: { since: 'beginning' } }),
    await open({ query: { since: 'beginning' }, sse: true }),
  ];
  expect(lines.response.headers['content-type']).toBe('application/x-ndjson');
  expect(sse.response.headers['content-type']).toBe('text/event-stream');
  // biome-ignore lint/suspicious/noExplicitAny: looked at from outside.
  const ids = (events: any[]) => events.map(({ id: event }: { id: string }) => event);
  await lines.heardAll(ids(before));
  await messageTo(id, cast, 'And one more');
  const all = await eventsOf(id);
  for (const reader of [lines, sse]) {
    await reader.heardAll(ids(all));
    const ofConversation = reader.events.filter(({ stream }) => stream === id);
    expect(ofConversation.map(({ cursor, ...event }) => event)).toEqual(all);
    const positions = reader.events.map(({ position }) => position);
    expect(positions).toEqual([...new Set(positions)].sort((a, b) => a - b));
  }
  expect(sse.events).toEqual(lines.events);
});

it('begins wherever it is told to, and goes on from a cursor in whichever way it is sent', async () => {
  const id = created(await conversationWith(cast)).id;
  for (let n = 0; n < 3; n++) await messageTo(id, cast, `Message ${n}`);
  const all = (await cast.api.get('/v1/events?limit=1000')).body.data;
  const after = all.slice(-2);
  const { cursor, recorded_at } = all.at(-3);
  const asked: [Parameters<typeof FeedReader.open>[1], typeof all][] = [
    [{ query: { since: 'beginning' } }, all],
    [{ query: { since: 'now-1h' } }, all],
    // biome-ignore lint/suspicious/noExplicitAny: looked at from outside.
    [{ query: { since: recorded_at } }, all.filter((event: any) => event.recorded_at >= recorded_at)],
    [{ query: { since: cursor } }, after],
    [{ query: { since: 'beginning' }, sse: true, lastEventId: cursor }, after],
    [{ query: { since: 'now' } }, []],
    [{}, []],
  ];
  const opened = await Promise.all(asked.map(async ([how, wanted]) => [await open(how), wanted] as const));
  const last = created(await messageTo(id, cast, 'The last')).id;
  for (const [reader, wanted] of opened) {
    await until(() => reader.events.at(-1)?.data.message_id === last);
    expect(reader.events.slice(0, -1)).toEqual(wanted);
  }
});

it('is told where it begins, and goes on from there when it is cut off before its first event', async () => {
  const id = created(await conversationWith(cast)).id;
  await messageTo(id, cast, 'Before');
  const ways: Parameters<typeof FeedReader.open>[1][] = [
    { query: { since: 'now' } },
    { sse: true },
    { query: { since: 'now-0s', type: 'message.*' } },
  ];
  for (const asked of ways) {
    const reader = await open(asked);
    await until(() => reader.cursor !== undefined && reader.cursor !== '');
    reader.cut();
    const { id: missed } = created(await messageTo(id, cast, 'While nobody read'));
    const next = await open({ query: { since: reader.cursor! } });
    await until(() => next.events.length > 0);
    expect(next.events.map(({ data }) => data.message_id)).toEqual([missed]);
  }
});

it('is told from any cut on what it has not heard, in the order of the log', async () => {
  const id = created(await conversationWith(cast)).id;
  const heard: string[] = [];
  let cursor: string | undefined;
  const saying = (async () => {
    for (let n = 0; n < 30; n++) await messageTo(id, cast, `Message ${n}`);
  })();
  for (let cuts = 0; cuts < 12; cuts++) {
    const reader = await open({ query: { since: cursor ?? 'beginning' }, sse: cuts % 2 === 1 });
    await new Promise((resolve) => setTimeout(resolve, 5 + ((cuts * 7) % 20)));
    reader.cut();
    heard.push(...reader.events.map(({ id: event }) => event));
    cursor = reader.events.at(-1)?.cursor ?? cursor;
  }
  await saying;
  // biome-ignore lint/suspicious/noExplicitAny: looked at from outside.
  const all = (await cast.api.get('/v1/events?limit=1000')).body.data.map((event: any) => event.id);
  const rest = await open({ query: { since: cursor ?? 'beginning' } });
  await until(() => heard.length + rest.events.length >= all.length);
  expect([...heard, ...rest.events.map(({ id: event }) => event)]).toEqual(all);
});

it('gives each reader what its filter means, history and live alike', async () => {
  const [one, two] = [created(await conversationWith(cast)).id, created(await conversationWith(cast)).id];
  const other = created(await cast.api.post('/v1/customers', { external_id: 'other', name: 'Other' })).id;
  const third = created(await conversationWith({ ...cast, customer: other })).id;
  await messageTo(one, cast, 'Before');
  const filters: Record<string, string>[] = [
    { type: 'message.*' },
    { type: 'conversation.updated,customer.merged' },
    { conversation: one },
    { customer: cast.customer },
    { customer: other, type: 'message.created' },
    { actor: 'root' },
    { activity: 'invoice.*' },
  ];
  const opened = await Promise.all(
    filters.map(async (query) => [await open({ query: { since: 'beginning', ...query } }), query] as const),
  );
  await messageTo(one, cast, 'After');
  const fourth = created(await conversationWith(cast)).id;
  await messageTo(fourth, cast, 'In one that began meanwhile');
  await messageTo(third, { ...cast, customer: other }, 'Another’s');
  await cast.api.send('PATCH', `/v1/conversations/${two}`, { priority: 'high' });
  for (const type of ['invoice.paid', 'ordered'])
    await cast.api.post('/v1/events', { type, subject: { customer: { id: cast.customer } }, data: {} });
  for (const [reader, query] of opened) {
    const wanted = (await cast.api.get(`/v1/events?${new URLSearchParams({ limit: '1000', ...query })}`)).body.data;
    // biome-ignore lint/suspicious/noExplicitAny: looked at from outside.
    await reader.heardAll(wanted.map(({ id }: any) => id));
    expect([query, reader.events]).toEqual([query, wanted]);
  }
});

it('gives a customer’s reader what others bring who are merged into them', async () => {
  const other = created(await cast.api.post('/v1/customers', { external_id: 'other', name: 'Other' })).id;
  const theirs = created(await conversationWith({ ...cast, customer: other })).id;
  const mine = created(await conversationWith(cast)).id;
  const reader = await open({ query: { customer: cast.customer } });
  const { id: first } = created(await messageTo(mine, cast, 'Mine, so that it is live'));
  await reader.heardType('message.created');
  await messageTo(theirs, { ...cast, customer: other }, 'Not yet');
  await cast.api.post(`/v1/customers/${other}/merge`, { into_id: cast.customer });
  await until(() => reader.of('customer.merged').length === 1);
  const { id } = created(await messageTo(theirs, { ...cast, customer: other }, 'Now'));
  await reader.heardType('message.created', 2);
  expect(reader.of('message.created').map(({ data }) => data.message_id)).toEqual([first, id]);
});

it('tells who types and who is there, marked as not on the log', async () => {
  const [one, two] = [created(await conversationWith(cast)).id, created(await conversationWith(cast)).id];
  const [all, ofOne, ofCustomer, messages, typing] = [
    await open({}),
    await open({ query: { conversation: one }, sse: true }),
    await open({ query: { customer: cast.customer } }),
    await open({ query: { type: 'message.created' } }),
    await open({ query: { type: 'message.created,typing' } }),
  ] as const;
  const party = { type: 'user', id: cast.user };
  const last = created(await messageTo(one, cast, 'All are live')).id;
  for (const reader of [all, ofOne, ofCustomer, messages, typing]) {
    await until(() => reader.events.at(-1)?.data.message_id === last);
  }
  await cast.api.post(`/v1/conversations/${two}/typing`, { party });
  await cast.api.post(`/v1/conversations/${one}/presence`, { party });
  await until(() => [all, ofCustomer].every((reader) => reader.of('presence').length === 1));
  await ofOne.heardType('presence');
  // Another process may serve it, and be told a moment later.
  await typing.heardType('typing');
  const [line] = all.of('typing');
  expect(line).toEqual({ type: 'typing', transient: true, stream: two, data: expect.objectContaining({ party }) });
  const heard = (reader: FeedReader) => [reader.of('typing').length, reader.of('presence').length];
  expect([all, ofOne, ofCustomer, messages, typing].map(heard)).toEqual([
    [1, 1],
    [0, 1],
    [1, 1],
    [0, 0],
    [1, 0],
  ]);
});

it('says what it does not take before it begins', async () => {
  const stranger = await journey.cast();
  const { cursor } = (await stranger.api.get('/v1/events?limit=1')).body.data[0];
  const answers = await Promise.all(
    [
      `since=${cursor}`,
      'since=AQAAAA',
      'since=yesterday:noon',
      'type=message.invented',
      'conversation=conv_1',
      'limit=3',
    ].map((query) => cast.api.get(`/v1/events/stream?${query}`)),
  );
  expect(answers.map(problem)).toEqual([
    { status: 400, code: 'invalid_cursor' },
    { status: 400, code: 'invalid_cursor' },
    { status: 422, code: 'invalid_value' },
    { status: 422, code: 'invalid_value' },
    { status: 400, code: 'invalid_request' },
    { status: 400, code: 'invalid_request' },
  ]);
});

it('is only its head where only that is asked for', async () => {
  const headers = { authorization: `Bearer ${cast.api.key}` };
  let isClosed = false;
  const asked = request(`${cast.api.url}/v1/events/stream?since=beginning`, { method: 'HEAD', headers, agent: false });
  asked.on('socket', (socket) =>
    socket.on('close', () => {
      isClosed = true;
    }),
  );
  const status = new Promise((resolve) => asked.on('response', ({ statusCode }) => resolve(statusCode)));
  asked.end();
  expect(await status).toBe(200);
  await until(() => isClosed);
});
