import { randomUUID } from 'node:crypto';
import { type Answer, type Cast, created, Journey, problem } from './journey.js';

let journey: Journey;
let cast: Cast;
beforeAll(async () => {
  journey = await Journey.begin();
  cast = await journey.cast();
});
afterAll(() => journey.end());

const make = async (more: object = {}): Promise<string> =>
  created(await cast.api.post('/v1/customers', { external_id: randomUUID(), name: 'Ada', ...more })).id;
const to = (id: string, verb: string, body: object = {}) => cast.api.post(`/v1/customers/${id}/${verb}`, body);
const read = async (id: string, query = '') => (await cast.api.get(`/v1/customers/${id}${query}`)).body;
const email = (value = `${randomUUID()}@example.org`, more: object = {}) => ({ kind: 'email', value, ...more });
const add = (id: string, identity: object) => to(id, 'add_identity', { identity });
const lookUp = (identity: object) => cast.api.post('/v1/customers/look_up', { identity });
const refusal = (answer: Answer) => problem(answer).code;

describe('an identity', () => {
  it('is kept as it is compared, and found however it is written', async () => {
    const id = await make();
    const [word, digits] = [randomUUID(), String(Date.now())];
    await add(id, email(` ${word}@Example.ORG`, { verified: true }));
    await add(id, { kind: 'phone', value: `+44 ${digits.slice(-10, -4)} ${digits.slice(-4)}` });
    await add(id, { kind: 'handle', channel: 'chat', value: `@${word}` });
    const { identities } = await read(id);
    expect(identities).toMatchObject([
      { customer_id: id, kind: 'email', channel: null, value: `${word}@example.org`, verified: true, primary: true },
      { kind: 'phone', channel: null, value: `+44${digits.slice(-10)}`, verified: false, primary: true },
      { kind: 'handle', channel: 'chat', value: `@${word}`, verified: false, primary: true },
    ]);
    for (const identity of [
      email(`${word.toUpperCase()}@example.org`),
      { kind: 'phone', value: `0044${digits.slice(-10)}` },
      { kind: 'handle', channel: 'chat', value: `@${word}` },
    ]) {
      const found = await lookUp(identity);
      expect([found.status, found.body.id, found.headers.get('etag')]).toEqual([200, id, '"4"']);
    }
    expect(refusal(await lookUp({ kind: 'handle', channel: 'forum', value: `@${word}` }))).toBe('not_found');
  });

  it('is one customer’s, until it is removed there', async () => {
    const [one, other] = [await make(), await make()];
    const identity = email();
    const { id: identity_id } = created(await add(one, identity));
    const refused = await add(other, { ...identity, value: identity.value.toUpperCase() });
    expect(problem(refused)).toEqual({ status: 409, code: 'identity_taken' });
    expect(refused.body.detail).toContain(one);
    expect(refused.body.detail).not.toContain(identity.value);
    expect(refusal(await add(one, identity))).toBe('already_identified');
    expect((await to(one, 'remove_identity', { identity_id })).body).toEqual({ id: one });
    expect(refusal(await lookUp(identity))).toBe('not_found');
    created(await add(other, identity));
    expect((await lookUp(identity)).body.id).toBe(other);
    expect((await read(one)).identities).toEqual([]);
    expect(refusal(await add(one, identity))).toBe('identity_taken');
  });

  it('goes to one of many who want it at the same moment, again and again', async () => {
    const everybody = await Promise.all(Array.from({ length: 8 }, () => make()));
    const identity = email();
    for (let round = 0; round < 5; round++) {
      const answers = await Promise.all(everybody.map((id) => add(id, identity)));
      expect(answers.map(({ status }) => status).sort()).toEqual([201, ...everybody.slice(1).map(() => 409)]);
      const { id: identity_id, customer_id } = answers.find(({ status }) => status === 201)!.body;
      expect((await lookUp(identity)).body.id).toBe(customer_id);
      const [gone, ...late] = await Promise.all([
        to(customer_id, 'remove_identity', { identity_id }),
        ...everybody.slice(0, 3).map((id) => add(id, identity)),
      ]);
      expect(gone.status).toBe(200);
      const winner = late.find(({ status }) => status === 201)?.body;
      if (winner !== undefined) await to(winner.customer_id, 'remove_identity', { identity_id: winner.id });
    }
  });

  it('is verified, preferred and not, once each', async () => {
    const id = await make();
    const [one, two] = [created(await add(id, email())).id, created(await add(id, email())).id];
    const flags = async () =>
      (await read(id)).identities.map(({ verified, primary }: Record<string, boolean>) => [verified, primary]);
    expect(await flags()).toEqual([
      [false, true],
      [false, false],
    ]);
    expect((await to(id, 'verify_identity', { identity_id: two })).status).toBe(200);
    expect(refusal(await to(id, 'verify_identity', { identity_id: two }))).toBe('identity_unchanged');
    expect((await to(id, 'prefer_identity', { identity_id: two })).status).toBe(200);
    expect(await flags()).toEqual([
      [false, false],
      [true, true],
    ]);
    expect((await to(id, 'unverify_identity', { identity_id: two })).status).toBe(200);
    expect((await to(id, 'remove_identity', { identity_id: two })).status).toBe(200);
    expect(await flags()).toEqual([[false, true]]);
    expect(refusal(await to(id, 'verify_identity', { identity_id: two }))).toBe('unknown_reference');
    expect(refusal(await to(await make(), 'remove_identity', { identity_id: one }))).toBe('unknown_reference');
  });

  it.each([
    email('nobody'),
    { kind: 'phone', value: '0151 1234567' },
    { kind: 'handle', channel: 'chat', value: '  ' },
  ])('that is none is refused: %j', async (identity) => {
    const id = await make();
    const answers = [
      await add(id, identity),
      await lookUp(identity),
      await cast.api.post('/v1/customers', { external_id: randomUUID(), name: 'X', identities: [identity] }),
    ];
    expect(answers.map(problem)).toEqual(answers.map(() => ({ status: 422, code: 'invalid_value' })));
    expect((await read(id)).identities).toEqual([]);
  });

  it('of a handle needs its channel, and no other has one', async () => {
    const id = await make();
    for (const identity of [{ kind: 'handle', value: '@ada' }, email('a@example.org', { channel: 'chat' })]) {
      expect(problem(await add(id, identity))).toEqual({ status: 400, code: 'invalid_request' });
    }
  });
});

