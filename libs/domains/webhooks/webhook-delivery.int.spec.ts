import { createHmac } from 'node:crypto';
import pg from 'pg';
import { Registry } from 'prom-client';
import { newId } from '../../platform/kernel/id.js';
import type { Caller } from '../../platform/operations/caller.js';
import { createTestDatabase, type TestDatabase } from '../../platform/testing/test-database.js';
import { until } from '../../platform/testing/until.js';
import { DeliveryProcess } from './delivery-process.fixture.js';
import { labelAggregate } from './label.fixture.js';
import { Receiver } from './receiver.fixture.js';

let database: TestDatabase;
let one: DeliveryProcess;
let workspace: string;
const receivers: Receiver[] = [];
const metrics = new Registry();

beforeAll(async () => {
  database = await createTestDatabase();
  one = await DeliveryProcess.start(database.url);
  one.webhooks.figures.register(metrics);
});
afterAll(async () => {
  await one.close();
  await database.drop();
});
beforeEach(() => {
  workspace = newId('wsp');
});
afterEach(async () => {
  await Promise.all(receivers.splice(0).map((receiver) => receiver.close()));
});

const caller = (): Caller => ({
  workspace,
  actor: { type: 'api_key', id: newId('key') },
  scopes: new Set(),
  idempotency: null,
  ifMatch: null,
  requestId: 'spec',
  traceparent: null,
});

async function receiverOf(answer?: ConstructorParameters<typeof Receiver>[0]) {
  const receiver = new Receiver(answer);
  receivers.push(receiver);
  return { receiver, url: await receiver.listen() };
}

async function endpoint(url: string, settings: object = {}): Promise<{ id: string; secret: string }> {
  const body = { url, types: ['*'], ...settings };
  const { body: made } = await one.endpoints.create({ params: {}, query: {}, body } as never, caller());
  return JSON.parse(String(made)) as { id: string; secret: string };
}

/** So many labels are made, each with an event. */
async function labels(count: number, process: DeliveryProcess = one): Promise<void> {
  for (let n = 0; n < count; n++) {
    await process.webhooks.shell.execute({
      aggregate: labelAggregate,
      caller: caller(),
      workspace,
      stream: newId('lbl'),
      command: { name: `label ${n}` },
      respond: () => ({ status: 201, body: {} }),
    });
  }
}

const idsOf = (received: readonly { body: { id: string } }[]) => received.map(({ body }) => body.id);

