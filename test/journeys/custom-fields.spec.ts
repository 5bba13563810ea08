import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { type Cast, conversationWith, created, Journey, messageTo, problem } from './journey.js';

let journey: Journey;
let cast: Cast;
beforeAll(async () => {
  journey = await Journey.begin();
});
afterAll(() => journey.end());
// Fields are the workspace's: what one test requires, the next would have to give.
beforeEach(async () => {
  cast = await journey.cast();
});

const MERGE_PATCH = { headers: { 'content-type': 'application/merge-patch+json' } };
const declare = async (key: string, kind: string, more: object = {}): Promise<string> =>
  created(await cast.api.post('/v1/custom_fields', { object: 'conversation', key, kind, name: key, ...more })).id;
const declaration = async (id: string) => (await cast.api.get(`/v1/custom_fields/${id}`)).body;
const redeclare = (id: string, body: object) => cast.api.send('PATCH', `/v1/custom_fields/${id}`, body, MERGE_PATCH);
const patch = (at: string, fields: object) => cast.api.send('PATCH', `${at}/fields`, { fields }, MERGE_PATCH);
const put = (at: string, fields: object) => cast.api.send('PUT', `${at}/fields`, { fields });
const opened = async (more: object = {}) => `/v1/conversations/${created(await conversationWith(cast, more)).id}`;
const read = async (at: string) => (await cast.api.get(at)).body;
const fieldsOf = async (at: string) => (await read(at)).fields;
const types = async (at: string): Promise<string[]> =>
  (await cast.api.get(`${at}/events`)).body.data.map(({ type }: { type: string }) => type);

const YARNS = [
  { value: 'wool', name: 'Wool' },
  { value: 'linen', name: 'Linen' },
  { value: 'silk', name: 'Silk' },
];
const EVERY_KIND = {
  colour: 'weld yellow',
  story: 'Two ends,\nand a "float".',
  width: 0.1,
  deposit: { amount: '12.50', currency: 'EUR' },
  urgent: false,
  due: '2024-02-29',
  yarn: 'silk',
  tools: ['loom', 'reed'],
};

async function declareEveryKind(): Promise<void> {
  const tools = ['loom', 'reed', 'shuttle'].map((value) => ({ value, name: value }));
  await declare('colour', 'string');
  await declare('story', 'text');
  await declare('width', 'number');
  await declare('deposit', 'currency');
  await declare('urgent', 'boolean');
  await declare('due', 'date');
  await declare('yarn', 'enum', { options: YARNS });
  await declare('tools', 'multi_enum', { options: tools });
  await declare('weaver', 'reference', { reference_to: 'user' });
}

