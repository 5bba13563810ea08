import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { KeyStore } from '../../libs/platform/keys/key-store.js';
import { type Answer, type Cast, conversationWith, created, Journey, messageTo, problem } from './journey.js';

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
const merge = (id: string, into_id: string) => to(id, 'merge', { into_id });
const read = async (id: string, query = '') => (await cast.api.get(`/v1/customers/${id}${query}`)).body;
const talk = async (customer: string): Promise<string> => {
  const { id } = created(await conversationWith({ api: cast.api, customer }));
  created(await messageTo(id, { api: cast.api, customer }));
  return id;
};
const conversationsOf = async (customer: string): Promise<string[]> =>
  (await cast.api.get(`/v1/conversations?customer=${customer}`)).body.data.map(({ id }: { id: string }) => id).sort();
const refusal = (answer: Answer) => problem(answer).code;
const email = (value = `${randomUUID()}@example.org`) => ({ kind: 'email', value });

it('joins two customers: either id answers the one that stays, with what both have', async () => {
  const [mine, theirs] = [email(), email()];
  const [merged, survivor] = [await make({ identities: [mine] }), await make({ identities: [theirs] })];
  const conversations = [await talk(merged), await talk(survivor)].sort();
  const done = await merge(merged, survivor);
  expect([done.status, done.body]).toEqual([
    200,
    { id: merged, into_id: survivor, undo_until: expect.stringMatching(/^\d{4}-.*Z$/) },
  ]);
  const window = Date.parse(done.body.undo_until) - Date.now();
  expect(window / 3_600_000).toBeCloseTo(72, 1);

  const whole = { id: survivor, merged_into_id: null, merged_ids: [merged] };
  expect(await read(survivor)).toMatchObject({ ...whole, asked_for_id: null });
  const answered = await cast.api.get(`/v1/customers/${merged}`);
  expect(answered.body).toMatchObject({
    ...whole,
    asked_for_id: merged,
    identities: [
      { customer_id: merged, ...mine, primary: false },
      { customer_id: survivor, ...theirs, primary: true },
    ],
  });
  expect(await read(merged, '?follow=false')).toMatchObject({
    id: merged,
    merged_into_id: survivor,
    undo_until: done.body.undo_until,
    identities: [{ ...mine, primary: true }],
  });
  const found = await cast.api.post('/v1/customers/look_up', { identity: mine });
  expect(found.body).toMatchObject({ id: survivor, asked_for_id: merged });
  expect(await conversationsOf(merged)).toEqual(conversations);
  expect(await conversationsOf(survivor)).toEqual(conversations);
});

it('takes what is sent to the merged one for the one that stays', async () => {
  const [external_id, mine] = [randomUUID(), email()];
  const [merged, survivor] = [await make({ external_id, identities: [mine] }), await make()];
  await merge(merged, survivor);
  const upsert = await cast.api.post('/v1/customers', { external_id, name: 'Ada, told', identities: [mine, email()] });
  expect([upsert.status, upsert.body]).toEqual([200, { id: survivor }]);
  const patched = await cast.api.send('PATCH', `/v1/customers/${merged}`, { language: 'en' });
  expect([patched.status, patched.body]).toEqual([200, { id: survivor }]);
  expect(created(await to(merged, 'add_identity', { identity: email() })).customer_id).toBe(survivor);
  expect(refusal(await to(survivor, 'add_identity', { identity: mine }))).toBe('already_identified');
  expect(await read(survivor)).toMatchObject({ name: 'Ada, told', language: 'en', identities: [{}, {}, {}] });
  const conversation = await talk(merged);
  expect((await cast.api.get(`/v1/conversations/${conversation}`)).body.customer_id).toBe(survivor);
  const resolved = { channel: 'email', identity: mine };
  expect((await cast.api.post('/v1/customers/resolve', resolved)).body).toEqual({ id: survivor });
  // Its identities are its own still, and are changed under either id.
  const { id: identity_id } = (await read(merged, '?follow=false')).identities[0];
  expect((await to(survivor, 'verify_identity', { identity_id })).body).toEqual({ id: merged });
  expect(await read(merged, '?follow=false')).toMatchObject({ name: 'Ada', identities: [{ verified: true }] });
});

it('is undone within its time: each has again what was theirs', async () => {
  const [merged, survivor] = [await make({ name: 'Merged' }), await make({ name: 'Survivor' })];
  const [before, ofSurvivor] = [await talk(merged), await talk(survivor)];
  await merge(merged, survivor);
  const meanwhile = await talk(merged);
  expect(refusal(await merge(merged, survivor))).toBe('customer_merged');
  expect((await to(merged, 'unmerge')).body).toEqual({ id: merged });
  expect(await read(merged)).toMatchObject({ id: merged, name: 'Merged', merged_into_id: null, undo_until: null });
  expect(await read(survivor)).toMatchObject({ merged_ids: [] });
  expect(await conversationsOf(merged)).toEqual([before]);
  expect(await conversationsOf(survivor)).toEqual([ofSurvivor, meanwhile].sort());
  expect(refusal(await to(merged, 'unmerge'))).toBe('customer_not_merged');
  expect((await merge(merged, survivor)).status).toBe(200);
});