it('sends each event to each endpoint that wants it, signed, and nothing that was before', async () => {
  await labels(2);
  const { receiver, url } = await receiverOf();
  const all = await endpoint(`${url}/all`);
  await endpoint(`${url}/none`, { types: ['message.*'] });
  await labels(3);
  await until(async () => receiver.at('/all').length >= 4);
  const received = receiver.at('/all');
  // The other endpoint's making is an event, too; its own is not told to it.
  expect(received.map(({ body }) => body.type).sort()).toEqual([
    'label.created',
    'label.created',
    'label.created',
    'webhook_endpoint.created',
  ]);
  expect(receiver.at('/none')).toEqual([]);
  const { headers, text, body } = received[0]!;
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${text}`;
  const key = Buffer.from(all.secret.slice('whsec_'.length), 'base64');
  expect(headers['webhook-signature']).toBe(`v1,${createHmac('sha256', key).update(signed).digest('base64')}`);
  expect(headers['webhook-id']).toBe(body.id);
  expect(body.idempotency_key).toBe(body.id);
  await until(async () => (await rows('fresh')) === 0 && (await rows('waiting')) === 0);
  expect(await rows('attempts')).toBe(4);
});

it('tries again what was not taken, with the same id and bytes, and then goes on', async () => {
  const seen = new Map<string, number>();
  const { receiver, url } = await receiverOf(({ body }) => {
    seen.set(body.id, (seen.get(body.id) ?? 0) + 1);
    return seen.get(body.id)! < 3 ? 500 : 200;
  });
  await endpoint(`${url}/sick`, { retry_schedule: [1, 1, 1] });
  await labels(2);
  await until(async () => receiver.received.length >= 6);
  expect([...seen.values()]).toEqual([3, 3]);
  for (const id of seen.keys()) {
    const texts = receiver.received.filter(({ body }) => body.id === id).map(({ text }) => text);
    expect(new Set(texts).size).toBe(1);
  }
  await until(async () => (await rows('waiting')) === 0);
});

it('disables an endpoint that says it is gone, and keeps what it was yet to have', async () => {
  const { receiver, url } = await receiverOf(() => 410);
  const { id } = await endpoint(`${url}/gone`);
  await labels(1);
  await until(async () => (await stateOf(id)).disabled?.reason === 'gone');
  await labels(2);
  await until(async () => (await rows('waiting')) === 1);
  expect(receiver.received).toHaveLength(1);
});

it('lets go of what was to be sent to an endpoint that is deleted while its message is read', async () => {
  const { receiver, url } = await receiverOf(() => 500);
  const { id } = await endpoint(`${url}/deleted`, { types: ['label.*'], retry_schedule: [1, 1, 1] });
  await labels(1);
  await until(async () => (await rows('bodies')) === 1);
  const held = new pg.Client({ connectionString: database.url });
  await held.connect();
  try {
    await held.query('begin; lock table webhooks.bodies in access exclusive mode');
    // The second attempt waits for its body.
    await until(async () => (await attemptsUnderWay()) === 1);
    await one.endpoints.delete({ params: { id }, query: {}, body: {} } as never, caller());
    await until(async () => (await stateOf(id)).deleted === true);
    await held.query('rollback');
  } finally {
    await held.end();
  }
  await until(async () => (await attemptsUnderWay()) === 0);
  expect(receiver.received).toHaveLength(1);
});

it('is shared by two processes, of which one may end: each event once', async () => {
  const two = await DeliveryProcess.start(database.url);
  const { receiver, url } = await receiverOf();
  const made: string[] = [];
  for (let n = 0; n < 8; n++) made.push((await endpoint(`${url}/${n}`, { types: ['label.*'] })).id);
  await until(async () => (await owners()) === 2);
  await labels(10);
  await labels(10, two);
  await until(async () => receiver.received.length >= 160);
  await two.close();
  await until(async () => (await owners()) === 1);
  await labels(5);
  await until(async () => receiver.received.length >= 200);
  for (let n = 0; n < made.length; n++) expect(new Set(idsOf(receiver.at(`/${n}`))).size).toBe(25);
  expect(receiver.received).toHaveLength(200);
});

it('keeps order in each stream, where that is asked for, whatever fails on the way', async () => {
  let tries = 0;
  const { receiver, url } = await receiverOf(() => (++tries % 3 === 0 ? 500 : 200));
  await endpoint(url, { types: ['label.*'], ordered: true, retry_schedule: [1, 1, 1, 1, 1, 1] });
  const streams = [newId('lbl'), newId('lbl')];
  for (let n = 0; n < 6; n++) {
    for (const stream of streams) {
      await one.webhooks.shell.execute({
        aggregate: labelAggregate,
        caller: caller(),
        workspace,
        stream,
        command: { name: `${stream} ${n}` },
        respond: () => ({ status: 201, body: {} }),
      });
    }
  }
  await until(async () => new Set(idsOf(receiver.received)).size >= 12);
  for (const stream of streams) {
    const sequences = receiver.received.filter(({ body }) => body.stream === stream).map(({ body }) => body.sequence);
    expect(sequences).toEqual([...sequences].sort((a, b) => a - b));
    expect(new Set(sequences).size).toBe(6);
  }
});

it('puts nothing among what is due again of a log that was restored', async () => {
  const { receiver, url } = await receiverOf();
  await endpoint(url, { types: ['label.*'] });
  await labels(3);
  await until(async () => receiver.received.length >= 3);
  await one.close();
  const admin = new pg.Client({ connectionString: database.url });
  await admin.connect();
  // As a restore leaves it: the log in another life, and none of the service's rows.
  await admin.query(`truncate webhooks.fresh, webhooks.waiting, webhooks.bodies, webhooks.attempts, webhooks.routes,
    webhooks.projections; update webhooks.adopted set position = 0`);
  await admin.query(`insert into log.epochs (epoch, fork_position, system_identifier, timeline)
    select epoch + 1, (select max(position) from log.events), system_identifier, timeline from log.epochs
     order by epoch desc limit 1`);
  await admin.end();
  one = await DeliveryProcess.start(database.url);
  await labels(2);
  await until(async () => receiver.received.length >= 5);
  await until(async () => (await rows('fresh')) === 0);
  expect(receiver.received).toHaveLength(5);
  expect(new Set(idsOf(receiver.received)).size).toBe(5);
});

async function rows(table: string): Promise<number> {
  const { rows: found } = await one.webhooks.installation.query<{ count: number }>({
    text: `select count(*)::integer as count from webhooks.${table} where workspace = $1::uuid`,
    values: [workspace.slice(4)],
  });
  return found[0]!.count;
}

async function attemptsUnderWay(): Promise<number> {
  const metric = await metrics.getSingleMetric('heddle_webhook_attempts_under_way')!.get();
  return metric.values[0]!.value;
}

async function owners(): Promise<number> {
  const { rows: found } = await one.webhooks.installation.query<{ count: number }>({
    text: 'select count(distinct owner)::integer as count from webhooks.shards having count(owner) = 64',
  });
  return found[0]?.count ?? 0;
}

async function stateOf(id: string): Promise<{ disabled: { reason: string } | null; deleted?: boolean }> {
  const { rows: found } = await one.webhooks.installation.query<{ state: string }>({
    text: 'select state from webhooks.routes where endpoint = $1::uuid',
    values: [id.slice(4)],
  });
  return JSON.parse(found[0]?.state ?? '{"disabled":null}') as Awaited<ReturnType<typeof stateOf>>;
}
