import type { EventData } from '../../../contract/generated/event-data.js';
import type { Aggregate } from '../../../platform/commands/command.js';
import type { DomainEvent } from '../../../platform/kernel/event.js';
import { newId } from '../../../platform/kernel/id.js';
import { until } from '../../../platform/testing/until.js';
import { DeliveryProcess } from '../delivery-process.fixture.js';
import { type Received, Receiver } from '../receiver.fixture.js';
import { bodyOf, Scene } from '../scene.fixture.js';
import { ReplayController } from './replay.controller.js';
import { previewReplay, startReplay } from './replay.operations.js';
import { MOST_WAITING } from './replay-runner.js';

let scene: Scene;
let controller: ReplayController;
let receiver: Receiver;
let url: string;
let answer: (received: Received) => number | Promise<number>;

beforeEach(async () => {
  answer = () => 204;
  receiver = new Receiver((received) => answer(received));
  [scene, url] = await Promise.all([Scene.begin(), receiver.listen()]);
  controller = new ReplayController(scene.ports);
});
afterEach(async () => {
  await scene.end();
  await receiver.close();
});

interface Replay {
  id: string;
  status: string;
  run: number;
  from_position: number;
  to_position: number;
  position: number;
  due: number;
  delivered: number;
  waiting: number;
  given_up: number;
  passed_over: number;
  taken_back: number;
}

type Sent = Record<string, unknown>;
const input = (body: unknown, id?: string) => ({ params: { id }, query: {}, body }) as never;
const start = async (endpoint_id: string, more: Sent = {}): Promise<Replay> =>
  bodyOf(await controller.start(input(startReplay.body!.parse({ endpoint_id, ...more })), scene.caller()));
const preview = async (endpoint_id: string, more: Sent = {}) =>
  bodyOf(await controller.preview(input(previewReplay.body!.parse({ endpoint_id, ...more })), scene.caller()));
const read = async (id: string): Promise<Replay> => bodyOf(await controller.get(input(null, id), scene.caller()));
const cancel = (id: string) => controller.cancel(input({}, id), scene.caller());
const ended = async (id: string): Promise<Replay> => {
  await until(async () => (await read(id)).status !== 'running');
  return read(id);
};
const endpoint = (path: string, more: Sent = {}) => scene.endpoint({ url: `${url}${path}`, ...more });
const idsAt = (path: string) => receiver.at(path).map(({ body }) => body.id);
const textsAt = (path: string) => new Map(receiver.at(path).map(({ body, text }) => [body.id, text]));

/** So many labels, made many at a time. */
async function labels(count: number): Promise<void> {
  for (let made = 0; made < count; made += 500) {
    await Promise.all(Array.from({ length: Math.min(500, count - made) }, () => scene.label()));
  }
}

/** Labels that are renamed again and again, in turns. */
async function renamed(streams: number, times: number): Promise<void> {
  const all = Array.from({ length: streams }, () => newId('lbl'));
  for (let n = 0; n < times; n++) for (const stream of all) await scene.label(stream);
}

type ClosedEvent = DomainEvent<'conversation.closed', EventData['conversation.closed']>;
const closingAggregate: Aggregate<object, object, ClosedEvent> = {
  type: 'conversation',
  prefix: 'conv',
  decider: {
    decide: () => [{ type: 'conversation.closed', data: CLOSED }],
    evolve: () => ({}),
  },
  subjectOf: () => null,
};
const CLOSED: EventData['conversation.closed'] = { message_id: null, article: 'reeds', detail: newId('sdt') };

async function closings(count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    await scene.ports.shell.execute({
      aggregate: closingAggregate,
      caller: scene.caller(),
      workspace: scene.workspace,
      stream: newId('conv'),
      command: {},
      respond: () => ({ status: 201, body: {} }),
    });
  }
}

