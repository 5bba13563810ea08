import pg from 'pg';
import { until } from '../../libs/platform/testing/until.js';
import { FeedReader } from './event-lines.js';
import { ApiClient, type Cast, conversationWith, created, Journey, problem } from './journey.js';

let journey: Journey;
let cast: Cast;
let admin: pg.Client;
const readers: FeedReader[] = [];

beforeAll(async () => {
  journey = await Journey.begin();
  cast = await journey.cast();
  admin = new pg.Client({ connectionString: journey.database.url });
  await admin.connect();
}, 120_000);
afterAll(async () => {
  await admin.end();
  await journey.end();
});
afterEach(() => {
  for (const reader of readers.splice(0)) reader.cut();
});

const nobody = () => new ApiClient(journey.url, null);
const ticketOf = async (api = cast.api): Promise<string> => {
  const { status, body } = await api.post('/v1/events/tickets');
  expect(status).toBe(201);
  return body.ticket;
};
const open = async (ticket: string, more: Record<string, string> = {}) => {
  const reader = await FeedReader.open(nobody(), { sse: true, query: { ticket, ...more } });
  readers.push(reader);
  return reader;
};
const refused = async (ticket: string) => problem(await nobody().get(`/v1/events/stream?ticket=${ticket}`));
const UNAUTHENTICATED = { status: 401, code: 'unauthenticated' };

it('opens one stream, once', async () => {
  const ticket = await ticketOf();
  const reader = await open(ticket, { type: 'conversation.created' });
  const { id } = created(await conversationWith(cast));
  await reader.heardType('conversation.created');
  expect(reader.events.map(({ stream }) => stream)).toEqual([id]);
  expect(await refused(ticket)).toEqual(UNAUTHENTICATED);
});

it('is opened by one of many who try at once', async () => {
  const ticket = await ticketOf();
  const tried = await Promise.allSettled(Array.from({ length: 8 }, () => open(ticket)));
  expect(tried.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

it('is over after a minute, and none that was made up is good', async () => {
  const ticket = await ticketOf();
  const { rows } = await admin.query(
    'select expires_at - now() as left, t::text as row from events.tickets t where workspace = $1',
    [cast.workspace.slice(4)],
  );
  expect(rows.length).toBeGreaterThan(0);
  for (const { left, row } of rows) {
    expect(left.minutes ?? 0).toBeLessThanOrEqual(1);
    expect(row).not.toContain(ticket);
  }
  // Others may have tickets of theirs in the same store.
  await admin.query("update events.tickets set expires_at = now() - interval '1 second' where workspace = $1", [
    cast.workspace.slice(4),
  ]);
  expect(await refused(ticket)).toEqual(UNAUTHENTICATED);
  expect(await refused(`tkt_${'A'.repeat(43)}`)).toEqual(UNAUTHENTICATED);
});

it('is for whoever may read events, and ends with the key that made it', async () => {
  const { workspace } = cast;
  const keyOf = async (scopes: string[]) =>
    created(await journey.root.post('/v1/api_keys', { workspace_id: workspace, name: 'page', scopes }));
  const without = await keyOf(['conversations:read']);
  const forbidden = await new ApiClient(journey.url, without.key).post('/v1/events/tickets');
  expect(problem(forbidden)).toEqual({ status: 403, code: 'forbidden' });

  const key = await keyOf(['events:read']);
  const api = new ApiClient(journey.url, key.key);
  const [ticket, unused] = [await ticketOf(api), await ticketOf(api)];
  const reader = await open(ticket);
  await journey.root.post(`/v1/api_keys/${key.id}/revoke`, { workspace_id: workspace });
  await reader.heardType('closed');
  expect(reader.of('closed')).toEqual([{ type: 'closed', reason: 'key_revoked', cursor: expect.any(String) }]);
  // Each process hears of it on its own; one that has not would open a stream with the ticket, and it would be used up.
  for (const url of journey.processesOf('events')) {
    const revoked = new ApiClient(url, key.key);
    await until(async () => (await revoked.get('/v1/events?limit=1')).status === 401);
  }
  expect(await refused(unused)).toEqual(UNAUTHENTICATED);
});

it('is taken from a page of any origin, and a key is not', async () => {
  const headers = { origin: 'https://shop.example' };
  const path = `/v1/events/stream?ticket=${await ticketOf()}`;
  const asked = {
    ...headers,
    'access-control-request-method': 'GET',
    'access-control-request-headers': 'last-event-id',
  };
  const preflight = await nobody().send('OPTIONS', '/v1/events/stream', undefined, { headers: asked });
  expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([204, '*']);
  expect(preflight.headers.get('access-control-allow-headers')).toContain('last-event-id');
  expect(preflight.headers.get('access-control-allow-methods')).toBe('GET');

  const opened = await fetch(journey.url + path, { headers });
  expect([opened.status, opened.headers.get('access-control-allow-origin')]).toEqual([200, '*']);
  await opened.body!.cancel();
  const again = await nobody().get(path, { headers });
  expect([again.status, again.headers.get('access-control-allow-origin')]).toEqual([401, '*']);
  const byKey = await cast.api.get('/v1/events?limit=1', { headers });
  expect([byKey.status, byKey.headers.get('access-control-allow-origin')]).toEqual([200, null]);
});

it('opens nothing else', async () => {
  const ticket = await ticketOf();
  for (const path of ['/v1/events', '/v1/conversations', '/v1/schemas']) {
    expect([path, problem(await nobody().get(`${path}?ticket=${ticket}`))]).toEqual([path, UNAUTHENTICATED]);
  }
});
