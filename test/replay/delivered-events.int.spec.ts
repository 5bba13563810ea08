import { DeliveryProcess } from '../../libs/domains/webhooks/delivery-process.fixture.js';
import { type Received, Receiver } from '../../libs/domains/webhooks/receiver.fixture.js';
import { CATALOGUE } from '../../libs/platform/event-schemas/schema-catalogue.js';
import type { ShownEvent } from '../../libs/platform/event-schemas/shown-event.js';
import { eventLine } from '../../libs/platform/feed/event-json.js';
import { newId } from '../../libs/platform/kernel/id.js';
import { wrap } from '../../libs/platform/keys/wrapped-key.js';
import { systemCaller } from '../../libs/platform/operations/caller.js';
import { LogWriter, type WrittenEvent } from '../../libs/platform/testing/log-writer.js';
import { createTestDatabase, type TestDatabase } from '../../libs/platform/testing/test-database.js';
import { until } from '../../libs/platform/testing/until.js';
import { everyKindOfEvent } from './every-kind-of-event.js';

let database: TestDatabase;
let process: DeliveryProcess;
let writer: LogWriter;
let endpoint: string;
/** As the events API shows them, in the order of the log: those that the endpoint is to be told of, and the others. */
let told: ShownEvent[];
let withheld: ShownEvent[];
const receiver = new Receiver();
const received = new Map<string, Received>();

beforeAll(async () => {
  database = await createTestDatabase();
  process = await DeliveryProcess.start(database.url);
  writer = await new LogWriter(database.url).connect();
  await keepKey();
  endpoint = await newEndpoint(await receiver.listen());
  const events = everyKindOfEvent(4, writer.workspace);
  // First, so that whatever came of them would have come by the time that all else has.
  const before = await writer.append(aboutEndpoints());
  const end = await writer.append(events);
  withheld = await shown(1, before);
  told = await shown(before + 1, end);
  await until(async () => receiver.received.length >= told.length && (await dueRows()) === 0);
  for (const one of receiver.received) received.set(one.body.id, one);
});
afterAll(async () => {
  await Promise.all([process.close(), receiver.close(), writer.close()]);
  await database.drop();
});

/** What the writer seals with is a key of the workspace, so that whoever shows an event opens it. */
async function keepKey(): Promise<void> {
  const { installation, writing } = process.webhooks;
  const { id, subject, key } = writer.key;
  const workspaceKey = await writing.keys.workspaceKey(installation, writer.workspace);
  const wrapped = wrap(workspaceKey, id, subject, key!.export());
  await installation.query(writing.keys.insertRows([{ id, workspace: workspaceKey.workspace, subject, wrapped }]));
}

/** Made, and changed: two events on its own stream. */
async function newEndpoint(url: string): Promise<string> {
  const settings = { url, types: ['*'], concurrency: 100 };
  const caller = systemCaller(writer.workspace, 'spec', []);
  const made = await process.endpoints.create({ params: {}, query: {}, body: settings } as never, caller);
  const { id } = JSON.parse(String(made.body));
  await process.endpoints.update({ params: { id }, query: {}, body: { description: 'Everything' } } as never, caller);
  return id;
}

/** What an endpoint that wants everything is not told: of its own, of itself, and of messages about endpoints. */
function aboutEndpoints(): WrittenEvent[] {
  const [another, event_id] = [newId('whe'), newId('evt')];
  const message = { event_id, event_type: 'message.created', event_stream: newId('conv'), event_position: 1, run: 0 };
  const letter = { ...message, pin: '', attempts: 13, status: 500, cause: 'status', skipped: false };
  const range = { run: 1, from_position: 1, to_position: 2, types: ['*'], filter: null, only: 'all' };
  const lane = { stream: another, run: 0, event_id, event_type: 'webhook_endpoint.enabled', event_position: 1 };
  const event = (type: string, stream: string, data: object) => ({ type, stream, data });
  const [dead, replay] = [newId('wdl'), newId('rpl')];
  const its = { endpoint_id: endpoint };
  return [
    event('webhook_message.dead_lettered', dead, { ...letter, ...its }),
    event('webhook_message.redriven', dead, { ...its, event_id, event_type: 'message.created', run: 1 }),
    event('webhook_replay.started', replay, { ...range, ...its }),
    event('webhook_replay.finished', replay, { ...its, due: 1, passed_over: 0 }),
    event('webhook_replay.cancelled', newId('rpl'), its),
    event('webhook_message.dead_lettered', newId('wdl'), {
      ...letter,
      endpoint_id: another,
      event_type: 'webhook_replay.started',
    }),
    event('webhook_endpoint.lane_parked', another, { ...lane, attempts: 13, status: 500, cause: 'status' }),
    event('webhook_endpoint.lane_resumed', another, lane),
    event('webhook_endpoint.lane_skipped', another, lane),
  ];
}