it('sends a new endpoint what was before it, in order, with the ids and the bytes that others had', async () => {
  await endpoint('/live', { types: ['*'] });
  await renamed(5, 4);
  await until(async () => receiver.at('/live').length >= 20);
  const late = await endpoint('/late', { types: ['*'], ordered: true });
  const { id, run } = await start(late);
  expect(run).toBe(1);
  const replay = await ended(id);
  // The other endpoint's making, and none of its own.
  expect(replay).toMatchObject({ status: 'finished', due: 21, delivered: 21, waiting: 0, given_up: 0, passed_over: 0 });
  const [live, replayed] = [textsAt('/live'), textsAt('/late')];
  const meant = receiver.at('/live').filter(({ body }) => body.stream !== late && body.position <= replay.to_position);
  expect(meant).toHaveLength(20);
  for (const { body } of meant) expect(replayed.get(body.id)).toBe(live.get(body.id));
  const sent = receiver.at('/late').filter(({ body }) => body.position <= replay.to_position);
  expect(sent).toHaveLength(21);
  expect(new Set(sent.map(({ headers }) => headers['heddle-replay']))).toEqual(new Set([id]));
  expect(sent.every(({ headers, body }) => headers['webhook-id'] === body.id)).toBe(true);
  for (const stream of new Set(sent.map(({ body }) => body.stream))) {
    const sequences = sent.filter(({ body }) => body.stream === stream).map(({ body }) => body.sequence);
    expect(sequences).toEqual([...sequences].sort((a, b) => a - b));
  }
  expect(receiver.at('/live').some(({ headers }) => 'heddle-replay' in headers)).toBe(false);
  expect(await scene.eventsOn(id)).toEqual(['webhook_replay.started', 'webhook_replay.finished']);
});

it('sends an endpoint of another pin the same events as that version has them', async () => {
  await endpoint('/live', { types: ['conversation.closed'] });
  await closings(3);
  await until(async () => receiver.at('/live').length >= 3);
  const [alike, pinned] = await Promise.all([
    endpoint('/alike', { types: ['conversation.closed'] }),
    endpoint('/pinned', { types: ['conversation.closed'], pin: 'conversation.closed@1.0' }),
  ]);
  await ended((await start(alike)).id);
  await ended((await start(pinned)).id);
  expect(textsAt('/alike')).toEqual(textsAt('/live'));
  const [newest] = receiver.at('/live');
  const older = receiver.at('/pinned').find(({ body }) => body.id === newest!.body.id)!;
  const { data: now, ...envelope } = newest!.body;
  expect(older.body).toMatchObject(envelope);
  expect(Object.keys(older.body.data).length).toBeLessThan(Object.keys(now).length);
});

it('is of a range, from a cursor or a time, and of what its own filter means', async () => {
  await labels(3);
  const { feed } = scene.ports;
  const first = await feed.end();
  await new Promise((resolve) => setTimeout(resolve, 20));
  const time = new Date().toISOString();
  await labels(4);
  const second = await feed.end();
  await closings(2);
  const id = await endpoint('/a', { types: ['message.*'] });
  const cursor = (position: number) => feed.cursorOf(scene.workspace, { position });
  const range = { from: cursor(first), to: cursor(second) };
  expect(await preview(id, range)).toMatchObject({ matched: 0, due: 0, complete: true });
  expect(await preview(id, { ...range, types: ['label.*'] })).toMatchObject({ matched: 4, never_attempted: 4, due: 4 });
  const none = { field: 'actor_type', op: 'is_not', value: 'api_key' };
  expect(await preview(id, { ...range, types: ['*'], filter: none })).toMatchObject({ matched: 0 });
  const byTime = await start(id, { from: time, types: ['*'] });
  expect([byTime.from_position, byTime.to_position]).toEqual([first + 1, second + 3]);
  expect(await ended(byTime.id)).toMatchObject({ due: 6, delivered: 6 });
  const before = await start(id, { to: time, types: ['label.created'] });
  expect(await ended(before.id)).toMatchObject({ from_position: 1, to_position: first, due: 3 });
  expect(await ended((await start(id, { from: 'now' })).id)).toMatchObject({ due: 0, status: 'finished' });
  const reversed = { from: cursor(second), to: cursor(first) };
  await expect(start(id, reversed)).rejects.toMatchObject({ code: 'reversed_range' });
  await expect(start(id, { types: ['no.such'] })).rejects.toMatchObject({ code: 'invalid_value' });
  await expect(start(newId('whe'))).rejects.toMatchObject({ code: 'not_found' });
});

it('tells what was never attempted from what failed, was taken, or waits', async () => {
  await labels(2);
  const id = await endpoint('/some', { retry_schedule: [1] });
  const refused = new Set<string>();
  answer = ({ path, body }) => {
    if (path === '/some' && refused.size < 3) refused.add(body.id);
    return refused.has(body.id) ? 500 : 204;
  };
  await labels(5);
  await until(async () => (await scene.rows('webhook_dead_letters', id)) === 3);
  await until(async () => (await scene.rows('waiting', id)) === 0);
  expect(await preview(id)).toMatchObject({ matched: 7, never_attempted: 2, failed: 3, taken: 2, waiting: 0, due: 7 });
  const before = receiver.received.length;
  const never = await ended((await start(id, { only: 'never_attempted' })).id);
  expect(never).toMatchObject({ due: 2, delivered: 2, passed_over: 5 });
  expect(receiver.received).toHaveLength(before + 2);
  const again = await ended((await start(id, { only: 'failed' })).id);
  expect(again).toMatchObject({ due: 3, delivered: 0, given_up: 3, passed_over: 4 });
  refused.clear();
  answer = () => 204;
  expect(await ended((await start(id, { only: 'failed' })).id)).toMatchObject({ due: 3, delivered: 3 });
  expect(await preview(id, { only: 'failed' })).toMatchObject({ matched: 7, taken: 7, due: 0 });
});

