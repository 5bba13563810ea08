import { randomUUID } from 'node:crypto';
import { type Cast, conversationWith, created, Journey, messageTo, problem } from './journey.js';

let journey: Journey;
let cast: Cast;
beforeAll(async () => {
  journey = await Journey.begin();
  cast = await journey.cast();
});
afterAll(() => journey.end());

const conversation = async (fields: object): Promise<string> => created(await conversationWith(cast, fields)).id;
const view = async (fields: object): Promise<string> => created(await cast.api.post('/v1/views', fields)).id;
const read = async (id: string) => (await cast.api.get(`/v1/views/${id}`)).body;
const members = async (id: string, query = '') => (await cast.api.get(`/v1/views/${id}/conversations${query}`)).body;
const channel = (value: string) => ({ field: 'channel', op: 'is', value });
const NDJSON = { headers: { accept: 'application/x-ndjson' } };

/** The events of a stream, as the store has them: nothing but them keeps a view. */
const typesOf = async (id: string): Promise<string[]> => {
  const { Client } = (await import('pg')).default;
  const admin = new Client({ connectionString: journey.database.url });
  await admin.connect();
  const { rows } = await admin.query('select type from log.events where stream = $1 order by seq', [id.slice(4)]);
  await admin.end();
  return rows.map(({ type }: { type: string }) => type);
};

it('is made, changed by an event for each thing, archived, and made again by its name', async () => {
  const filter = { and: [channel('a'), { not: { field: 'label', op: 'any' } }] };
  const id = await view({ name: 'Unlabelled', filter, sort: 'updated_at', order: 'asc' });
  expect(await read(id)).toMatchObject({
    id,
    name: 'Unlabelled',
    owner_id: null,
    filter,
    sort: 'updated_at',
    order: 'asc',
  });
  const patch = { name: 'All of it', filter: null, sort: 'priority', order: 'desc', archived: true };
  expect((await cast.api.send('PATCH', `/v1/views/${id}`, patch)).status).toBe(200);
  expect(await read(id)).toMatchObject(patch);
  expect(await typesOf(id)).toEqual([
    'view.created',
    'view.renamed',
    'view.filter_changed',
    'view.sort_changed',
    'view.archived',
  ]);
  const again = await cast.api.post('/v1/views', { name: 'ALL OF IT', filter });
  expect([again.status, again.body.id]).toEqual([200, id]);
  expect(await read(id)).toMatchObject({ name: 'ALL OF IT', filter, sort: 'priority', archived: true });
  await cast.api.send('PATCH', `/v1/views/${id}`, { archived: false });
  expect((await typesOf(id)).at(-1)).toBe('view.restored');
});

it('is shared, or a user’s own with names of its own', async () => {
  const shared = await view({ name: 'Mine' });
  const own = await view({ name: 'Mine', owner_id: cast.user });
  expect(own).not.toBe(shared);
  expect((await read(own)).owner_id).toBe(cast.user);
  const list = async (owner: string) =>
    (await cast.api.get(`/v1/views?owner=${owner}`)).body.data.map(({ id }: { id: string }) => id);
  expect(await list(cast.user)).toEqual([own]);
  expect(await list('none')).toContain(shared);
  expect(await list('none')).not.toContain(own);
  const other = await view({ name: 'Other', owner_id: cast.user });
  const renamed = await cast.api.send('PATCH', `/v1/views/${other}`, { name: 'mine' });
  expect(problem(renamed)).toEqual({ status: 409, code: 'external_id_taken' });
  const unknown = await cast.api.post('/v1/views', { name: 'x', owner_id: 'usr_0198f2c0a1b27c3d8e4f5a6b7c8d9e06' });
  expect(problem(unknown)).toEqual({ status: 404, code: 'unknown_reference' });
});

