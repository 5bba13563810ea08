import pg from 'pg';
import { pino } from 'pino';
import { AppModule } from '../../apps/heddle/app.module.js';
import { type Server, startServer } from '../../libs/platform/runtime/server.js';
import { createTestDatabase, type TestDatabase } from '../../libs/platform/testing/test-database.js';
import { ApiClient, created, messageTo } from './journey.js';

const ROOT_KEY = 'hdlroot_of_groups';
let database: TestDatabase;
let server: Server;
let cast: { api: ApiClient; customer: string };
let conversation: string;

beforeAll(async () => {
  database = await createTestDatabase();
  server = await startServer({
    module: AppModule,
    databaseUrl: database.url,
    rootKey: ROOT_KEY,
    host: '127.0.0.1',
    port: 0,
    version: '0.0.0',
    log: pino({ level: 'silent' }),
    quota: 1_000_000,
  });
  const root = new ApiClient(server.url, ROOT_KEY);
  const { id } = created(await root.post('/v1/workspaces', { name: 'Acme' }));
  const { key } = created(await root.post('/v1/api_keys', { workspace_id: id, name: 'k', scopes: ['*'] }));
  const api = new ApiClient(server.url, key);
  cast = { api, customer: created(await api.post('/v1/customers', { external_id: 'c', name: 'C' })).id };
  const opening = { customer_id: cast.customer, channel: 'email' };
  conversation = created(await api.post('/v1/conversations', opening)).id;
});
afterAll(async () => {
  await server.close();
  await database.drop();
});

/** The events and bytes of each group that came of the work, all of which waited for the store. */
async function groupsOf(work: () => Promise<unknown>, waiting: number): Promise<{ events: number; bytes: number }[]> {
  const groups: { events: number; bytes: number }[] = [];
  const { log } = server.runtime;
  const appended = log.appended.bind(log);
  log.appended = (before, events) => {
    groups.push({ events: events.length, bytes: events.reduce((sum, { payload }) => sum + payload.length, 0) });
    appended(before, events);
  };
  const store = new pg.Client({ connectionString: database.url });
  await store.connect();
  try {
    await store.query('begin; select pg_advisory_xact_lock(4851, 1)');
    const done = work();
    await new Promise((resolve) => setTimeout(resolve, waiting));
    await store.query('commit');
    await done;
  } finally {
    await store.end();
    log.appended = appended;
  }
  return groups;
}

it('holds 1 MiB of text in a group at most', async () => {
  const groups = await groupsOf(async () => {
    const posts = Array.from({ length: 60 }, () => messageTo(conversation, cast, 'x'.repeat(100_000)));
    for (const post of await Promise.all(posts)) created(post);
  }, 1000);
  expect(groups.reduce((sum, { events }) => sum + events, 0)).toBe(60);
  expect(Math.max(...groups.map(({ bytes }) => bytes))).toBeLessThan(1024 * 1024);
});

it('holds about 256 events in a group', async () => {
  const at = new Date(0).toISOString();
  const author = { type: 'customer', id: 'c' };
  const raw = Array.from({ length: 20 }, (_, c) => {
    const messages = Array.from({ length: 99 }, (_, n) => ({ id: `${n}`, at, author, text: 'x' }));
    return `${JSON.stringify({ conversation: `c ${c}`, channel: 'chat', customer: 'c', messages })}\n`;
  }).join('');
  const headers = { 'content-type': 'application/x-ndjson' };
  const groups = await groupsOf(() => cast.api.post('/v1/import', {}, { raw, headers }), 1000);
  expect(groups.reduce((sum, { events }) => sum + events, 0)).toBe(2000);
  const most = Math.max(...groups.map(({ events }) => events));
  // Two conversations, and not the four that waited.
  expect(most).toBe(200);
});
