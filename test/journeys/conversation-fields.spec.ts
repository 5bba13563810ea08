import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Cast, conversationWith, created, Journey, messageTo, problem } from './journey.js';

let journey: Journey;
let cast: Cast;
let at: string;
let id: string;
beforeAll(async () => {
  journey = await Journey.begin();
  cast = await journey.cast();
});
afterAll(() => journey.end());
beforeEach(async () => {
  id = created(await conversationWith(cast, { title: 'Broken lamp' })).id;
  at = `/v1/conversations/${id}`;
});

const MERGE_PATCH = { headers: { 'content-type': 'application/merge-patch+json' } };
const patch = (body: object) => cast.api.send('PATCH', at, body, MERGE_PATCH);
const read = async () => (await cast.api.get(at)).body;
const types = async (): Promise<string[]> =>
  (await cast.api.get(`${at}/events`)).body.data.map(({ type }: { type: string }) => type);
const label = async (name: string) => created(await cast.api.post('/v1/labels', { name })).id as string;
const detailOf = async (status: string) =>
  created(await cast.api.post('/v1/status_details', { status, name: randomUUID() })).id as string;
const team = async () =>
  created(await cast.api.post('/v1/teams', { external_id: randomUUID(), name: 'Nights' })).id as string;

describe('a patch', () => {
  it('changes what it names, an event for each, and says what it is then', async () => {
    const [reeds, looms] = [await label(`Reeds ${id}`), await label(`Looms ${id}`)];
    const nights = await team();
    const assignee = { type: 'ai_agent', id: cast.aiAgent };
    const body = {
      title: 'Mended lamp',
      priority: 'high',
      assignee,
      team_id: nights,
      label_ids: [looms, reeds],
      locked: true,
    };
    const done = await patch(body);
    expect([done.status, done.body]).toEqual([200, { id, seq: 8, status: 'open' }]);
    expect(await read()).toMatchObject({ ...body, label_ids: [reeds, looms].sort(), status: 'open', seq: 8 });
    expect(await types()).toEqual([
      'conversation.created',
      'conversation.assigned',
      'conversation.team_assigned',
      'conversation.priority_changed',
      'conversation.labeled',
      'conversation.labeled',
      'conversation.title_changed',
      'conversation.locked',
    ]);
  });

  it('that says what is so already writes nothing', async () => {
    const body = {
      title: 'Broken lamp',
      priority: 'normal',
      status: 'open',
      assignee: null,
      label_ids: [],
      locked: false,
    };
    expect((await patch(body)).body).toEqual({ id, seq: 1, status: 'open' });
    await patch({ title: null });
    expect((await patch({ title: null })).body.seq).toBe(2);
    expect((await read()).title).toBeNull();
  });

  it('takes labels off that it does not name', async () => {
    const [one, two] = [await label(`One ${id}`), await label(`Two ${id}`)];
    await patch({ label_ids: [one] });
    await patch({ label_ids: [two] });
    expect((await read()).label_ids).toEqual([two]);
  });

  it('keeps to the version that it was made for', async () => {
    const first = await cast.api.send('PATCH', at, { priority: 'low' }, { headers: { 'if-match': '"1"' } });
    expect(first.headers.get('etag')).toBe('"2"');
    const second = await cast.api.send('PATCH', at, { priority: 'high' }, { headers: { 'if-match': '"1"' } });
    expect(problem(second)).toEqual({ status: 412, code: 'version_mismatch' });
  });

  it.each([
    [{ priority: 'yesterday' }, 400, 'invalid_request'],
    [{ colour: 'red' }, 400, 'invalid_request'],
    [{ status: 'closed', snoozed_until: '2030-01-01T00:00:00.000Z' }, 422, 'conversation_not_snoozed'],
    [{ label_ids: ['lbl_0198f2c0a1b27c3d8e4f5a6b7c8d9e06'] }, 404, 'unknown_reference'],
    [{ team_id: 'team_0198f2c0a1b27c3d8e4f5a6b7c8d9e06' }, 404, 'unknown_reference'],
    [{ status_detail_id: 'sdt_0198f2c0a1b27c3d8e4f5a6b7c8d9e06' }, 404, 'unknown_reference'],
  ])('of %j is refused', async (body, status, code) => {
    expect(problem(await patch(body))).toEqual({ status, code });
    expect((await read()).seq).toBe(1);
  });

  it('of another media type is refused', async () => {
    const sent = await cast.api.send('PATCH', at, { priority: 'low' }, { headers: { 'content-type': 'text/plain' } });
    expect(problem(sent)).toEqual({ status: 415, code: 'unsupported_media_type' });
  });
});

