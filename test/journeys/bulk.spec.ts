import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { newId } from '../../libs/platform/kernel/id.js';
import { until } from '../../libs/platform/testing/until.js';
import { ApiClient, type Cast, conversationWith, created, Journey, problem } from './journey.js';

let journey: Journey;
let cast: Cast;
beforeAll(async () => {
  journey = await Journey.begin({ own: true });
  cast = await journey.cast();
});
afterAll(() => journey.end());

const bulk = (body: object, headers: Record<string, string> = {}) =>
  cast.api.post('/v1/conversations/bulk', body, { headers });
const started = async (body: object): Promise<string> => {
  const answer = await bulk(body);
  expect([answer.status, answer.body.code]).toEqual([202, undefined]);
  return answer.body.id;
};
const job = async (id: string) => (await cast.api.get(`/v1/jobs/${id}`)).body;
const rows = async (id: string, query = '') => (await cast.api.get(`/v1/jobs/${id}/rows?limit=1000${query}`)).body.data;
async function ended(id: string) {
  for (const giveUp = Date.now() + 60_000; Date.now() < giveUp; await sleep(50)) {
    const now = await job(id);
    if (now.status !== 'running') return now;
  }
  throw new Error(`${id} has not ended.`);
}
const conversations = (count: number, fields: object): Promise<string[]> =>
  Promise.all(Array.from({ length: count }, async () => created(await conversationWith(cast, fields)).id as string));
const events = async (id: string) => (await cast.api.get(`/v1/conversations/${id}/events`)).body.data;

it('changes each of the conversations that are named, once, and says what became of it', async () => {
  const made = await conversations(3, { channel: 'named' });
  const unknown = newId('conv');
  await cast.api.send('PATCH', `/v1/conversations/${made[1]}`, { priority: 'low' });
  const id = await started({ ids: [...made, unknown, made[0]], patch: { priority: 'low', locked: true } });
  expect(await ended(id)).toMatchObject({
    kind: 'conversations.update',
    patch: { priority: 'low', locked: true },
    status: 'finished',
    total: 4,
    done: 3,
    failed: 1,
  });
  expect(await rows(id)).toEqual([
    ...made.map((conversation_id) => ({ conversation_id, status: 'done', code: null })),
    { conversation_id: unknown, status: 'failed', code: 'not_found' },
  ]);
  expect(await rows(id, '&status=failed')).toHaveLength(1);
  expect(await rows(id, '&status=pending')).toEqual([]);
  for (const conversation of made) {
    const { body } = await cast.api.get(`/v1/conversations/${conversation}`);
    expect(body).toMatchObject({ priority: 'low', locked: true, seq: 3 });
  }
  // In the name of who asked for it.
  const [, ...changes] = await events(made[0]!);
  const [first] = await events(made[0]!);
  expect((await job(id)).created_by).toEqual(first.actor);
  expect(changes.map(({ actor }: { actor: object }) => actor)).toEqual([first.actor, first.actor]);
});

it('changes what a filter means when it is asked for, and nothing that comes to be it', async () => {
  const made = await conversations(4, { channel: 'filtered' });
  await cast.api.post(`/v1/conversations/${made[0]}/close`);
  const open = { field: 'status', op: 'is', value: 'open' };
  const filter = { and: [{ field: 'channel', op: 'is', value: 'filtered' }, open] };
  const id = await started({ filter, patch: { status: 'closed' } });
  expect(await ended(id)).toMatchObject({ total: 3, done: 3, failed: 0 });
  expect((await rows(id)).map((row: { conversation_id: string }) => row.conversation_id)).toEqual(
    // Made at once, and maybe by two processes: the order is that of their ids.
    made.slice(1).toSorted().toReversed(),
  );
  const none = await bulk({ filter, patch: { status: 'closed' } });
  expect([none.status, none.body]).toEqual([202, { id: none.body.id, status: 'finished', total: 0 }]);
});

it('tells of each row that is refused why', async () => {
  const [one, two] = await conversations(2, { channel: 'refused' });
  const spam = created(await cast.api.post('/v1/status_details', { status: 'closed', name: 'Spam' })).id;
  await cast.api.post(`/v1/conversations/${one}/close`);
  const id = await started({ ids: [one, two], patch: { status_detail_id: spam } });
  await ended(id);
  expect(await rows(id)).toEqual([
    { conversation_id: one, status: 'done', code: null },
    { conversation_id: two, status: 'failed', code: 'status_detail_mismatch' },
  ]);
});

it('is one job however often it is asked for with one key', async () => {
  const ids = await conversations(2, { channel: 'keyed' });
  const body = { ids, patch: { priority: 'high' } };
  const first = await bulk(body, { 'idempotency-key': 'bulk-1' });
  const again = await bulk(body, { 'idempotency-key': 'bulk-1' });
  expect([again.body.id, again.headers.get('idempotency-replayed')]).toEqual([first.body.id, 'true']);
});

it('goes no further once it is cancelled', async () => {
  const ids = Array.from({ length: 1000 }, () => newId('conv'));
  let id = '';
  // One may have ended before a test that is held up comes to cancel it.
  for (let status = 422, tries = 0; status === 422 && tries < 20; tries++) {
    id = await started({ ids, patch: { priority: 'low' } });
    ({ status } = await cast.api.post(`/v1/jobs/${id}/cancel`));
    expect([200, 422]).toContain(status);
  }
  expect(problem(await cast.api.post(`/v1/jobs/${id}/cancel`))).toEqual({ status: 422, code: 'job_ended' });
  await sleep(1500);
  const then = await job(id);
  expect(then).toMatchObject({ status: 'cancelled', total: 1000, done: 0 });
  expect(then.failed).toBeLessThan(1000);
  expect(await rows(id, '&status=cancelled')).toHaveLength(1000 - then.failed);
  const { body } = await cast.api.get('/v1/jobs?status=cancelled&limit=1');
  expect(body.data[0].id).toBe(id);
});