/** The events from one position to another, each as a line of the events API. */
async function shown(from: number, to: number): Promise<ShownEvent[]> {
  const positions = Array.from({ length: to - from + 1 }, (_, n) => from + n);
  const events = await process.webhooks.history.eventsAtPositions(writer.workspace, positions);
  return events.map((event) => JSON.parse(eventLine(event, 'a-cursor')));
}

async function dueRows(): Promise<number> {
  const { rows } = await process.webhooks.installation.query<{ count: number }>({
    text: `select count(*)::integer as count
             from (select endpoint from webhooks.fresh union all select endpoint from webhooks.waiting) d
            where endpoint = $1::uuid`,
    values: [endpoint.slice(4)],
  });
  return rows[0]!.count;
}

test('every type of the contract is among what happened', () => {
  expect([...new Set(told.map(({ type }) => type))].sort()).toEqual(CATALOGUE.types);
});

test('an endpoint that wants everything is sent each event once', () => {
  expect(receiver.received.map(({ body }) => body.id).sort()).toEqual(told.map(({ id }) => id).sort());
});

test.each(CATALOGUE.types)('%s arrives as the events API shows it', (type) => {
  const its = told.filter((event) => event.type === type);
  expect(its.length).toBeGreaterThan(0);
  for (const { id, stream, seq, position, occurred_at, recorded_at, actor, data } of its) {
    const { body, headers } = received.get(id)!;
    expect(body).toEqual({
      ...{ type, id, stream, sequence: seq, position, occurred_at, recorded_at, actor, idempotency_key: id, data },
    });
    expect(headers['webhook-id']).toBe(id);
  }
});

test('personal fields arrive open, and neither a hash of a key nor sealed secrets do', () => {
  const dataOf = (type: string) => {
    const { id } = told.find((event) => event.type === type)!;
    return received.get(id)!.body.data;
  };
  expect(dataOf('customer.created').name).toMatch(/^Ada/);
  expect(dataOf('api_key.created')).not.toHaveProperty('secret_hash');
  for (const change of ['created', 'headers_changed', 'client_certificate_changed', 'secret_rotated']) {
    expect(dataOf(`webhook_endpoint.${change}`)).not.toHaveProperty('sealed');
  }
});

test('withheld are its own making and changing, what is about it, and what became of messages about endpoints', () => {
  const naming = withheld.map(({ type, stream, data }) => [
    type,
    [stream, data.endpoint_id].includes(endpoint) ? 'itself' : data.event_type,
  ]);
  expect(naming).toEqual([
    ['webhook_endpoint.created', 'itself'],
    ['webhook_endpoint.description_changed', 'itself'],
    ['webhook_message.dead_lettered', 'itself'],
    ['webhook_message.redriven', 'itself'],
    ['webhook_replay.started', 'itself'],
    ['webhook_replay.finished', 'itself'],
    ['webhook_replay.cancelled', 'itself'],
    ['webhook_message.dead_lettered', 'webhook_replay.started'],
    ['webhook_endpoint.lane_parked', 'webhook_endpoint.enabled'],
    ['webhook_endpoint.lane_resumed', 'webhook_endpoint.enabled'],
    ['webhook_endpoint.lane_skipped', 'webhook_endpoint.enabled'],
  ]);
  expect(withheld.filter(({ id }) => received.has(id))).toEqual([]);
});