describe('a custom field', () => {
  it('is declared by its object and key, and each change of it makes a next version', async () => {
    const id = await declare('yarn', 'enum', { options: YARNS, description: 'What it is woven of' });
    expect(await declaration(id)).toMatchObject({
      id,
      object: 'conversation',
      key: 'yarn',
      kind: 'enum',
      version: 1,
      name: 'yarn',
      description: 'What it is woven of',
      personal: false,
      required: false,
      default: null,
      options: YARNS,
      depends_on: null,
      reference_to: null,
      archived: false,
    });
    const body = { object: 'conversation', key: 'yarn', kind: 'enum', name: 'yarn' };
    const again = await cast.api.post('/v1/custom_fields', body);
    expect([again.status, again.body, again.headers.get('etag')]).toEqual([200, { id }, '"1"']);
    const changed = await redeclare(id, { name: 'Yarn', required: true, default: 'wool', options: YARNS.slice(0, 2) });
    expect([changed.status, changed.body]).toEqual([200, { id, version: 5 }]);
    await redeclare(id, { default: null, description: null, required: false });
    expect((await redeclare(id, { name: 'Yarn', archived: true })).body).toEqual({ id, version: 9 });
    expect(await declaration(id)).toMatchObject({
      version: 9,
      name: 'Yarn',
      description: null,
      required: false,
      default: null,
      options: YARNS.slice(0, 2),
      archived: true,
    });
    expect((await redeclare(id, { archived: false })).body.version).toBe(10);
  });

  it('of one object is not one of another', async () => {
    const ours = await declare('yarn', 'string');
    const theirs = await declare('yarn', 'number', { object: 'customer' });
    const list = async (query: string) =>
      (await cast.api.get(`/v1/custom_fields${query}`)).body.data.map((one: { id: string }) => one.id);
    expect(await list('')).toEqual([theirs, ours]);
    expect(await list('?object=customer')).toEqual([theirs]);
    expect(await list('?object=tenant')).toEqual([]);
  });

  it.each<[string, object]>([
    ['an enum without options', { kind: 'enum' }],
    ['a string with options', { kind: 'string', options: YARNS }],
    ['an enum with an option twice', { kind: 'enum', options: [YARNS[0], YARNS[0]] }],
    ['a reference to nothing', { kind: 'reference' }],
    ['a number that leads to users', { kind: 'number', reference_to: 'user' }],
    ['an enum with a default that is no option', { kind: 'enum', options: YARNS, default: 'hemp' }],
    ['a date with a default that is none', { kind: 'date', default: '2023-02-29' }],
    ['a message with a default', { object: 'message', kind: 'string', default: 'calm' }],
    ['something personal of a company', { object: 'company', kind: 'string', personal: true }],
    [
      'a dependency on nothing',
      { kind: 'string', depends_on: { field_id: 'fld_0198f2c0a1b27c3d8e4f5a6b7c8d9e09', values: ['wool'] } },
    ],
  ])('cannot be %s', async (_, body) => {
    const answer = await cast.api.post('/v1/custom_fields', { object: 'conversation', key: 'x', name: 'X', ...body });
    expect(problem(answer)).toEqual({ status: 422, code: 'field_declaration_invalid' });
    expect((await cast.api.get('/v1/custom_fields')).body.data).toEqual([]);
  });

  it('depends on a choice that was made before it, and on its own values', async () => {
    const yarn = await declare('yarn', 'enum', { options: YARNS });
    const note = await declare('note', 'string');
    const secret = await declare('secret', 'boolean', { personal: true });
    const customers = await declare('yarn', 'enum', { object: 'customer', options: YARNS });
    const bad = [
      { field_id: note, values: ['wool'] },
      { field_id: secret, values: ['true'] },
      { field_id: customers, values: ['wool'] },
      { field_id: yarn, values: ['hemp'] },
    ];
    const later = await declare('later', 'string', { depends_on: { field_id: yarn, values: ['silk'] } });
    for (const depends_on of bad) {
      expect([depends_on, problem(await redeclare(later, { depends_on })).code]).toEqual([
        depends_on,
        'field_declaration_invalid',
      ]);
    }
    const backwards = { depends_on: { field_id: yarn, values: ['wool'] } };
    expect(problem(await redeclare(yarn, backwards)).code).toBe('field_declaration_invalid');
    expect((await declaration(later)).depends_on).toEqual({ field_id: yarn, values: ['silk'] });
    expect((await redeclare(later, { depends_on: null })).body.version).toBe(2);
  });

  it('stays of its kind for good', async () => {
    const id = await declare('yarn', 'string');
    for (const body of [{ kind: 'text' }, { kind: 'string', personal: true }]) {
      const answer = await cast.api.post('/v1/custom_fields', {
        object: 'conversation',
        key: 'yarn',
        name: 'X',
        ...body,
      });
      expect(problem(answer).code).toBe('field_declaration_invalid');
    }
    expect(problem(await redeclare(id, { kind: 'text' })).code).toBe('invalid_request');
    expect(await declaration(id)).toMatchObject({ kind: 'string', name: 'yarn', version: 1 });
  });
});

