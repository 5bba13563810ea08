import { jest } from '@jest/globals';
import { newId } from '../../../platform/kernel/id.js';
import type { Reply } from '../../../platform/operations/reply.js';
import { until } from '../../../platform/testing/until.js';
import { eventHeads } from '../queue/event-heads.js';
import { bodyOf, Scene } from '../scene.fixture.js';
import { LaneController } from './lane.controller.js';

let scene: Scene;
let lanes: LaneController;

beforeEach(async () => {
  scene = await Scene.begin();
  lanes = new LaneController(scene.ports);
});
afterEach(() => scene.end());

async function list(id: string, query: object = {}) {
  const input = { params: { id }, query: { limit: 50, ...query }, body: null } as never;
  return bodyOf(await lanes.list(input, scene.caller()));
}

const decide = (verb: 'resume' | 'skip', id: string, stream: string, key: string | null = null): Promise<Reply> =>
  lanes[verb]({ params: { id }, query: {}, body: { stream, run: 0 } } as never, scene.caller(key));

/** An ordered endpoint with a parked lane of three events. */
async function parked(): Promise<{ id: string; stream: string; ids: string[] }> {
  const id = await scene.endpoint({ ordered: true });
  const stream = await scene.label();
  await scene.label(stream);
  await scene.label(stream);
  await until(async () => (await list(id, { state: 'parked' })).data[0]?.behind === 2);
  await until(async () => (await scene.eventsOn(id)).at(-1) === 'webhook_endpoint.lane_parked');
  const { rows } = await scene.ports.installation.query<{ position: number }>({
    text: 'select position from log.events where stream = $1::uuid order by seq',
    values: [stream.slice(4)],
  });
  const { feed, writing } = scene.ports;
  const positions = rows.map(({ position }) => position);
  const heads = await eventHeads(feed, writing.codec, positions);
  return { id, stream, ids: positions.map((position) => heads.get(position)!.id) };
}

const taken = (from: number) => scene.receiver.received.slice(from).map(({ body }) => body.id);

it('is shown with what it waits for', async () => {
  const { id, stream, ids } = await parked();
  expect((await list(id)).data).toEqual([
    {
      stream,
      run: 0,
      state: 'parked',
      event_id: ids[0],
      event_type: 'label.created',
      event_position: scene.receiver.received[0]!.body.position,
      attempts: 2,
      next_attempt_at: null,
      last_status: 500,
      last_error: null,
      behind: 2,
      waiting_since: expect.any(String),
    },
  ]);
  expect((await list(id, { state: 'blocked' })).data).toEqual([]);
  expect((await list(await scene.endpoint())).data).toEqual([]);
});

it('comes a page at a time', async () => {
  const id = await scene.endpoint({ ordered: true, retry_schedule: [600] });
  const streams = [await scene.label(), await scene.label(), await scene.label()];
  await until(async () => (await list(id, { state: 'blocked' })).data.length === 3);
  const first = await list(id, { state: 'blocked', limit: 2 });
  const second = await list(id, { state: 'blocked', limit: 2, cursor: first.next_cursor });
  const shown = [...first.data, ...second.data];
  expect(shown.map((lane) => lane.stream)).toEqual(streams.sort());
  expect(second.next_cursor).toBeNull();
  expect(shown[0]).toMatchObject({ attempts: 1, next_attempt_at: expect.any(String), behind: 0 });
});

it('goes on in order once it is resumed, its message from the first attempt on', async () => {
  const { id, stream, ids } = await parked();
  scene.isSick = false;
  const before = scene.receiver.received.length;
  const answer = await decide('resume', id, stream, 'once');
  expect(bodyOf(answer)).toEqual({ id, stream, run: 0, event_id: ids[0], event_position: expect.any(Number) });
  await until(() => scene.receiver.received.length === before + 3);
  expect(taken(before)).toEqual(ids);
  expect(scene.receiver.received[before]!.headers['heddle-attempt']).toBe('1');
  // The same request again is answered the same, though there is no such lane any more; another one is refused.
  expect(bodyOf(await decide('resume', id, stream, 'once'))).toEqual(bodyOf(answer));
  const other = await decide('resume', id, stream);
  expect([other.status, bodyOf(other).code]).toEqual([409, 'lane_not_parked']);
  expect((await scene.eventsOn(id)).slice(-2)).toEqual([
    'webhook_endpoint.lane_parked',
    'webhook_endpoint.lane_resumed',
  ]);
});