it('cannot be undone after the time that the workspace gives it', async () => {
  await cast.api.send('PUT', '/v1/customer_rules', { merge_undo_hours: 0 });
  const [merged, survivor] = [await make(), await make()];
  const { undo_until } = (await merge(merged, survivor)).body;
  expect(Date.parse(undo_until)).toBeLessThanOrEqual(Date.now());
  await new Promise((resolve) => setTimeout(resolve, 20));
  const refused = await to(merged, 'unmerge');
  expect(problem(refused)).toEqual({ status: 422, code: 'merge_final' });
  expect(refused.body.detail).toContain(undo_until);
  await cast.api.send('PUT', '/v1/customer_rules', {});
});

it('leads to the end of a chain, and goes on when a link is undone', async () => {
  const [a, b, c, d] = [await make(), await make(), await make(), await make()];
  const conversations = [await talk(a), await talk(b), await talk(c)].sort();
  await merge(a, b);
  await merge(b, c);
  for (const id of [a, b, c]) {
    expect((await read(id)).id).toBe(c);
    expect(await conversationsOf(id)).toEqual(conversations);
  }
  expect((await read(c)).merged_ids).toEqual([a, b].sort());
  // Whoever is merged into a merged one is merged into whom that one stands for.
  expect((await merge(d, a)).body.into_id).toBe(c);
  await to(b, 'unmerge');
  expect([(await read(a)).id, (await read(d)).id]).toEqual([b, c]);
});

it('is refused into itself, into one that stands for it, and into nobody', async () => {
  const [a, b] = [await make(), await make()];
  await merge(a, b);
  expect([refusal(await merge(b, b)), refusal(await merge(b, a))]).toEqual(['merge_into_itself', 'merge_into_itself']);
  expect(refusal(await merge(b, `cus_${cast.workspace.slice(4)}`))).toBe('unknown_reference');
});

// Three who are merged into one another at the same moment: no stream of one knows of the others.
it('in a ring is read as one and the same, can be changed, and can be undone', async () => {
  let rings = 0;
  // Ten rounds, and on a machine on which no three have met by then as many more as it takes.
  for (let round = 0; round < 10 || (rings === 0 && round < 100); round++) {
    const [a, b, c] = [await make(), await make(), await make()] as const;
    const outside = await make();
    await merge(outside, b);
    const conversations = [await talk(a), await talk(b), await talk(c), await talk(outside)].sort();
    const answers = await Promise.all([merge(a, b), merge(b, c), merge(c, a)]);
    const isRing = answers.every(({ status }) => status === 200);
    for (const answer of answers.filter(({ status }) => status !== 200)) {
      expect(['merge_into_itself', 'customer_merged']).toContain(refusal(answer));
    }
    const all = [a, b, c, outside];
    const read_as = await Promise.all(all.map(async (id) => (await read(id)).id));
    expect(new Set(read_as).size).toBe(1);
    const survivor = read_as[0]!;
    if (isRing) {
      // Where the merges lead round: three of them, or two where one request came late enough to know of another.
      const into = new Map(answers.map(({ body }) => [body.id as string, body.into_id as string]));
      const round = [into.get(into.get(a)!)!];
      while (into.get(round.at(-1)!) !== round[0]) round.push(into.get(round.at(-1)!)!);
      expect(survivor).toBe(round.sort()[0]);
    }
    for (const id of all) {
      expect(await conversationsOf(id)).toEqual(conversations.sort());
      const patched = await cast.api.send('PATCH', `/v1/customers/${id}`, { name: `By ${id}` });
      expect(patched.body).toEqual({ id: survivor });
      conversations.push(await talk(id));
      expect((await cast.api.get(`/v1/conversations/${conversations.at(-1)}`)).body.customer_id).toBe(survivor);
    }
    if (isRing) {
      rings++;
      expect((await to(survivor, 'unmerge')).status).toBe(200);
      const after = await Promise.all(all.map(async (id) => (await read(id)).id));
      expect(new Set(after)).toEqual(new Set([survivor]));
    }
  }
  expect(rings).toBeGreaterThan(0);
});

it('leaves each under their own key: what one says stays when the other is erased', async () => {
  const [merged, survivor] = [await make({ name: 'Merged' }), await make({ name: 'Survivor' })];
  await merge(merged, survivor);
  await cast.api.send('PATCH', `/v1/customers/${merged}`, { name: 'Survivor, renamed' });
  const admin = new pg.Client({ connectionString: journey.database.url });
  await admin.connect();
  try {
    const { rows } = await admin.query<{ stream: string; keys: number }>(
      `select e.stream, count(*)::int as keys from log.events e
         join keys.data_keys k on k.subject = 'cus_' || replace(e.stream::text, '-', '') and position(uuid_send(k.id) in e.payload) > 0
        where e.stream = any ($1::uuid[]) and e.type in ('customer.created', 'customer.renamed') group by e.stream`,
      [[merged, survivor].map((id) => id.slice(4))],
    );
    const keys = new Map(rows.map((row) => [`cus_${row.stream.replaceAll('-', '')}`, row.keys]));
    expect([keys.get(merged), keys.get(survivor)]).toEqual([1, 2]);
    await new KeyStore().destroy(admin, cast.workspace, merged);
  } finally {
    await admin.end();
  }
  expect((await cast.api.send('PATCH', `/v1/customers/${survivor}`, { name: 'Still here' })).status).toBe(200);
  expect(await read(merged)).toMatchObject({ id: survivor, name: 'Still here' });
});