it('waits while its endpoint is disabled, and is cancelled where that is deleted', async () => {
  await labels(3);
  const id = await endpoint('/off');
  const change = (operation: 'disable' | 'enable' | 'delete') =>
    scene.process.endpoints[operation](input({}, id), scene.caller());
  await change('disable');
  await until(async () => (await stateOf(id)).disabled !== null);
  const first = await start(id);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  expect(await read(first.id)).toMatchObject({ status: 'running', due: 0 });
  await change('enable');
  expect(await ended(first.id)).toMatchObject({ status: 'finished', delivered: 3 });
  answer = () => 500;
  const second = await start(id);
  await until(async () => (await read(second.id)).waiting === 3);
  await change('delete');
  expect(await ended(second.id)).toMatchObject({ status: 'cancelled' });
  await until(async () => (await scene.rows('waiting', id)) + (await scene.rows('fresh', id)) === 0);
});

it('is taken back when it is cancelled, whatever of it waits in memory', async () => {
  await labels(400);
  const id = await endpoint('/slow', { rate_limit: 20, concurrency: 2 });
  const { id: replay } = await start(id);
  await until(async () => receiver.at('/slow').length >= 5);
  await cancel(replay);
  await until(async () => (await read(replay)).waiting === 0);
  const { status, due, delivered, taken_back } = await read(replay);
  expect([status, due]).toEqual(['cancelled', 400]);
  expect(delivered + taken_back).toBe(400);
  // Some may be on their way.
  await new Promise((resolve) => setTimeout(resolve, 100));
  const ofReplay = () => receiver.at('/slow').filter(({ headers }) => headers['heddle-replay'] === replay).length;
  const sent = ofReplay();
  expect(sent).toBeLessThan(200);
  await labels(3);
  await until(async () => receiver.at('/slow').length >= sent + 3);
  await new Promise((resolve) => setTimeout(resolve, 1000));
  expect(ofReplay()).toBe(sent);
  expect(receiver.at('/slow')).toHaveLength(sent + 3);
  expect(await read(replay)).toMatchObject({ delivered, taken_back });
  expect(bodyOf(await cancel(replay))).toMatchObject({ code: 'replay_ended' });
});

it('is given each event once by two processes, and goes on where one ends', async () => {
  await labels(800);
  const two = await DeliveryProcess.start(scene.databaseUrl);
  const ids = await Promise.all(Array.from({ length: 6 }, (_, n) => endpoint(`/${n}`)));
  await until(async () => (await owners()) === 2);
  const replays = await Promise.all(ids.map((id) => start(id)));
  await until(async () => receiver.received.length >= 1000);
  await two.close();
  for (const { id } of replays) expect(await ended(id)).toMatchObject({ due: 800, delivered: 800 });
  for (const n of ids.keys()) expect(new Set(idsAt(`/${n}`)).size).toBe(800);
  expect(receiver.received).toHaveLength(4800);
});

it('has no more than a window of its messages in the queue, however long its range', async () => {
  await labels(20_000);
  const id = await endpoint('/long', { concurrency: 100 });
  const { id: replay } = await start(id);
  let most = 0;
  await until(async () => {
    most = Math.max(most, await scene.rows('fresh', id));
    return (await read(replay)).status === 'finished';
  });
  expect(await read(replay)).toMatchObject({ due: 20_000, delivered: 20_000 });
  expect(most).toBeLessThan(MOST_WAITING + 500);
  expect(new Set(idsAt('/long')).size).toBe(20_000);
  expect(receiver.at('/long')).toHaveLength(20_000);
});

async function stateOf(id: string): Promise<{ disabled: object | null }> {
  const { rows } = await scene.ports.installation.query<{ state: string }>({
    text: 'select state from webhooks.routes where endpoint = $1::uuid',
    values: [id.slice(4)],
  });
  return JSON.parse(rows[0]?.state ?? '{"disabled":null}');
}

async function owners(): Promise<number> {
  const { rows } = await scene.ports.installation.query<{ count: number }>({
    text: 'select count(distinct owner)::integer as count from webhooks.shards having count(owner) = 64',
  });
  return rows[0]?.count ?? 0;
}
