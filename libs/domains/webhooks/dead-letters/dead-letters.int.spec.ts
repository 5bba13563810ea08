import { jest } from '@jest/globals';
import { eventually, until } from '../../../platform/testing/until.js';
import { bodyOf, Scene } from '../scene.fixture.js';
import { WebhookDeadLetterController } from './dead-letter.controller.js';
import { Redrives } from './redrives.js';

let scene: Scene;
let redrives: Redrives;
let controller: WebhookDeadLetterController;

beforeEach(async () => {
  scene = await Scene.begin();
  connect();
});
afterEach(() => scene.end());

function connect(): void {
  redrives = new Redrives(scene.ports);
  controller = new WebhookDeadLetterController(scene.ports, redrives);
}

interface Letter {
  id: string;
  event_id: string;
  event_position: number;
  redriven_run: number | null;
}

async function list(id: string, query: object = {}): Promise<Letter[]> {
  const input = { params: { id }, query: { limit: 50, ...query }, body: null } as never;
  return bodyOf(await controller.list(input, scene.caller())).data;
}

/** So many dead letters of an endpoint, each of an event of its own. */
async function dead(count: number, settings: object = {}): Promise<{ id: string; letters: Letter[] }> {
  const id = await scene.endpoint(settings);
  for (let n = 0; n < count; n++) await scene.label();
  await until(async () => (await list(id)).length === count && (await scene.rows('waiting', id)) === 0);
  return { id, letters: await list(id) };
}

const many = async (id: string, body: object = {}, key: string | null = null) =>
  bodyOf(await controller.redriveMany({ params: { id }, query: {}, body } as never, scene.caller(key)));
const oneOf = async (id: string, dead_letter_id: string) =>
  bodyOf(await controller.redriveOne({ params: { id, dead_letter_id }, query: {}, body: {} } as never, scene.caller()));

it('is what had all its attempts, with the body that was sent, and is sent again with the same id and bytes', async () => {
  const { id, letters } = await dead(1);
  const [first] = scene.receiver.received;
  const [letter] = letters;
  expect(letter).toEqual({
    id: letter!.id,
    endpoint_id: id,
    event_id: first!.body.id,
    event_type: 'label.created',
    event_stream: first!.body.stream,
    event_position: first!.body.position,
    run: 0,
    attempts: 2,
    status: 500,
    cause: 'status',
    skipped: false,
    dead_lettered_at: expect.any(String),
    redriven_run: null,
    redriven_at: null,
  });
  const params = { id, dead_letter_id: letter!.id };
  const whole = bodyOf(await controller.get({ params, query: {}, body: null } as never, scene.caller()));
  expect(whole).toEqual({ ...letter, pin: '', body: first!.text });
  scene.isSick = false;
  const reply = await controller.redriveOne({ params, query: {}, body: {} } as never, scene.caller());
  expect(reply.position).toEqual(expect.any(String));
  const answer = bodyOf(reply);
  expect(answer).toEqual({ id: letter!.id, run: expect.any(Number) });
  await until(() => scene.receiver.received.length === 3);
  const again = scene.receiver.received[2]!;
  expect([again.text, again.headers['webhook-id']]).toEqual([first!.text, first!.headers['webhook-id']]);
  // It is one that is sent again once.
  expect(await oneOf(id, letter!.id)).toEqual(answer);
  expect(await scene.eventsOn(letter!.id)).toEqual(['webhook_message.dead_lettered', 'webhook_message.redriven']);
  await until(async () => (await scene.rows('fresh', id)) === 0);
  expect(scene.receiver.received).toHaveLength(3);
});

it('that is not taken again is another dead letter, of its run', async () => {
  const { id, letters } = await dead(1);
  const { run } = await oneOf(id, letters[0]!.id);
  await until(async () => (await list(id)).length === 2);
  expect((await list(id, { state: 'waiting' })).map((letter) => letter)).toEqual([
    expect.objectContaining({ run, attempts: 2, event_id: letters[0]!.event_id }),
  ]);
});

it('is found by what is said of it', async () => {
  const { id, letters } = await dead(3);
  const [last, middle, first] = letters;
  expect(letters.map(({ event_position }) => event_position)).toEqual(
    letters.map(({ event_position }) => event_position).sort((a, b) => b - a),
  );
  const [{ event_stream: stream }] = (await list(id, { limit: 1 })) as unknown as [{ event_stream: string }];
  expect(await list(id, { stream })).toEqual([last]);
  expect(await list(id, { type: 'label.renamed' })).toEqual([]);
  expect(await list(id, { cause: 'timeout' })).toEqual([]);
  expect(await list(id, { cause: 'status', status: 500, type: 'label.created' })).toHaveLength(3);
  expect(await list(id, { until: '2020-01-01T00:00:00.000Z' })).toEqual([]);
  const input = { params: { id }, query: { limit: 2 }, body: null } as never;
  const { next_cursor: cursor } = bodyOf(await controller.list(input, scene.caller()));
  expect(await list(id, { limit: 2, cursor })).toEqual([first]);
  await oneOf(id, middle!.id);
  expect((await list(id, { state: 'redriven' })).map((letter) => letter.id)).toEqual([middle!.id]);
  expect((await list(id, { state: 'waiting', until: '2999-01-01T00:00:00.000Z' })).length).toBeGreaterThanOrEqual(2);
});