it('lists its members in its order, in pages, and counts them', async () => {
  const made: string[] = [];
  for (const priority of ['low', 'urgent', 'high']) {
    const id = await conversation({ channel: 'listed' });
    await cast.api.send('PATCH', `/v1/conversations/${id}`, { priority });
    made.push(id);
  }
  const [low, urgent, high] = made;
  const id = await view({ name: 'Listed', filter: channel('listed'), sort: 'priority' });
  const first = await members(id, '?limit=2');
  expect(first.data.map((one: { id: string }) => one.id)).toEqual([urgent, high]);
  const rest = await members(id, `?limit=2&cursor=${first.next_cursor}`);
  expect([rest.data.map((one: { id: string }) => one.id), rest.next_cursor]).toEqual([[low], null]);
  const count = await cast.api.get(`/v1/views/${id}/count?group_by=priority`);
  expect(count.body.count).toBe(3);
  expect((await cast.api.get(`/v1/views/${id}/count`)).body).toEqual({ count: 3, groups: null });
  await cast.api.send('PATCH', `/v1/conversations/${low}`, { priority: 'urgent' });
  expect((await members(id)).data.map((one: { id: string }) => one.id)).toEqual([urgent, low, high]);
  // A cursor goes on with the view that it came from, as it was.
  await cast.api.send('PATCH', `/v1/views/${id}`, { order: 'asc' });
  const stale = await cast.api.get(`/v1/views/${id}/conversations?cursor=${first.next_cursor}`);
  expect(problem(stale)).toEqual({ status: 400, code: 'invalid_cursor' });
  const { headers } = await messageTo(high!, cast);
  await cast.api.send('PATCH', `/v1/views/${id}`, { sort: 'last_message_at', order: 'desc' });
  expect((await members(id, `?wait_for=${headers.get('heddle-position')}`)).data[0].id).toBe(high);
});

it('streams all of its members, a line each, to who asks for lines', async () => {
  const made: string[] = [];
  for (let n = 0; n < 30; n++) made.push(await conversation({ channel: 'streamed', title: `Line\n${n}` }));
  const id = await view({ name: 'Streamed', filter: channel('streamed') });
  const answer = await cast.api.get(`/v1/views/${id}/conversations?limit=1`, NDJSON);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/x-ndjson']);
  const lines = (answer.body as string)
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.map((line) => line.id)).toEqual(made.toReversed());
  expect(lines[0]).toEqual((await members(id, '?limit=1')).data[0]);
  for (const accept of ['*/*', 'application/json', 'text/html, */*;q=0.1']) {
    const json = await cast.api.get(`/v1/views/${id}/conversations?limit=1`, { headers: { accept } });
    expect(json.body.data).toHaveLength(1);
  }
  const none = await view({ name: 'Empty', filter: channel('nothing') });
  expect((await cast.api.get(`/v1/views/${none}/conversations`, NDJSON)).body).toBe('');
  const unknown = await cast.api.get('/v1/views/vie_0198f2c0a1b27c3d8e4f5a6b7c8d9e06/conversations', NDJSON);
  expect(problem(unknown)).toEqual({ status: 404, code: 'not_found' });
});

it.each<[string, object, string]>([
  ['part of a title', { field: 'title', op: 'contains', value: 'Ada' }, 'filter_names_person'],
  ['an external id', { not: { field: 'external_id', op: 'is', value: 'ada@example.org' } }, 'filter_names_person'],
  ['too many conditions', { or: Array.from({ length: 101 }, () => channel('x')) }, 'filter_too_complex'],
])('keeps no filter with %s', async (_, filter, code) => {
  expect(problem(await cast.api.post('/v1/views', { name: 'Refused', filter })).code).toBe(code);
  const id = await view({ name: `Kept ${randomUUID()}` });
  expect(problem(await cast.api.send('PATCH', `/v1/views/${id}`, { filter })).code).toBe(code);
  expect((await read(id)).filter).toBeNull();
});

it('keeps values of custom fields that are nobody’s, and that their fields take', async () => {
  const declare = async (key: string, personal: boolean) =>
    created(
      await cast.api.post('/v1/custom_fields', { object: 'conversation', key, kind: 'string', name: key, personal }),
    );
  await declare('plan', false);
  await declare('nickname', true);
  const of = (key: string, value: unknown = 'gold') => ({ field: 'custom_field', key, op: 'is', value });
  const id = await view({ name: 'Gold', filter: of('plan') });
  const gold = await conversation({ channel: 'plans' });
  await cast.api.send('PATCH', `/v1/conversations/${gold}/fields`, { fields: { plan: 'gold' } });
  await conversation({ channel: 'plans' });
  expect((await members(id)).data.map((one: { id: string }) => one.id)).toEqual([gold]);
  for (const [filter, code] of [
    [of('nickname'), 'filter_names_person'],
    [of('nobody'), 'unknown_field'],
    [of('plan', 7), 'field_value_invalid'],
  ] as const) {
    expect(problem(await cast.api.send('PATCH', `/v1/views/${id}`, { filter }))).toEqual({ status: 422, code });
  }
  expect((await read(id)).filter).toEqual(of('plan'));
});
