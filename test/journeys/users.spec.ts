import { randomUUID } from 'node:crypto';
import { type Cast, conversationWith, created, Journey, problem } from './journey.js';

let journey: Journey;
let cast: Cast;
beforeAll(async () => {
  journey = await Journey.begin();
  cast = await journey.cast();
});
afterAll(() => journey.end());

const patch = (path: string, body: object, headers: Record<string, string> = {}) =>
  cast.api.send('PATCH', path, body, { headers: { 'content-type': 'application/merge-patch+json', ...headers } });
const idsOf = async (path: string): Promise<string[]> =>
  (await cast.api.get(path)).body.data.map(({ id }: { id: string }) => id);

describe.each(['users', 'ai_agents'])('%s', (kind) => {
  let id: string;
  let at: string;
  beforeEach(async () => {
    id = created(await cast.api.post(`/v1/${kind}`, { external_id: randomUUID(), name: 'Bo' })).id;
    at = `/v1/${kind}/${id}`;
  });
  const read = async () => (await cast.api.get(at)).body;

  it('are offline, with no skills and no bound, until something else is said', async () => {
    expect(await read()).toMatchObject({ status: 'offline', skills: [], capacity: null });
  });

  it('say whether they are there, what for and how much of it, an event for each', async () => {
    const done = await patch(at, { name: 'Bo B.', status: 'available', skills: ['german', 'billing'], capacity: 8 });
    expect([done.status, done.body, done.headers.get('etag')]).toEqual([200, { id }, '"6"']);
    expect(await read()).toMatchObject({
      name: 'Bo B.',
      status: 'available',
      skills: ['billing', 'german'],
      capacity: 8,
    });
    await patch(at, { status: 'away', skills: ['german', 'lace', 'lace'], capacity: null });
    expect(await read()).toMatchObject({ status: 'away', skills: ['german', 'lace'], capacity: null });
  });

  it('that say what is so already write nothing', async () => {
    await patch(at, { status: 'available', skills: ['lace'], capacity: 0 });
    const again = await patch(at, { name: 'Bo', status: 'available', skills: ['lace'], capacity: 0 });
    expect([again.status, again.headers.get('etag')]).toEqual([200, '"4"']);
    expect((await patch(at, {})).headers.get('etag')).toBe('"4"');
  });

  it('keep to the version that they were changed for', async () => {
    expect(problem(await patch(at, { status: 'away' }, { 'if-match': '"7"' }))).toEqual({
      status: 412,
      code: 'version_mismatch',
    });
    expect((await read()).status).toBe('offline');
  });

  it('can say all of it when they are made known, and be listed by it', async () => {
    const skill = `s${randomUUID()}`;
    const body = { external_id: randomUUID(), name: 'Di', status: 'away', skills: [skill], capacity: 3 };
    const other = created(await cast.api.post(`/v1/${kind}`, body)).id;
    await patch(at, { skills: [skill], status: 'available' });
    expect(await idsOf(`/v1/${kind}?skill=${skill}`)).toEqual([other, id]);
    expect(await idsOf(`/v1/${kind}?skill=${skill}&status=away`)).toEqual([other]);
    expect(await idsOf(`/v1/${kind}?skill=${skill}&status=offline`)).toEqual([]);
    expect(await idsOf(`/v1/${kind}?external_id=${body.external_id}&status=away`)).toEqual([other]);
    const first = (await cast.api.get(`/v1/${kind}?skill=${skill}&limit=1`)).body;
    expect(first.data.map((one: { id: string }) => one.id)).toEqual([other]);
    expect(await idsOf(`/v1/${kind}?skill=${skill}&limit=1&cursor=${first.next_cursor}`)).toEqual([id]);
    const elsewhere = await cast.api.get(`/v1/${kind}?limit=1&cursor=${first.next_cursor}`);
    expect(problem(elsewhere)).toEqual({ status: 400, code: 'invalid_cursor' });
  });

  it('are not changed where nobody is known by the id', async () => {
    const unknown = `${id.split('_')[0]}_0198f2c0a1b27c3d8e4f5a6b7c8d9e03`;
    expect(problem(await patch(`/v1/${kind}/${unknown}`, { status: 'away' }))).toEqual({
      status: 404,
      code: 'not_found',
    });
  });

  it.each([
    ['in another status', { status: 'asleep' }, '/body/status'],
    ['with a skill that is no slug', { skills: ['Not a slug'] }, '/body/skills/0'],
    ['with 51 skills', { skills: Array.from({ length: 51 }, (_, n) => `s${n}`) }, '/body/skills'],
    ['there for fewer than none', { capacity: -1 }, '/body/capacity'],
    ['there for a half', { capacity: 1.5 }, '/body/capacity'],
    ['anything else', { mood: 'fine' }, '/body/mood'],
  ])('are not %s', async (_, body, pointer) => {
    const answer = await patch(at, body);
    expect(problem(answer)).toEqual({ status: 400, code: 'invalid_request' });
    expect(answer.body.errors[0].pointer).toBe(pointer);
    expect((await read()).status).toBe('offline');
  });
});

