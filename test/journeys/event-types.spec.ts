import { ApiClient, type Cast, created, Journey, problem } from './journey.js';

let journey: Journey;
let cast: Cast;
beforeAll(async () => {
  journey = await Journey.begin();
  cast = await journey.cast();
});
afterAll(() => journey.end());

const paid = (properties: object, required: string[] = []) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});
const AMOUNT = { amount: { type: 'integer', minimum: 0 } };
const FIRST = paid(AMOUNT, ['amount']);
const SECOND = paid({ ...AMOUNT, currency: { enum: ['EUR', 'USD'] } }, ['amount']);

const register = (type: string, schema: object, more: object = {}) =>
  cast.api.post('/v1/event_types', { type, schema, ...more });
const read = async (type: string) => (await cast.api.get(`/v1/event_types/${type}`)).body;
const check = async (type: string, schema: object) =>
  (await cast.api.post(`/v1/event_types/${type}/check`, { schema })).body;
const tell = (type: string, data: unknown, more: object = {}) =>
  cast.api.post('/v1/events', { type, data, subject: { customer: { id: cast.customer } }, ...more });

describe('a type', () => {
  it('is registered, read and listed, with its schema as it was sent', async () => {
    const first = await register('order.placed', FIRST, { description: 'Somebody ordered' });
    expect([first.status, first.body]).toEqual([201, { id: expect.stringMatching(/^ety_/) }]);
    const shown = await cast.api.get('/v1/event_types/order.placed');
    expect(shown.body).toEqual({
      id: first.body.id,
      type: 'order.placed',
      format: 'json_schema',
      description: 'Somebody ordered',
      version: 1,
      archived: false,
      created_at: expect.any(String),
      updated_at: expect.any(String),
      schema: FIRST,
    });
    expect(shown.headers.get('etag')).toBe('"1"');
    const { data } = (await cast.api.get('/v1/event_types')).body;
    expect(data.map((one: { type: string }) => one.type)).toContain('order.placed');
  });

  it('registered again is the same one, in any order of names', async () => {
    const first = await register('order.packed', FIRST);
    const { required, ...rest } = FIRST;
    const again = await register('order.packed', { required, ...rest });
    expect([again.status, again.body]).toEqual([200, first.body]);
    expect((await read('order.packed')).version).toBe(1);
  });

  it('gets a new version where all data stays right, and keeps those before', async () => {
    await register('order.sent', FIRST);
    expect((await register('order.sent', SECOND)).status).toBe(200);
    expect(await read('order.sent')).toMatchObject({ version: 2, schema: SECOND });
    const page = (await cast.api.get('/v1/event_types/order.sent/versions?limit=1')).body;
    expect(page.data).toEqual([{ version: 2, schema: SECOND, created_at: expect.any(String) }]);
    const next = (await cast.api.get(`/v1/event_types/order.sent/versions?limit=1&cursor=${page.next_cursor}`)).body;
    expect(next).toEqual({ data: [expect.objectContaining({ version: 1, schema: FIRST })], next_cursor: null });
  });

  it('gets no version that breaks', async () => {
    await register('order.lost', SECOND);
    const answer = await register('order.lost', FIRST);
    expect(problem(answer)).toEqual({ status: 422, code: 'event_schema_breaks' });
    expect(answer.body.detail).toContain('at /properties/currency, currency may not be there any more');
    const avro = { type: 'record', name: 'Lost', fields: [] };
    expect(problem(await register('order.lost', avro, { format: 'avro' }))).toMatchObject({
      code: 'event_schema_breaks',
    });
    expect((await read('order.lost')).version).toBe(1);
  });

  it('is described, archived and restored', async () => {
    await register('order.held', {});
    const at = '/v1/event_types/order.held';
    expect((await cast.api.send('PATCH', at, { description: 'Waits', archived: true })).status).toBe(200);
    expect(await read('order.held')).toMatchObject({ description: 'Waits', archived: true });
    expect(problem(await tell('order.held', {}))).toEqual({ status: 422, code: 'archived' });
    await cast.api.send('PATCH', at, { archived: false });
    expect((await tell('order.held', {})).status).toBe(201);
    const listed = (await cast.api.get('/v1/event_types?archived=true')).body.data;
    expect(listed.map((one: { type: string }) => one.type)).not.toContain('order.held');
  });

  it('of another workspace is not there', async () => {
    await register('order.ours', FIRST);
    const other = await journey.cast();
    expect(problem(await other.api.get('/v1/event_types/order.ours'))).toEqual({ status: 404, code: 'not_found' });
    expect(problem(await other.api.post('/v1/event_types/order.ours/check', { schema: {} }))).toEqual({
      status: 404,
      code: 'not_found',
    });
    expect(problem(await other.api.send('PATCH', '/v1/event_types/order.ours', { archived: true }))).toEqual({
      status: 404,
      code: 'not_found',
    });
    expect((await other.api.get('/v1/event_types')).body.data).toEqual([]);
    created(await other.api.post('/v1/event_types', { type: 'order.ours', schema: SECOND }));
    expect((await read('order.ours')).schema).toEqual(FIRST);
  });
});