describe('snoozing', () => {
  it('ends at its time, once, in an installation of any size', async () => {
    // Long enough for a busy machine to see it snoozed.
    const until = new Date(Date.now() + 5000).toISOString();
    await cast.api.post(`${at}/snooze`, { until });
    expect(await read()).toMatchObject({ status: 'snoozed', snoozed_until: until });
    for (const end = Date.now() + 60_000; (await read()).status !== 'open' && Date.now() < end; ) await sleep(100);
    await sleep(1500);
    expect(await types()).toEqual(['conversation.created', 'conversation.snoozed', 'conversation.unsnoozed']);
    const { body } = await cast.api.get(`${at}/events`);
    expect(body.data[2].actor).toEqual({ type: 'system', id: 'snooze_clock' });
    expect(Date.parse(body.data[2].occurred_at)).toBeGreaterThanOrEqual(Date.parse(until));
    expect(await read()).toMatchObject({ status: 'open', snoozed_until: null });
  });

  it('ends when the customer answers', async () => {
    const waiting = await detailOf('snoozed');
    await cast.api.post(`${at}/snooze`, { status_detail_id: waiting });
    expect(await read()).toMatchObject({ status: 'snoozed', status_detail_id: waiting, snoozed_until: null });
    await messageTo(id, cast);
    expect(await read()).toMatchObject({ status: 'open', status_detail_id: null });
  });

  it('is seen by analytics as neither closing nor reopening', async () => {
    await cast.api.post(`${at}/snooze`, {});
    const { headers } = await cast.api.post(`${at}/reopen`);
    const facts = await cast.api.get(`/v1/analytics/conversations/${id}?wait_for=${headers.get('heddle-position')}`);
    expect(facts.body).toMatchObject({ status: 'open', closes: 0, reopens: 0 });
  });
});

describe('details of statuses', () => {
  it('belong to one status, and are not given once they are archived', async () => {
    const spam = await detailOf('closed');
    expect(problem(await cast.api.post(`${at}/snooze`, { status_detail_id: spam })).code).toBe(
      'status_detail_mismatch',
    );
    expect(problem(await patch({ status_detail_id: spam })).code).toBe('status_detail_mismatch');
    expect((await patch({ status: 'closed', status_detail_id: spam })).status).toBe(200);
    await cast.api.send('PATCH', `/v1/status_details/${spam}`, { archived: true });
    expect((await read()).status_detail_id).toBe(spam);
    await patch({ status: 'open' });
    expect((await read()).status_detail_id).toBeNull();
    expect(problem(await cast.api.post(`${at}/close`, { status_detail_id: spam })).code).toBe('archived');
  });
});

describe('labels', () => {
  it('are objects with names of their own, whatever their case', async () => {
    const name = `Billing ${id}`;
    const made = created(await cast.api.post('/v1/labels', { name, color: '#4477aa', description: 'Money' })).id;
    const again = await cast.api.post('/v1/labels', { name: name.toUpperCase() });
    expect([again.status, again.body.id]).toEqual([200, made]);
    const other = await label(`Other ${id}`);
    const rename = await cast.api.send('PATCH', `/v1/labels/${other}`, { name: name.toLowerCase() });
    expect(problem(rename)).toEqual({ status: 409, code: 'external_id_taken' });
    // To one of its own names it can go at any time.
    for (const own of [name, `Not ${name}`, name.toLowerCase(), name.toUpperCase()]) {
      const { status, body } = await cast.api.send('PATCH', `/v1/labels/${made}`, { name: own });
      expect([own, status, body]).toEqual([own, 200, { id: made }]);
    }
    expect((await cast.api.get(`/v1/labels/${made}`)).body).toMatchObject({
      id: made,
      name: name.toUpperCase(),
      color: '#4477aa',
      description: 'Money',
      archived: false,
    });
  });

  it('that are archived stay where they are, and are put on nothing more', async () => {
    const old = await label(`Old ${id}`);
    await cast.api.post(`${at}/label`, { label_id: old });
    await cast.api.send('PATCH', `/v1/labels/${old}`, { archived: true });
    expect((await read()).label_ids).toEqual([old]);
    expect(problem(await cast.api.post(`${at}/label`, { label_id: old })).code).toBe('archived');
    expect((await cast.api.post(`${at}/unlabel`, { label_id: old })).status).toBe(200);
    expect(problem(await cast.api.post(`${at}/unlabel`, { label_id: old })).code).toBe('not_labeled');
    expect(problem(await patch({ label_ids: [old] })).code).toBe('archived');
  });

  it('of another workspace are unknown', async () => {
    const stranger = await journey.cast();
    const theirs = created(await stranger.api.post('/v1/labels', { name: 'Theirs' })).id;
    expect(problem(await cast.api.post(`${at}/label`, { label_id: theirs })).code).toBe('unknown_reference');
    expect(problem(await cast.api.get(`/v1/labels/${theirs}`)).code).toBe('not_found');
  });
});