describe('a user', () => {
  it('has another address, or none, by a patch', async () => {
    const at = `/v1/users/${cast.user}`;
    await patch(at, { email: 'bo@example.org' });
    expect((await cast.api.get(at)).body.email).toBe('bo@example.org');
    await patch(at, { email: null });
    expect((await cast.api.get(at)).body.email).toBeNull();
    expect(problem(await patch(at, { email: 'nobody' })).code).toBe('invalid_request');
  });
});

describe('the workload', () => {
  const load = async (assignee: string): Promise<number> =>
    (await cast.api.get(`/v1/workload?assignee=${assignee}`)).body.data[0]?.open ?? 0;
  const party = (type: string, id: string) => ({ assignee: { type, id } });

  it('counts what is open and assigned, whatever the capacity, and nothing else', async () => {
    const [bo, bot] = await Promise.all(
      ['users', 'ai_agents'].map(async (kind) => {
        const body = { external_id: randomUUID(), name: 'Bo', capacity: 1 };
        return created(await cast.api.post(`/v1/${kind}`, body)).id as string;
      }),
    );
    const conversations = await Promise.all(
      Array.from({ length: 4 }, async () => `/v1/conversations/${created(await conversationWith(cast)).id}`),
    );
    expect([await load(bo!), await load(bot!)]).toEqual([0, 0]);
    for (const at of conversations.slice(0, 3)) await cast.api.post(`${at}/assign`, party('user', bo!));
    await cast.api.post(`${conversations[3]}/assign`, party('ai_agent', bot!));
    expect([await load(bo!), await load(bot!)]).toEqual([3, 1]);
    await cast.api.post(`${conversations[0]}/close`);
    await cast.api.post(`${conversations[1]}/snooze`);
    await cast.api.post(`${conversations[3]}/assign`, { assignee: null });
    expect([await load(bo!), await load(bot!)]).toEqual([1, 0]);
    await cast.api.post(`${conversations[0]}/reopen`);
    expect(await load(bo!)).toBe(2);
  });

  it('is paged by the id of the assignee', async () => {
    const { api, user, aiAgent, customer } = await journey.cast();
    for (const [type, id] of [
      ['user', user],
      ['ai_agent', aiAgent],
    ] as const) {
      const { id: conversation } = created(await conversationWith({ api, customer }));
      await api.post(`/v1/conversations/${conversation}/assign`, party(type, id));
    }
    const first = (await api.get('/v1/workload?limit=1')).body;
    const second = (await api.get(`/v1/workload?limit=1&cursor=${first.next_cursor}`)).body;
    expect([...first.data, ...second.data]).toEqual([
      { ...party('user', user), open: 1 },
      { ...party('ai_agent', aiAgent), open: 1 },
    ]);
    expect(second.next_cursor).toBeNull();
    expect((await api.get('/v1/workload')).body.data).toHaveLength(2);
    expect((await cast.api.get(`/v1/workload?assignee=${user}`)).body.data).toEqual([]);
    expect(problem(await api.get('/v1/workload?assignee=nobody')).code).toBe('invalid_request');
  });
});