describe('the fields of a conversation', () => {
  it('hold values of every kind, as events and as what the conversation shows', async () => {
    await declareEveryKind();
    const at = await opened();
    expect(await fieldsOf(at)).toEqual({});
    const fields = { ...EVERY_KIND, weaver: cast.user };
    const done = await patch(at, { ...fields, deposit: { amount: '12.5', currency: 'EUR' }, tools: ['reed', 'loom'] });
    expect([done.status, done.body]).toEqual([200, { id: at.slice(18), seq: 10, status: 'open' }]);
    expect(await read(at)).toMatchObject({ fields, seq: 10 });
    const list = await cast.api.get('/v1/conversations');
    expect(list.body.data[0].fields).toEqual(fields);
    const { data } = (await cast.api.get(`${at}/events?type=conversation.field_set`)).body;
    expect(
      Object.fromEntries(data.map(({ data: set }: { data: { key: string; value: string } }) => [set.key, set])),
    ).toEqual(
      Object.fromEntries(
        Object.entries(fields).map(([key, value]) => [
          key,
          expect.objectContaining({ key, version: 1, value: JSON.stringify(value), personal_value: null }),
        ]),
      ),
    );
  });

  it('change alone, and only where they are not so already', async () => {
    await declareEveryKind();
    const at = await opened();
    await patch(at, EVERY_KIND);
    expect((await patch(at, EVERY_KIND)).body.seq).toBe(9);
    expect((await patch(at, { weaver: null })).body.seq).toBe(9);
    await patch(at, { width: 0.3, yarn: null });
    const { yarn: _, ...others } = EVERY_KIND;
    expect(await read(at)).toMatchObject({ fields: { ...others, width: 0.3 }, seq: 11 });
    expect((await types(at)).slice(9)).toEqual(['conversation.field_set', 'conversation.field_cleared']);
  });

  it('are these and no others after a PUT', async () => {
    await declareEveryKind();
    const at = await opened();
    await patch(at, { colour: 'madder', urgent: true, yarn: 'wool' });
    await put(at, { urgent: true, yarn: 'silk' });
    expect(await fieldsOf(at)).toEqual({ urgent: true, yarn: 'silk' });
    expect((await types(at)).slice(4)).toEqual(['conversation.field_cleared', 'conversation.field_set']);
    await put(at, {});
    expect(await fieldsOf(at)).toEqual({});
  });

  it('keep to the version that they were changed for', async () => {
    await declare('colour', 'string');
    const at = await opened();
    const stale = { headers: { ...MERGE_PATCH.headers, 'if-match': '"7"' } };
    const answer = await cast.api.send('PATCH', `${at}/fields`, { fields: { colour: 'woad' } }, stale);
    expect(problem(answer)).toEqual({ status: 412, code: 'version_mismatch' });
    expect(await fieldsOf(at)).toEqual({});
  });

  it.each<[string, object, string]>([
    ['a key that nothing declares', { hue: 'red' }, 'unknown_field'],
    ['a number for a string', { colour: 7 }, 'field_value_invalid'],
    ['a string that is too long', { colour: 'x'.repeat(256) }, 'field_value_invalid'],
    ['a string of two lines', { colour: 'a\nb' }, 'field_value_invalid'],
    ['a text for a number', { width: '7' }, 'field_value_invalid'],
    ['a number beyond all bounds', { width: 1e16 }, 'field_value_invalid'],
    ['an amount in no currency', { deposit: { amount: '1', currency: 'XYZ' } }, 'field_value_invalid'],
    ['an amount with too many decimals', { deposit: { amount: '1.005', currency: 'EUR' } }, 'field_value_invalid'],
    ['an amount that is none', { deposit: { amount: '1e3', currency: 'EUR' } }, 'field_value_invalid'],
    ['a bare number for an amount', { deposit: 12.5 }, 'field_value_invalid'],
    ['a text for a boolean', { urgent: 'true' }, 'field_value_invalid'],
    ['a day that there is not', { due: '2023-02-29' }, 'field_value_invalid'],
    ['a time for a date', { due: '2024-02-29T00:00:00Z' }, 'field_value_invalid'],
    ['none of the options', { yarn: 'hemp' }, 'field_value_invalid'],
    ['a list for one option', { yarn: ['wool'] }, 'field_value_invalid'],
    ['one of several that is no option', { tools: ['loom', 'hammer'] }, 'field_value_invalid'],
    ['none of several', { tools: [] }, 'field_value_invalid'],
    ['an id of another kind', { weaver: 'cus_0198f2c0a1b27c3d8e4f5a6b7c8d9e04' }, 'field_value_invalid'],
    ['a user who is not there', { weaver: 'usr_0198f2c0a1b27c3d8e4f5a6b7c8d9e04' }, 'unknown_reference'],
    ['no value at all', { colour: '' }, 'invalid_request'],
    ['an object of its own', { colour: { red: 1 } }, 'invalid_request'],
    ['a key that is no slug', { 'Not A Slug': 1 }, 'invalid_request'],
    ['a thousand fields', Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [`f${n}`, n])), 'invalid_request'],
  ])('do not take %s', async (_, fields, code) => {
    await declareEveryKind();
    const at = await opened();
    for (const send of [patch, put]) {
      const answer = await send(at, { urgent: true, ...fields });
      expect(problem(answer).code).toBe(code);
      if (code !== 'unknown_reference') expect(answer.body.errors[0].pointer).toMatch(/^\/body\/fields/);
    }
    const { fields: after, seq } = await read(at);
    expect([after, seq]).toEqual([{}, 1]);
  });

  it('have an end', async () => {
    for (let n = 0; n < 3; n++) await declare(`story${n}`, 'text');
    const at = await opened();
    const long = '🧵'.repeat(10_000);
    await patch(at, { story0: long });
    expect(problem(await patch(at, { story1: long }))).toEqual({ status: 422, code: 'too_many_fields' });
    expect(problem(await patch(at, { story1: 'x'.repeat(10_001) })).code).toBe('invalid_request');
    expect((await patch(at, { story0: 'short', story1: long })).status).toBe(200);
    expect((await put(at, { story2: long })).status).toBe(200);
  });

  it('name every value that is wrong', async () => {
    await declareEveryKind();
    const { body } = await patch(await opened(), { hue: 'red', width: 'wide', due: 'soon' });
    expect(body.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual([
      '/body/fields/hue',
      '/body/fields/width',
      '/body/fields/due',
    ]);
  });

  it('say under which version of the field each value was set', async () => {
    const id = await declare('yarn', 'enum', { options: YARNS });
    const [before, after] = [await opened(), await opened()];
    await patch(before, { yarn: 'silk' });
    await redeclare(id, { options: YARNS.slice(0, 2) });
    await patch(after, { yarn: 'wool' });
    const held = async (at: string) => (await cast.api.get(`${at}/fields`)).body.data;
    expect(await held(before)).toMatchObject([{ field_id: id, key: 'yarn', kind: 'enum', version: 1, value: 'silk' }]);
    expect(await held(after)).toMatchObject([{ version: 2, value: 'wool' }]);
    // What it has may stay, and is given to nothing more.
    expect((await patch(before, { yarn: 'silk' })).status).toBe(200);
    expect(problem(await patch(after, { yarn: 'silk' })).code).toBe('field_value_invalid');
  });

  it('that are archived stay, can be taken away, and take nothing more', async () => {
    const id = await declare('colour', 'string');
    const [one, other] = [await opened(), await opened()];
    await patch(one, { colour: 'woad' });
    await redeclare(id, { archived: true });
    expect(await fieldsOf(one)).toEqual({ colour: 'woad' });
    expect(problem(await patch(one, { colour: 'weld' }))).toEqual({ status: 422, code: 'archived' });
    expect(problem(await patch(other, { colour: 'woad' })).code).toBe('archived');
    await patch(one, { colour: null });
    expect(await fieldsOf(one)).toEqual({});
    await redeclare(id, { archived: false });
    expect((await patch(other, { colour: 'woad' })).status).toBe(200);
  });

  it('begin with their defaults, unless something else is said', async () => {
    const yarn = await declare('yarn', 'enum', { options: YARNS, default: 'wool' });
    await declare('ply', 'number', { default: 2, depends_on: { field_id: yarn, values: ['wool'] } });
    expect(await fieldsOf(await opened())).toEqual({ yarn: 'wool', ply: 2 });
    expect(await fieldsOf(await opened({ fields: { yarn: 'silk' } }))).toEqual({ yarn: 'silk' });
    expect(await fieldsOf(await opened({ fields: { yarn: null } }))).toEqual({});
    const bad = await conversationWith(cast, { fields: { yarn: 'hemp' } });
    expect(problem(bad).code).toBe('field_value_invalid');
    const before = await opened();
    await redeclare(yarn, { default: 'linen' });
    expect([await fieldsOf(before), await fieldsOf(await opened())]).toEqual([
      { yarn: 'wool', ply: 2 },
      { yarn: 'linen' },
    ]);
  });

  it('that depend on another are asked for only with its values', async () => {
    const yarn = await declare('yarn', 'enum', { options: YARNS });
    const blend = await declare('blend', 'boolean', { depends_on: { field_id: yarn, values: ['wool', 'linen'] } });
    await declare('share', 'number', { depends_on: { field_id: blend, values: ['true'] } });
    const at = await opened();
    expect(problem(await patch(at, { blend: true }))).toEqual({ status: 422, code: 'field_not_asked' });
    expect(problem(await patch(at, { yarn: 'silk', blend: true })).code).toBe('field_not_asked');
    await patch(at, { share: 40, blend: true, yarn: 'wool' });
    expect(await fieldsOf(at)).toEqual({ yarn: 'wool', blend: true, share: 40 });
    // What was asked for once stays when it is not any more.
    await patch(at, { yarn: 'silk' });
    expect(await fieldsOf(at)).toEqual({ yarn: 'silk', blend: true, share: 40 });
    expect(problem(await patch(at, { blend: false })).code).toBe('field_not_asked');
  });

  it('that are required have to be there when it is closed, and from then on', async () => {
    const yarn = await declare('yarn', 'enum', { options: YARNS, required: true });
    await declare('ply', 'number', { required: true, depends_on: { field_id: yarn, values: ['wool'] } });
    const at = await opened();
    const refused = { status: 422, code: 'field_required' };
    expect(problem(await cast.api.post(`${at}/close`))).toEqual(refused);
    expect(problem(await cast.api.send('PATCH', at, { status: 'closed' }, MERGE_PATCH))).toEqual(refused);
    await patch(at, { yarn: 'wool' });
    const { body } = await cast.api.post(`${at}/close`);
    expect([body.code, body.detail]).toEqual([refused.code, expect.stringContaining('ply')]);
    await patch(at, { yarn: 'silk' });
    expect((await cast.api.post(`${at}/close`)).status).toBe(200);
    expect(problem(await patch(at, { yarn: null }))).toEqual(refused);
    expect(problem(await put(at, {}))).toEqual(refused);
    expect((await patch(at, { yarn: 'linen' })).status).toBe(200);
    await cast.api.post(`${at}/reopen`);
    expect((await patch(at, { yarn: null })).status).toBe(200);
    await redeclare(yarn, { required: false });
    expect((await cast.api.send('PATCH', at, { status: 'closed' }, MERGE_PATCH)).status).toBe(200);
  });

  it('that an import brings in are none: what is required and what is default is not asked of another system', async () => {
    await declare('yarn', 'enum', { options: YARNS, required: true, default: 'wool' });
    const line = {
      conversation: randomUUID(),
      channel: 'email',
      customer: randomUUID(),
      messages: [
        { id: '1', at: '2019-06-01T10:00:00Z', author: { type: 'customer', id: 'a' }, text: 'Hello', resolves: true },
      ],
    };
    const raw = `${JSON.stringify(line)}\n`;
    await cast.api.post('/v1/import', {}, { raw, headers: { 'content-type': 'application/x-ndjson' } });
    const { data } = (await cast.api.get(`/v1/conversations?external_id=${line.conversation}`)).body;
    expect(data).toMatchObject([{ status: 'closed', fields: {} }]);
  });

  it('that are personal stand on the log sealed, and are read by those who may', async () => {
    await declare('passport', 'string', { personal: true });
    const at = await opened();
    const secret = `PASS-${randomUUID()}`;
    await patch(at, { passport: secret });
    expect((await patch(at, { passport: secret })).body.seq).toBe(2);
    expect(await fieldsOf(at)).toEqual({ passport: secret });
    const { data } = (await cast.api.get(`${at}/events?type=conversation.field_set`)).body;
    expect(data[0].data).toMatchObject({ value: null, personal_value: JSON.stringify(secret) });
    const admin = new pg.Client({ connectionString: journey.database.url });
    await admin.connect();
    try {
      const holds = async (table: string, column: string) => {
        const sql = `select from ${table} where position($1::bytea in ${column}) > 0`;
        return (await admin.query(sql, [Buffer.from(secret)])).rowCount;
      };
      expect(await holds('log.events', 'payload')).toBe(0);
      expect(await holds('log.streams', "convert_to(state, 'UTF8')")).toBe(0);
      expect(await holds('conversation.field_values', "convert_to(value, 'UTF8')")).toBe(1);
    } finally {
      await admin.end();
    }
  });

  it('narrow the list', async () => {
    await declareEveryKind();
    const [one, other] = [await opened(), await opened()];
    await patch(one, { ...EVERY_KIND, weaver: cast.user });
    await patch(other, { colour: 'madder', width: 10, urgent: true, yarn: 'silk', tools: ['reed', 'shuttle'] });
    const found = async (field: string): Promise<string[]> => {
      const { body } = await cast.api.get(`/v1/conversations?field=${encodeURIComponent(field)}`);
      return body.data.map(({ id }: { id: string }) => `/v1/conversations/${id}`);
    };
    for (const [field, conversations] of [
      ['colour:weld yellow', [one]],
      ['width:10', [other]],
      ['width:0.10', [one]],
      ['deposit:12.5 EUR', [one]],
      ['deposit:12.50 CHF', []],
      ['urgent:false', [one]],
      ['due:2024-02-29', [one]],
      ['yarn:silk', [other, one]],
      ['tools:reed', [other, one]],
      ['tools:shuttle', [other]],
      [`weaver:${cast.user}`, [one]],
      ['story:float TWO', [one]],
      ['story:float three', []],
    ] as const) {
      expect([field, await found(field)]).toEqual([field, conversations]);
    }
    const both = await cast.api.get('/v1/conversations?field=yarn:silk&limit=1');
    expect(both.body.data).toHaveLength(1);
    await patch(one, { yarn: null });
    expect(await found('yarn:silk')).toEqual([other]);
    const bad = async (field: string) => problem(await cast.api.get(`/v1/conversations?field=${field}`)).code;
    expect(await bad('hue:red')).toBe('unknown_field');
    expect(await bad('yarn:hemp')).toBe('field_value_invalid');
    expect(await bad('yarn')).toBe('invalid_request');
  });

  it('are conditions of a filter, which combine and negate', async () => {
    await declareEveryKind();
    await declare('mood', 'string', { object: 'message' });
    const [one, other, bare] = [await opened(), await opened(), await opened()];
    await patch(one, { ...EVERY_KIND, weaver: cast.user });
    await patch(other, { width: 10, deposit: { amount: '100', currency: 'EUR' }, due: '2025-01-01', tools: ['reed'] });
    const message = created(await messageTo(bare.slice(18), cast)).id;
    await patch(`${bare}/messages/${message}`, { mood: 'cross' });
    const on = (key: string, op: string, value?: unknown) => ({ field: 'custom_field', key, op, value });
    const found = async (filter: object): Promise<string[]> => {
      const { body } = await cast.api.post('/v1/conversations/search', { filter, order: 'asc' });
      return body.data.map(({ id }: { id: string }) => `/v1/conversations/${id}`);
    };
    for (const [filter, conversations] of [
      [on('width', 'lt', 1), [one]],
      [on('width', 'gte', 0.1), [one, other]],
      [on('width', 'in', [0.1, 0.2]), [one]],
      [on('deposit', 'gt', { amount: '12.49', currency: 'EUR' }), [one, other]],
      [on('deposit', 'lt', { amount: '1000', currency: 'CHF' }), []],
      [on('due', 'lte', '2024-12-31'), [one]],
      [on('tools', 'is', 'reed'), [one, other]],
      [on('tools', 'is_not', 'loom'), [other, bare]],
      [on('tools', 'not_in', ['loom', 'reed']), [bare]],
      [on('story', 'contains', 'FLOAT two'), [one]],
      [on('colour', 'contains', 'yellow'), [one]],
      [on('yarn', 'any'), [one]],
      [on('yarn', 'none'), [other, bare]],
      [{ not: on('yarn', 'none') }, [one]],
      [{ and: [on('tools', 'any'), { not: on('urgent', 'is', false) }] }, [other]],
      [{ or: [on('urgent', 'is', false), { ...on('mood', 'is', 'cross'), object: 'message' }] }, [one, bare]],
    ] as [object, string[]][]) {
      expect([filter, await found(filter)]).toEqual([filter, conversations]);
    }
    const { body } = await cast.api.post('/v1/conversations/count', { filter: on('tools', 'is', 'reed') });
    expect(body.count).toBe(2);
    for (const [filter, code] of [
      [on('hue', 'is', 'red'), 'unknown_field'],
      [on('yarn', 'is', 'hemp'), 'field_value_invalid'],
      [on('yarn', 'lt', 'wool'), 'field_value_invalid'],
      [on('story', 'is', 'x'), 'field_value_invalid'],
      [on('yarn', 'like', 'wool'), 'invalid_request'],
      [on('width', 'is'), 'invalid_request'],
    ] as [object, string][]) {
      expect([filter, problem(await cast.api.post('/v1/conversations/search', { filter })).code]).toEqual([
        filter,
        code,
      ]);
    }
  });

  it('are those of a past moment, too', async () => {
    await declare('colour', 'string');
    const at = await opened();
    await patch(at, { colour: 'weld' });
    await patch(at, { colour: 'woad' });
    await patch(at, { colour: null });
    const past = async (seq: number) => (await cast.api.get(`${at}?seq=${seq}`)).body.fields;
    expect([await past(1), await past(2), await past(3), await past(4)]).toEqual([
      {},
      { colour: 'weld' },
      { colour: 'woad' },
      {},
    ]);
  });

  it('of another workspace are unknown', async () => {
    const ours = cast;
    await declare('colour', 'string');
    const at = await opened();
    cast = await journey.cast();
    const theirs = await declare('theirs', 'string');
    const stranger = cast;
    cast = ours;
    expect(problem(await patch(at, { theirs: 'x' })).code).toBe('unknown_field');
    expect(problem(await cast.api.get(`/v1/custom_fields/${theirs}`)).code).toBe('not_found');
    expect(problem(await stranger.api.get(`${at}/fields`)).code).toBe('not_found');
    expect(problem(await stranger.api.send('PATCH', `${at}/fields`, { fields: {} })).code).toBe('not_found');
  });
});