describe('an upsert', () => {
  it('takes a profile and identities, and says what changes', async () => {
    const [external_id, one, two] = [randomUUID(), email(), email()];
    const upsert = (body: object) => cast.api.post('/v1/customers', { external_id, name: 'Ada', ...body });
    const first = await upsert({ language: 'en-GB', time_zone: 'Europe/London', identities: [one] });
    const { id } = created(first);
    expect(first.headers.get('etag')).toBe('"4"');
    const profile = { external_id, name: 'Ada', language: 'en-GB', time_zone: 'Europe/London', placeholder: false };
    expect(await read(id)).toMatchObject({ id, ...profile, merged_into_id: null, identities: [one] });
    // What it leaves out stays, and what is so already is no change.
    const second = await upsert({ identities: [two, { ...one, verified: true }] });
    expect([second.status, second.headers.get('etag')]).toEqual([200, '"6"']);
    expect((await upsert({ identities: [one, two] })).headers.get('etag')).toBe('"6"');
    const all = [
      { ...one, verified: true, primary: true },
      { ...two, verified: false, primary: false },
    ];
    expect(await read(id)).toMatchObject({ ...profile, identities: all });
    expect((await upsert({ language: null })).headers.get('etag')).toBe('"7"');
    expect((await read(id)).language).toBeNull();
  });

  it('is refused whole where another has one of its identities', async () => {
    const [identity, free] = [email(), email()];
    const owner = await make({ identities: [identity] });
    const external_id = randomUUID();
    const body = { external_id, name: 'Bo', identities: [free, identity] };
    const refused = await cast.api.post('/v1/customers', body);
    expect(problem(refused)).toEqual({ status: 409, code: 'identity_taken' });
    expect(refused.body.detail).toContain(owner);
    expect((await cast.api.get(`/v1/customers?external_id=${external_id}`)).body.data).toEqual([]);
    expect(refusal(await lookUp(free))).toBe('not_found');
  });

  it('refuses a time zone that there is none of', async () => {
    const body = { external_id: randomUUID(), name: 'X', time_zone: 'Mars/Olympus' };
    expect(problem(await cast.api.post('/v1/customers', body))).toEqual({ status: 422, code: 'invalid_value' });
  });
});

describe('a patch', () => {
  const patch = (id: string, body: object, headers = {}) =>
    cast.api.send('PATCH', `/v1/customers/${id}`, body, { headers });

  it('changes what it names, to the version that it was made for', async () => {
    const id = await make();
    const done = await patch(id, { name: 'Ada King', language: 'pt-BR', time_zone: 'Europe/Lisbon' });
    expect([done.status, done.body, done.headers.get('etag')]).toEqual([200, { id }, '"4"']);
    expect(await read(id)).toMatchObject({ name: 'Ada King', language: 'pt-BR', time_zone: 'Europe/Lisbon' });
    expect(refusal(await patch(id, { name: 'Late' }, { 'if-match': '"3"' }))).toBe('version_mismatch');
    expect((await patch(id, { time_zone: null }, { 'if-match': '"4"' })).headers.get('etag')).toBe('"5"');
    expect((await patch(id, { time_zone: null, name: 'Ada King' })).headers.get('etag')).toBe('"5"');
    expect(refusal(await patch(id, { time_zone: 'Nowhere' }))).toBe('invalid_value');
    expect(problem(await patch(id, { language: 'English' })).status).toBe(400);
  });
});