it('is sent again with others, in the order of the log, and a repeated request is answered as before', async () => {
  const { id, letters } = await dead(5, { concurrency: 1 });
  const [from, to] = [letters[3]!.event_position, letters[1]!.event_position];
  scene.isSick = false;
  const before = scene.receiver.received.length;
  const answer = await many(id, { types: ['label.created'], from_position: from, to_position: to }, 'once');
  expect(answer).toEqual({ run: expect.any(Number), messages: 3, more: false });
  expect(await many(id, {}, 'once')).toEqual(answer);
  await until(() => scene.receiver.received.length === before + 3);
  expect(scene.receiver.received.slice(before).map(({ body }) => body.position)).toEqual(
    [letters[3]!, letters[2]!, letters[1]!].map(({ event_position }) => event_position),
  );
  expect(await many(id, { ids: [letters[2]!.id, letters[0]!.id] })).toMatchObject({ messages: 1 });
  expect(await many(id, { until: '2020-01-01T00:00:00.000Z' })).toEqual({ run: null, messages: 0, more: false });
  expect(await many(id)).toMatchObject({ messages: 1 });
  await until(() => scene.receiver.received.length === before + 5);
  expect(await scene.rows('redrives', id)).toBe(0);
});

it('becomes one once, where its process was killed between its event and its row', async () => {
  const kill = jest.spyOn(scene.ports.installation, 'transaction').mockRejectedValueOnce(new Error('killed'));
  const { letters } = await dead(1);
  expect(kill.mock.calls.length).toBeGreaterThanOrEqual(2);
  expect(await scene.eventsOn(letters[0]!.id)).toEqual(['webhook_message.dead_lettered']);
});

it('is told by the next owner of a lease where the one that told has lost it', async () => {
  const { id } = await dead(1);
  await scene.ports.installation.query({
    text: `insert into webhooks.waiting (endpoint, run, position, workspace, stream, pin, attempts, state, due_at)
           select endpoint, run, event_position, workspace, split_part(event_stream, '_', 2)::uuid, pin, 2, 'given_up', now()
             from webhooks.webhook_dead_letters where endpoint = $1::uuid`,
    values: [id.slice(4)],
  });
  await until(async () => (await scene.rows('waiting', id)) === 0);
  expect(await list(id)).toHaveLength(1);
});

it.each(['before its events', 'between two of its events', 'before its rows'])(
  'is sent again once, where the process was killed %s',
  async (when) => {
    const { id, letters } = await dead(3);
    const redrive = await redrives.ask(
      scene.caller(),
      id,
      letters.map((letter) => letter.id),
    );
    if (when === 'between two of its events') {
      const { execute } = scene.ports.shell;
      let said = 0;
      const killed = jest
        .spyOn(scene.ports.shell, 'execute')
        .mockImplementation(((request: never) =>
          ++said === 2 ? Promise.reject(new Error('killed')) : execute.call(scene.ports.shell, request)) as never);
      await expect(redrives.carryOut(redrive)).rejects.toThrow('killed');
      killed.mockRestore();
    } else if (when === 'before its rows') {
      jest.spyOn(scene.ports.installation, 'transaction').mockRejectedValueOnce(new Error('killed'));
      await expect(redrives.carryOut(redrive)).rejects.toThrow('killed');
    }
    const before = scene.receiver.received.length;
    expect(await scene.rows('fresh', id)).toBe(0);
    scene.isSick = false;
    await scene.startAgain();
    connect();
    // Two processes may find it at the same moment.
    await Promise.all([redrives.goOn(new AbortController().signal, 0), redrives.goOn(new AbortController().signal, 0)]);
    await until(() => scene.receiver.received.length >= before + 3);
    await until(async () => (await scene.rows('fresh', id)) === 0);
    expect(scene.receiver.received).toHaveLength(before + 3);
    for (const { id: letter } of letters) {
      expect(await scene.eventsOn(letter)).toEqual(['webhook_message.dead_lettered', 'webhook_message.redriven']);
    }
    expect((await list(id)).map((letter) => letter.redriven_run)).toEqual([redrive.run, redrive.run, redrive.run]);
  },
);

it('waits while its endpoint is disabled; what the queue has of one that is deleted goes with it', async () => {
  const { id, letters } = await dead(2);
  const change = (verb: 'disable' | 'enable' | 'delete') =>
    scene.process.endpoints[verb]({ params: { id }, query: {}, body: {} } as never, scene.caller());
  await change('disable');
  await oneOf(id, letters[0]!.id);
  scene.isSick = false;
  const before = scene.receiver.received.length;
  await eventually(async () => expect(await scene.rows('fresh', id)).toBe(1));
  await change('enable');
  await until(() => scene.receiver.received.length === before + 1);
  scene.isSick = true;
  await scene.label();
  await until(async () => (await scene.rows('waiting', id)) === 1);
  await change('delete');
  await until(async () => (await scene.rows('waiting', id)) === 0 && (await scene.rows('runs', id)) === 0);
  await expect(list(id)).rejects.toMatchObject({ code: 'not_found' });
});

it('has numbers of runs that no event of the log has, where the numbers were lost', async () => {
  const { id, letters } = await dead(2);
  const { run } = await oneOf(id, letters[0]!.id);
  await scene.ports.installation.query({ text: 'delete from webhooks.runs' });
  expect((await oneOf(id, letters[1]!.id)).run).toBeGreaterThan(run);
});