describe('the fields of a message', () => {
  it('are changed by events of the conversation, and shown one by one', async () => {
    const mood = await declare('mood', 'enum', {
      object: 'message',
      options: ['calm', 'cross'].map((value) => ({ value, name: value })),
    });
    await declare('why', 'text', {
      object: 'message',
      personal: true,
      depends_on: { field_id: mood, values: ['cross'] },
    });
    const at = await opened();
    const [one, other] = [
      created(await messageTo(at.slice(18), cast)).id,
      created(await messageTo(at.slice(18), cast)).id,
    ];
    const place = `${at}/messages/${one}`;
    const done = await patch(place, { mood: 'cross', why: 'The third time' });
    expect([done.status, done.body]).toEqual([200, { id: at.slice(18), seq: 5, status: 'open' }]);
    expect((await patch(place, { mood: 'cross', why: 'The third time' })).body.seq).toBe(5);
    const held = async (message: string) => (await cast.api.get(`${at}/messages/${message}/fields`)).body.data;
    expect(await held(one)).toMatchObject([
      { field_id: mood, key: 'mood', version: 1, value: 'cross' },
      { key: 'why', value: 'The third time' },
    ]);
    expect(await held(other)).toEqual([]);
    const shown = async () => (await cast.api.get(`${at}/messages`)).body.data.map((m: { fields: object }) => m.fields);
    expect(await shown()).toEqual([{ mood: 'cross', why: 'The third time' }, {}]);
    expect(problem(await patch(`${at}/messages/${other}`, { why: 'x' })).code).toBe('field_not_asked');
    await put(place, { mood: 'calm' });
    expect(await held(one)).toMatchObject([{ key: 'mood', value: 'calm' }]);
    expect((await types(at)).slice(3)).toEqual([
      'message.field_set',
      'message.field_set',
      'message.field_cleared',
      'message.field_set',
    ]);
    // A message's fields are none of the conversation's.
    expect(await fieldsOf(at)).toEqual({});
    expect(problem(await patch(at, { mood: 'calm' })).code).toBe('unknown_field');
  });

  it('are gone with its redaction, those that are personal from the log, too, and it takes no more', async () => {
    const tags = ['late', 'lost'].map((value) => ({ value, name: value }));
    await declare('mood', 'string', { object: 'message' });
    await declare('why', 'string', { object: 'message', personal: true });
    await declare('tags', 'multi_enum', { object: 'message', personal: true, options: tags });
    const at = await opened();
    const place = `${at}/messages/${created(await messageTo(at.slice(18), cast)).id}`;
    await patch(place, { mood: 'cross', why: 'The third time', tags: ['late', 'lost'] });
    expect((await cast.api.post(`${place}/redact`)).status).toBe(200);
    expect((await read(place)).fields).toEqual({});
    expect((await cast.api.get(`${place}/fields`)).body.data).toEqual([]);
    const { data } = (await cast.api.get(`${at}/events?type=message.field_set`)).body;
    expect(data.map((one: { data: object }) => one.data)).toMatchObject([
      { key: 'mood', value: '"cross"', personal_value: null },
      { key: 'why', value: null, personal_value: 'redacted' },
      { key: 'tags', value: null, personal_value: 'redacted' },
    ]);
    expect(problem(await patch(place, { why: 'x' }))).toEqual({ status: 422, code: 'message_redacted' });
  });

  it('are those of a message of that conversation', async () => {
    await declare('mood', 'string', { object: 'message' });
    const [at, elsewhere] = [await opened(), await opened()];
    const message = created(await messageTo(at.slice(18), cast)).id;
    expect(problem(await patch(`${elsewhere}/messages/${message}`, { mood: 'calm' }))).toEqual({
      status: 404,
      code: 'not_found',
    });
    expect(problem(await cast.api.get(`${elsewhere}/messages/${message}/fields`)).code).toBe('not_found');
  });
});