it('goes on without a message that is skipped, which becomes a dead letter that says so', async () => {
  const { id, stream, ids } = await parked();
  scene.isSick = false;
  const before = scene.receiver.received.length;
  expect((await decide('skip', id, stream)).status).toBe(200);
  await until(() => scene.receiver.received.length === before + 2);
  expect(taken(before)).toEqual(ids.slice(1));
  await until(async () => (await scene.rows('waiting', id)) === 0);
  const { rows } = await scene.ports.installation.query({
    text: 'select event, skipped, attempts, cause from webhooks.webhook_dead_letters where endpoint = $1::uuid',
    values: [id.slice(4)],
  });
  expect(rows).toEqual([{ event: expect.any(String), skipped: true, attempts: 2, cause: 'status' }]);
  expect(`evt_${rows[0]!.event.replaceAll('-', '')}`).toBe(ids[0]);
});

it('is decided of once, by whoever comes first', async () => {
  const { id, stream } = await parked();
  const outcomes = await Promise.allSettled([decide('resume', id, stream), decide('skip', id, stream)]);
  const codes = outcomes.map((outcome) =>
    outcome.status === 'rejected' ? outcome.reason.code : (bodyOf(outcome.value).code ?? 'done'),
  );
  expect(codes.filter((code) => code === 'done')).toHaveLength(1);
  expect(['changed_meanwhile', 'lane_not_parked']).toContain(codes.find((code) => code !== 'done'));
  const decisions = (await scene.eventsOn(id)).filter((type) => /lane_(resumed|skipped)/.test(type));
  expect(decisions).toHaveLength(1);
});

it('that is blocked can be neither resumed nor skipped', async () => {
  const id = await scene.endpoint({ ordered: true, retry_schedule: [600] });
  const stream = await scene.label();
  await until(async () => (await list(id, { state: 'blocked' })).data.length === 1);
  for (const verb of ['resume', 'skip'] as const) {
    const { status, body } = await decide(verb, id, stream);
    expect([status, JSON.parse(String(body)).code]).toEqual([409, 'lane_not_parked']);
  }
  expect((await decide('skip', newId('whe'), stream)).status).toBe(404);
});

it.each(['resume', 'skip'] as const)(
  'goes on after a %s that was on the log when the process was killed',
  async (verb) => {
    const { id, stream, ids } = await parked();
    // Nothing follows the log any more.
    await scene.process.delivery.onModuleDestroy();
    expect((await decide(verb, id, stream)).status).toBe(200);
    expect((await list(id, { state: 'parked' })).data).toHaveLength(1);
    scene.isSick = false;
    const before = scene.receiver.received.length;
    await scene.startAgain();
    await until(async () => scene.receiver.received.length >= before + (verb === 'skip' ? 2 : 3));
    expect(taken(before)).toEqual(verb === 'skip' ? ids.slice(1) : ids);
  },
);

it('is told of once, where the process was killed before its row said so', async () => {
  const kill = jest.spyOn(scene.ports.installation, 'transaction').mockRejectedValueOnce(new Error('killed'));
  const { id } = await parked();
  await until(() => kill.mock.calls.length >= 2);
  await until(async () => {
    const { rows } = await scene.ports.installation.query<{ told: boolean }>({
      text: `select told from webhooks.waiting where endpoint = $1::uuid and state = 'parked'`,
      values: [id.slice(4)],
    });
    return rows[0]!.told;
  });
  const told = (await scene.eventsOn(id)).filter((type) => type === 'webhook_endpoint.lane_parked');
  expect(told).toHaveLength(1);
});

// Caught when: for each lane all that are left are read. That takes longer than a read may.
it('is found among many, in a table that has no statistics yet', async () => {
  const id = await scene.endpoint({ ordered: true });
  await scene.process.endpoints.disable({ params: { id }, query: {}, body: {} } as never, scene.caller());
  await scene.ports.installation.query({
    text: `insert into webhooks.waiting (endpoint, run, position, workspace, stream, pin, attempts, state, due_at)
           select $1, 0, n, $2, gen_random_uuid(), '', 1, 'retry', now() + interval '1 day' from generate_series(1, 5000) n`,
    values: [id.slice(4), scene.workspace.slice(4)],
  });
  expect((await list(id, { state: 'parked' })).data).toEqual([]);
});