it.each([
  [{ patch: { priority: 'low' } }, 'invalid_request'],
  [{ ids: [], patch: { priority: 'low' } }, 'invalid_request'],
  [{ ids: [newId('conv')] }, 'invalid_request'],
  [{ ids: [newId('conv')], patch: { title: 'Ada' } }, 'invalid_request'],
])('is not begun by %j', async (body, code) => {
  expect(problem(await bulk(body)).code).toBe(code);
});

describe('beside others', () => {
  let admin: pg.Client;
  beforeEach(async () => {
    admin = new pg.Client({ connectionString: journey.database.url });
    await admin.connect();
  });
  afterEach(() => admin.end());

  /**
   * Lets nobody take a turn of a job before the session ends: as another process would that does. Says whether there is one
   * to take: it may have ended before, which what is read of it need not say yet.
   */
  const hold = async (id: string): Promise<boolean> => {
    const job = id.slice('job_'.length);
    await admin.query('select pg_advisory_lock(hashtextextended($1, 4851))', [`job ${job}`]);
    const ended = "select 1 from log.events where stream = $1 and type in ('job.finished', 'job.cancelled')";
    return (await admin.query(ended, [job])).rowCount === 0;
  };
  const long = { ids: Array.from({ length: 1000 }, () => newId('conv')), patch: { priority: 'low' } };

  it('are ten of a workspace at most, which keep nobody else waiting', async () => {
    const held: string[] = [];
    await until(async () => {
      const { status, body } = await bulk(long);
      if (status === 202 && (await hold(body.id))) held.push(body.id);
      return held.length === 10;
    });
    expect(problem(await bulk(long))).toEqual({ status: 422, code: 'too_many' });
    const other = await journey.cast();
    const { id: theirs } = created(await conversationWith(other));
    const { body } = await other.api.post('/v1/conversations/bulk', { ids: [theirs], patch: { priority: 'low' } });
    await until(async () => (await other.api.get(`/v1/jobs/${body.id}`)).body.status === 'finished');
    for (const id of held) {
      expect((await job(id)).status).toBe('running');
      await cast.api.post(`/v1/jobs/${id}/cancel`);
    }
    expect((await bulk({ ids: [newId('conv')], patch: { priority: 'low' } })).status).toBe(202);
  }, 120_000);

  it('are done one after the other, the oldest first', async () => {
    const first = await started(long);
    // Else it may have ended before the second is there.
    await hold(first);
    const second = await started(long);
    await sleep(200);
    await admin.query('select pg_advisory_unlock_all()');
    await Promise.all([ended(first), ended(second)]);
    const { rows: ends } = await admin.query(
      `select min(position)::integer as first, max(position)::integer as last from log.events
        where stream = any ($1) and type = 'job.progressed' group by stream order by stream`,
      [[first.slice(4), second.slice(4)]],
    );
    expect(ends[0].last).toBeLessThan(ends[1].first);
  });

  it('end with the key that asked for them', async () => {
    const scopes = ['conversations:read', 'conversations:write'];
    const asked = { workspace_id: cast.workspace, name: 'of a job', scopes };
    const key = created(await journey.root.post('/v1/api_keys', asked));
    const client = new ApiClient(cast.api.url, key.key);
    let id = '';
    for (let tries = 0, isHeld = false; !isHeld && tries < 20; tries++) {
      ({ id } = (await client.post('/v1/conversations/bulk', long)).body);
      isHeld = await hold(id);
    }
    await journey.root.post(`/v1/api_keys/${key.id}/revoke`, { workspace_id: cast.workspace });
    // Every process hears of it.
    for (const url of journey.processesOf('conversation')) {
      const refused = async () => (await new ApiClient(url, key.key).get('/v1/conversations')).status === 401;
      await until(refused);
    }
    const { failed } = await job(id);
    expect(failed).toBeLessThan(1000);
    await admin.query('select pg_advisory_unlock_all()');
    expect(await ended(id)).toMatchObject({ status: 'cancelled', failed, created_by: { type: 'api_key', id: key.id } });
  });
});

// Of one process: where there are several, another one goes on.
it('survives the end of its process in the middle, and changes each row once', async () => {
  const made = await conversations(600, { channel: 'survives' });
  const id = await started({ ids: made, patch: { priority: 'urgent' } });
  for (const giveUp = Date.now() + 60_000; (await job(id)).done === 0 && Date.now() < giveUp; ) await sleep(5);
  let midway = 0;
  await journey.restart(async () => {
    const { Client } = (await import('pg')).default;
    const admin = new Client({ connectionString: journey.database.url });
    await admin.connect();
    const { rows: found } = await admin.query('select done from conversation.jobs where id = $1', [id.slice(4)]);
    midway = found[0].done;
    await admin.end();
  });
  expect(await ended(id)).toMatchObject({ status: 'finished', total: 600, done: 600, failed: 0 });
  expect(midway).toBeGreaterThan(0);
  const { body } = await cast.api.post('/v1/conversations/count', {
    filter: {
      and: [
        { field: 'channel', op: 'is', value: 'survives' },
        { field: 'priority', op: 'is', value: 'urgent' },
      ],
    },
  });
  expect(body.count).toBe(600);
  for (const conversation of [made[0]!, made[Math.min(midway, 599)]!, made[599]!]) {
    expect((await events(conversation)).map(({ type }: { type: string }) => type)).toEqual([
      'conversation.created',
      'conversation.priority_changed',
    ]);
  }
}, 120_000);