describe.each([
  ['company', 'companies', 'com'],
  ['tenant', 'tenants', 'ten'],
])('the fields of a %s', (object, things, prefix) => {
  const made = async () => {
    const body = { external_id: randomUUID(), name: 'Loom & Sons' };
    return { body, at: `/v1/${things}/${created(await cast.api.post(`/v1/${things}`, body)).id}` };
  };

  it('are set, shown, replaced and taken away', async () => {
    const tier = await declare('tier', 'enum', { object, options: YARNS });
    await declare('seats', 'number', { object });
    const { at } = await made();
    const done = await patch(at, { tier: 'silk', seats: 12 });
    expect([done.status, done.body.id, done.headers.get('etag')]).toEqual([200, at.split('/').at(-1), '"3"']);
    expect(await fieldsOf(at)).toEqual({ tier: 'silk', seats: 12 });
    expect((await cast.api.get(`/v1/${things}`)).body.data[0].fields).toEqual({ tier: 'silk', seats: 12 });
    expect((await cast.api.get(`${at}/fields`)).body.data).toMatchObject([
      { key: 'seats', value: 12 },
      { field_id: tier, key: 'tier', value: 'silk', version: 1 },
    ]);
    expect((await patch(at, { tier: 'silk' })).headers.get('etag')).toBe('"3"');
    await put(at, { seats: 13 });
    await patch(at, { seats: null });
    expect(await fieldsOf(at)).toEqual({});
    expect(problem(await patch(at, { tier: 'hemp' })).code).toBe('field_value_invalid');
    const unknown = `/v1/${things}/${prefix}_0198f2c0a1b27c3d8e4f5a6b7c8d9e09`;
    expect(problem(await patch(unknown, { seats: 1 })).code).toBe('not_found');
    expect(problem(await cast.api.get(`${unknown}/fields`)).code).toBe('not_found');
  });

  it('begin with their defaults, and have to have what is required when they are changed', async () => {
    await declare('tier', 'string', { object, default: 'bronze', required: true });
    const { body, at } = await made();
    expect(await fieldsOf(at)).toEqual({ tier: 'bronze' });
    expect(problem(await patch(at, { tier: null }))).toEqual({ status: 422, code: 'field_required' });
    await patch(at, { tier: 'gold' });
    await cast.api.post(`/v1/${things}`, { ...body, name: 'Loom' });
    expect(await read(at)).toMatchObject({ name: 'Loom', fields: { tier: 'gold' } });
  });

  it('can be what others refer to', async () => {
    await declare('payer', 'reference', { reference_to: object });
    const { at } = await made();
    const conversation = await opened();
    await patch(conversation, { payer: at.split('/').at(-1) });
    expect(await fieldsOf(conversation)).toEqual({ payer: at.split('/').at(-1) });
    const unknown = { payer: `${prefix}_0198f2c0a1b27c3d8e4f5a6b7c8d9e09` };
    expect(problem(await patch(conversation, unknown)).code).toBe('unknown_reference');
  });
});

