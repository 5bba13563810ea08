import pg from 'pg';
import { FeedReader } from './event-lines.js';
import { type Cast, conversationWith, created, Journey, messageTo } from './journey.js';

let journey: Journey;
let cast: Cast;
let id: string;

beforeAll(async () => {
  // An installation of its own.
  journey = await Journey.begin({ quota: 100_000 });
  cast = await journey.cast();
  id = created(await conversationWith(cast)).id;
}, 120_000);
afterAll(() => journey.end());

// biome-ignore lint/suspicious/noExplicitAny: looked at from outside, where nothing is known of its type.
const all = async (): Promise<any[]> => (await cast.api.get('/v1/events?limit=1000')).body.data;
const idsOf = (events: { id: string }[]) => events.map(({ id: event }) => event);

it('ends with the process, says from where to go on, and has everything once after it', async () => {
  const reader = await FeedReader.open(cast.api, { query: { since: 'beginning' } });
  for (let n = 0; n < 5; n++) await messageTo(id, cast, `Before ${n}`);
  await reader.heardAll(idsOf(await all()));
  await journey.restart(async () => {
    await reader.heardType('closed');
  });
  expect(reader.lines.at(-1)).toEqual({ type: 'closed', reason: 'shutdown', cursor: reader.events.at(-1).cursor });
  await messageTo(id, cast, 'After');
  const next = await FeedReader.open(cast.api, { query: { since: reader.cursor! } });
  const now = await all();
  await next.heardAll(idsOf(now.slice(-1)));
  expect([...reader.events, ...next.events]).toEqual(now);
  next.cut();
}, 120_000);

it('waits for an index that lags, and gives what it lacked in its place', async () => {
  const admin = new pg.Client({ connectionString: journey.database.url });
  await admin.connect();
  // Nobody moves the index's cursor meanwhile.
  await admin.query('begin');
  await admin.query("select from events.projections where name = 'entries' for update");
  for (let n = 0; n < 3; n++) await messageTo(id, cast, `Not found yet ${n}`);
  const reader = await FeedReader.open(cast.api, { query: { since: 'beginning' } });
  await messageTo(id, cast, 'Live');
  expect(reader.events).toEqual([]);
  // A list waits 5 s.
  const list = cast.api.get('/v1/events?order=desc&limit=1');
  await admin.query('commit');
  await admin.end();
  expect((await list).body.data).toHaveLength(1);
  const now = await all();
  await reader.heardAll(idsOf(now));
  expect(reader.events).toEqual(now);
  reader.cut();
}, 120_000);

it('begins at no time before the index has come to the end of the log: it would leave out what the index lacks', async () => {
  const admin = new pg.Client({ connectionString: journey.database.url });
  await admin.connect();
  await all();
  const since = new Date().toISOString();
  await admin.query('begin');
  await admin.query("select from events.projections where name = 'entries' for update");
  await messageTo(id, cast, 'Recorded since, and not found yet');
  await expect(FeedReader.open(cast.api, { query: { since } })).rejects.toThrow('503');
  await admin.query('commit');
  await admin.end();
  const now = await all();
  const reader = await FeedReader.open(cast.api, { query: { since } });
  await reader.heardAll(idsOf(now.slice(-1)));
  expect(reader.events).toEqual(now.slice(-1));
  reader.cut();
}, 120_000);