describe('a locked conversation', () => {
  it('takes no messages until it is unlocked', async () => {
    await cast.api.post(`${at}/lock`);
    expect(problem(await messageTo(id, cast))).toEqual({ status: 422, code: 'conversation_locked' });
    await cast.api.post(`${at}/unlock`);
    expect((await messageTo(id, cast)).status).toBe(201);
  });
});

describe('the list', () => {
  it('is of those with a team, a label, a priority, or a status', async () => {
    const [nights, red] = [await team(), await label(`Red ${id}`)];
    await patch({ team_id: nights, label_ids: [red], priority: 'urgent', status: 'snoozed' });
    for (const query of [
      `team=${nights}`,
      `label=${red}`,
      `team=${nights}&label=${red}&priority=urgent&status=snoozed`,
    ]) {
      const { body } = await cast.api.get(`/v1/conversations?${query}`);
      expect([query, body.data.map((one: { id: string }) => one.id)]).toEqual([query, [id]]);
    }
    expect((await cast.api.get(`/v1/conversations?label=${red}&priority=low`)).body.data).toEqual([]);
    expect((await cast.api.get(`/v1/conversations?label=${red}&team=none`)).body.data).toEqual([]);
  });
});

describe('teams', () => {
  it('have members, who come and go', async () => {
    const nights = await team();
    const [bo, bot] = [
      { type: 'user', id: cast.user },
      { type: 'ai_agent', id: cast.aiAgent },
    ];
    for (const member of [bo, bot]) await cast.api.post(`/v1/teams/${nights}/add_member`, { member });
    expect(problem(await cast.api.post(`/v1/teams/${nights}/add_member`, { member: bo })).code).toBe('already_member');
    const both = (await cast.api.get(`/v1/teams/${nights}`)).body.members;
    expect(both).toHaveLength(2);
    expect(both).toEqual(expect.arrayContaining([bo, bot]));
    await cast.api.post(`/v1/teams/${nights}/remove_member`, { member: bo });
    expect((await cast.api.get(`/v1/teams/${nights}`)).body).toMatchObject({ name: 'Nights', members: [bot] });
  });

  it('are renamed by a patch, on the version that was read', async () => {
    const nights = `/v1/teams/${await team()}`;
    const rename = (name: string, version: string) =>
      cast.api.send('PATCH', nights, { name }, { headers: { ...MERGE_PATCH.headers, 'if-match': version } });
    const { headers } = await cast.api.get(nights);
    const done = await rename('Nights and weekends', headers.get('etag')!);
    expect([done.status, done.body]).toEqual([200, { id: nights.split('/').at(-1) }]);
    expect((await cast.api.get(nights)).body.name).toBe('Nights and weekends');
    expect(problem(await rename('Nights', headers.get('etag')!)).code).toBe('version_mismatch');
    const nothing = await cast.api.send('PATCH', nights, {}, MERGE_PATCH);
    expect([nothing.status, nothing.headers.get('etag')]).toEqual([200, done.headers.get('etag')]);
    expect(problem(await cast.api.send('PATCH', nights, { name: '' }, MERGE_PATCH)).code).toBe('invalid_request');
    const nowhere = '/v1/teams/team_0198f2c0a1b27c3d8e4f5a6b7c8d9e0f';
    expect(problem(await cast.api.send('PATCH', nowhere, { name: 'x' }, MERGE_PATCH)).code).toBe('not_found');
  });

  it('are responsible for conversations, beside somebody', async () => {
    const nights = await team();
    await cast.api.post(`${at}/assign_team`, { team_id: nights });
    expect(await read()).toMatchObject({ team_id: nights, assignee: null });
    expect(problem(await cast.api.post(`${at}/assign_team`, { team_id: nights })).code).toBe('already_assigned');
    await cast.api.post(`${at}/assign_team`, { team_id: null });
    expect((await read()).team_id).toBeNull();
  });
});