describe('the fields of a customer', () => {
  it('are set, shown, replaced and taken away', async () => {
    const id = await declare('loom', 'string', { object: 'customer' });
    await declare('born', 'date', { object: 'customer', personal: true });
    const at = `/v1/customers/${cast.customer}`;
    const done = await patch(at, { loom: 'table', born: '1815-12-10' });
    expect([done.status, done.body, done.headers.get('etag')]).toEqual([200, { id: cast.customer }, '"3"']);
    expect(await fieldsOf(at)).toEqual({ loom: 'table', born: '1815-12-10' });
    const { body } = await cast.api.get('/v1/customers');
    expect(body.data[0].fields).toEqual({ loom: 'table', born: '1815-12-10' });
    expect((await cast.api.get(`${at}/fields`)).body.data).toMatchObject([
      { key: 'born', value: '1815-12-10' },
      { field_id: id, key: 'loom', value: 'table', version: 1 },
    ]);
    await put(at, { loom: 'floor' });
    await patch(at, { loom: null });
    expect(await fieldsOf(at)).toEqual({});
    expect(problem(await patch(at, { loom: 7 })).code).toBe('field_value_invalid');
    expect(problem(await patch(at, { yarn: 'wool' })).code).toBe('unknown_field');
  });

  it('have to have what is required whenever they are changed', async () => {
    await declare('loom', 'string', { object: 'customer', required: true });
    await declare('reed', 'string', { object: 'customer' });
    const at = `/v1/customers/${cast.customer}`;
    expect(problem(await patch(at, { reed: 'fine' })).code).toBe('field_required');
    await patch(at, { reed: 'fine', loom: 'table' });
    expect(problem(await patch(at, { loom: null })).code).toBe('field_required');
    expect(await fieldsOf(at)).toEqual({ reed: 'fine', loom: 'table' });
  });

  it('are those of the one whom a merged customer is read as', async () => {
    await declare('loom', 'string', { object: 'customer' });
    const other = created(await cast.api.post('/v1/customers', { external_id: randomUUID(), name: 'Ada' })).id;
    await patch(`/v1/customers/${other}`, { loom: 'floor' });
    await cast.api.post(`/v1/customers/${other}/merge`, { into_id: cast.customer });
    expect(await fieldsOf(`/v1/customers/${other}`)).toEqual({});
    expect((await patch(`/v1/customers/${other}`, { loom: 'table' })).body.id).toBe(cast.customer);
    expect(await fieldsOf(`/v1/customers/${cast.customer}`)).toEqual({ loom: 'table' });
    expect((await cast.api.get(`/v1/customers/${other}/fields`)).body.data).toMatchObject([{ value: 'table' }]);
    await cast.api.post(`/v1/customers/${other}/unmerge`);
    expect(await fieldsOf(`/v1/customers/${other}`)).toEqual({ loom: 'floor' });
  });

  it('begin with their defaults, once', async () => {
    await declare('loom', 'string', { object: 'customer', default: 'table' });
    const body = { external_id: randomUUID(), name: 'Ada' };
    const at = `/v1/customers/${created(await cast.api.post('/v1/customers', body)).id}`;
    expect(await fieldsOf(at)).toEqual({ loom: 'table' });
    await patch(at, { loom: null });
    await cast.api.post('/v1/customers', body);
    expect(await fieldsOf(at)).toEqual({});
    expect(await fieldsOf(`/v1/customers/${cast.customer}`)).toEqual({});
  });
});