describe('the rules', () => {
  const rules = (body: object, headers = {}) => cast.api.send('PUT', '/v1/customer_rules', body, { headers });
  const resolve = (channel: string, kind: string, value: string, more: object = {}) =>
    cast.api.post('/v1/customers/resolve', { channel, identity: { kind, value }, ...more });

  beforeEach(async () => {
    cast = await journey.cast();
  });

  it('make a placeholder of somebody unknown where they say nothing else', async () => {
    expect((await cast.api.get('/v1/customer_rules')).body).toEqual({
      placeholders: [],
      merge_undo_hours: 72,
      updated_at: null,
    });
    const value = `${randomUUID()}@Example.org`;
    const first = await resolve('email', 'email', value);
    const { id } = created(first);
    const again = await resolve('chat', 'email', value.toLowerCase());
    expect([again.status, again.body]).toEqual([200, { id }]);
    expect(await read(id)).toMatchObject({
      external_id: null,
      placeholder: true,
      name: value.toLowerCase(),
      identities: [{ kind: 'email', value: value.toLowerCase(), verified: false, primary: true }],
    });
    // It can be talked with at once.
    created(await cast.api.post('/v1/conversations', { customer_id: id, channel: 'email' }));
  });

  it('say whom a channel makes, what they are called and as what they are looked up', async () => {
    const placeholders = [
      { channel: 'chat', unknown: 'refuse', match_by: [], name: null },
      { channel: 'whatsapp', unknown: 'make', match_by: ['handle', 'phone'], name: 'Somebody on WhatsApp' },
      { channel: null, unknown: 'make', match_by: [], name: null },
    ];
    const set = await rules({ placeholders, merge_undo_hours: 24 });
    expect([set.status, set.headers.get('etag')]).toEqual([200, '"4"']);
    const { body } = await cast.api.get('/v1/customer_rules');
    expect(body).toMatchObject({ merge_undo_hours: 24 });
    expect(body.placeholders).toEqual(expect.arrayContaining(placeholders));

    expect(problem(await resolve('chat', 'handle', '@ada'))).toEqual({ status: 422, code: 'unknown_customer' });
    const named = created(await resolve('forum', 'handle', '@ada', { name: 'Ada of the forum' })).id;
    expect((await read(named)).name).toBe('Ada of the forum');
    const known = await make({ identities: [{ kind: 'phone', value: '+44 20 7946 0001' }] });
    expect((await resolve('whatsapp', 'handle', '442079460001')).body).toEqual({ id: known });
    const other = created(await resolve('whatsapp', 'handle', '442079460002', { name: 'Ada' })).id;
    expect(await read(other)).toMatchObject({
      name: 'Somebody on WhatsApp',
      identities: [{ kind: 'handle', channel: 'whatsapp', value: '442079460002' }],
    });

    // The whole is set: what is left out is as usual, and what is so already is no event.
    expect((await rules({ merge_undo_hours: 24 }, { 'if-match': '"4"' })).headers.get('etag')).toBe('"7"');
    expect((await rules({ merge_undo_hours: 24 })).headers.get('etag')).toBe('"7"');
    expect((await rules({}, { 'if-match': '"4"' })).status).toBe(412);
    created(await resolve('chat', 'handle', '@ada'));
    const twice = [placeholders[0], placeholders[0]];
    expect(problem(await rules({ placeholders: twice }))).toEqual({ status: 422, code: 'invalid_value' });
  });

  it('make one placeholder of many messages at once', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => resolve('email', 'email', 'one@example.org')));
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(
      (await cast.api.get('/v1/customers')).body.data.filter((one: Record<string, boolean>) => one.placeholder),
    ).toHaveLength(1);
  });

  it('answer a repeated request as the first time', async () => {
    const body = { channel: 'email', identity: email(), idempotency_key: 'once' };
    const first = await cast.api.post('/v1/customers/resolve', body);
    const again = await cast.api.post('/v1/customers/resolve', body);
    expect([first.status, again.status, again.body]).toEqual([201, 201, first.body]);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
  });

  it('leave a placeholder that an upsert with the identity makes a customer', async () => {
    const [identity, external_id] = [email(), randomUUID()];
    const { id } = created(await resolve('email', 'email', identity.value));
    const upsert = await cast.api.post('/v1/customers', { external_id, name: 'Ada', identities: [identity] });
    expect([upsert.status, upsert.body]).toEqual([200, { id }]);
    expect(await read(id)).toMatchObject({ external_id, name: 'Ada', placeholder: false });
    expect((await cast.api.post('/v1/customers', { external_id, name: 'Ada' })).body).toEqual({ id });
    // It is a customer like any other then: another external id is another customer's.
    const late = { external_id: randomUUID(), name: 'Bo', identities: [identity] };
    expect(problem(await cast.api.post('/v1/customers', late))).toEqual({ status: 409, code: 'identity_taken' });
  });

  it('join one placeholder with one of many upserts at once', async () => {
    const identity = email();
    const { id } = created(await resolve('email', 'email', identity.value));
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, n) =>
        cast.api.post('/v1/customers', { external_id: `wants ${n}`, name: 'Ada', identities: [identity] }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409, 409]);
    const { external_id } = await read(id);
    expect(answers[Number(external_id.slice(-1))]!.body).toEqual({ id });
  });
});