describe('a check', () => {
  it('tells everything that would change, and changes nothing', async () => {
    await register('item.seen', SECOND);
    const next = paid({ amount: { type: 'number', minimum: 1 } }, ['amount', 'shop']);
    expect(await check('item.seen', next)).toEqual({
      version: 1,
      compatible: false,
      changes: expect.arrayContaining([
        { place: '/required', breaks: true, reason: 'shop has to be there now' },
        { place: '/properties/amount/minimum', breaks: true, reason: 'minimum 0 became minimum 1' },
        { place: '/properties/currency', breaks: true, reason: 'currency may not be there any more' },
        { place: '/properties/amount/type', breaks: false, reason: 'a number with a fraction is valid, too' },
      ]),
    });
    expect((await read('item.seen')).version).toBe(1);
  });

  it('says that nothing breaks', async () => {
    await register('item.sold', FIRST);
    const found = await check('item.sold', SECOND);
    expect(found).toEqual({
      version: 1,
      compatible: true,
      changes: [{ place: '/properties', breaks: false, reason: 'currency may be there' }],
    });
  });

  it('knows Avro', async () => {
    const record = (...fields: object[]) => ({ type: 'record', name: 'Moved', fields });
    await register('item.moved', record({ name: 'n', type: 'int' }), { format: 'avro' });
    expect(await check('item.moved', record({ name: 'n', type: 'long' }))).toMatchObject({ compatible: true });
    expect(await check('item.moved', record({ name: 'n', type: 'string' }))).toEqual({
      version: 1,
      compatible: false,
      changes: [{ place: '/fields/0/type', breaks: true, reason: 'a string cannot be read from a int' }],
    });
  });
});

describe('data of a registered type', () => {
  it('that is wrong is refused at its places, and right data is recorded', async () => {
    await register('invoice.paid', FIRST);
    const wrong = await tell('invoice.paid', { amount: -1.5, note: 'x' });
    expect(problem(wrong)).toEqual({ status: 422, code: 'event_data_invalid' });
    expect(wrong.body.errors).toEqual(
      expect.arrayContaining([
        { pointer: '/body/data/amount', message: 'is not a whole number' },
        { pointer: '/body/data/note', message: 'is no field of this type' },
      ]),
    );
    expect((await tell('invoice.paid', { amount: 1 })).status).toBe(201);
    expect((await tell('invoice.unknown', 'anything')).status).toBe(201);
  });

  it('is held against a new version at once, in every process', async () => {
    await register('invoice.sent', FIRST);
    const data = { amount: 1, currency: 'EUR' };
    expect((await tell('invoice.sent', data)).status).toBe(422);
    await register('invoice.sent', SECOND);
    const key = cast.api;
    for (const url of journey.processesOf('ingest')) {
      const api = new ApiClient(url, key.key);
      const body = { type: 'invoice.sent', data, subject: { customer: { id: cast.customer } } };
      expect((await api.post('/v1/events', body)).status).toBe(201);
    }
  });

  it('may be Avro, in its JSON encoding', async () => {
    const fields = [
      { name: 'note', type: ['null', 'string'] },
      { name: 'n', type: 'int' },
    ];
    await register('meter.read', { type: 'record', name: 'Read', fields }, { format: 'avro' });
    expect((await tell('meter.read', { note: { string: 'x' }, n: 3 })).status).toBe(201);
    const wrong = await tell('meter.read', { note: null, n: 'three' });
    expect(wrong.body.errors).toEqual([{ pointer: '/body/data/n', message: 'is not a whole number of 32 bits' }]);
  });
});

describe('a schema that is none', () => {
  it.each<[string, object, string]>([
    ['a keyword that is not known', { typ: 'object' }, '/body/schema/typ'],
    ['a reference to another place', { $ref: 'http://127.0.0.1/a' }, '/body/schema/$ref'],
    ['a pattern without linear time', { pattern: '(?=a)' }, '/body/schema/pattern'],
    ['a place that leads back to itself', { $ref: '#' }, '/body/schema'],
    ['one that is too large', { description: 'x'.repeat(65_536) }, '/body/schema'],
    ['a NUL', { title: 'a\u0000b' }, '/body/schema'],
  ])('%s is refused with its place', async (_what, schema, pointer) => {
    const answer = await register('bad.schema', schema);
    expect(problem(answer)).toEqual({ status: 422, code: 'event_schema_invalid' });
    expect(answer.body.errors.map((one: { pointer: string }) => one.pointer)).toContain(pointer);
    expect(problem(await cast.api.get('/v1/event_types/bad.schema'))).toEqual({ status: 404, code: 'not_found' });
  });

  it('of Avro is refused', async () => {
    const answer = await register('bad.avro', { type: 'recrod', name: 'A' }, { format: 'avro' });
    expect(problem(answer)).toEqual({ status: 422, code: 'event_schema_invalid' });
  });

  it.each([
    [{ type: 'Order.Placed', schema: {} }],
    [{ type: 'order', schema: [] }],
    [{ type: 'order', schema: {}, format: 'protobuf' }],
    [{ schema: {} }],
  ])('%j does not fit the request', async (body) => {
    expect(problem(await cast.api.post('/v1/event_types', body))).toEqual({ status: 400, code: 'invalid_request' });
  });
});

it('stops nobody: a pattern that would run for ever', async () => {
  await register('slow.pattern', { properties: { a: { pattern: '^(a+)+$' } } });
  const from = Date.now();
  expect((await tell('slow.pattern', { a: `${'a'.repeat(5000)}b` })).status).toBe(422);
  expect(Date.now() - from).toBeLessThan(20_000);
});