describe.each(['customer', 'company', 'tenant'])('the values of a %s', (object) => {
  const things = { customer: 'customers', company: 'companies', tenant: 'tenants' }[object];

  it('narrow the list of them, and are looked through for words', async () => {
    await declare('tier', 'enum', { object, options: YARNS });
    await declare('about', 'text', { object });
    await declare('seats', 'number', { object });
    const made: string[] = [];
    for (const fields of [
      { tier: 'silk', about: 'Weaves on two looms', seats: 2 },
      { tier: 'wool', about: 'Spins,\nand dyes', seats: 12 },
      { tier: 'silk', seats: 12 },
    ]) {
      const body = { external_id: randomUUID(), name: 'Loom & Sons' };
      const { id } = created(await cast.api.post(`/v1/${things}`, body));
      await patch(`/v1/${things}/${id}`, fields);
      made.push(id);
    }
    const list = (query: string) => cast.api.get(`/v1/${things}?${query}`);
    const found = async (field: string): Promise<number[]> => {
      const { body } = await list(new URLSearchParams({ field }).toString());
      return body.data.map(({ id }: { id: string }) => made.indexOf(id));
    };
    for (const [field, those] of [
      ['tier:silk', [2, 0]],
      ['seats:12', [2, 1]],
      ['seats:3', []],
      ['about:LOOMS two', [0]],
      ['about:dyes', [1]],
      ['about:dyes looms', []],
    ] as const) {
      expect([field, await found(field)]).toEqual([field, those]);
    }
    const { next_cursor: cursor, data } = (await list('field=tier:silk&limit=1')).body;
    expect(data.map(({ id }: { id: string }) => id)).toEqual([made[2]]);
    const next = (await list(`field=tier:silk&limit=1&cursor=${cursor}`)).body;
    expect([next.data.map(({ id }: { id: string }) => id), next.next_cursor]).toEqual([[made[0]], null]);
    expect(problem(await list(`field=tier:wool&cursor=${cursor}`)).code).toBe('invalid_cursor');
    expect(problem(await list('field=hue:red')).code).toBe('unknown_field');
    expect(problem(await list('field=seats:many')).code).toBe('field_value_invalid');
    await patch(`/v1/${things}/${made[0]}`, { tier: null });
    expect(await found('tier:silk')).toEqual([2]);
  });
});
