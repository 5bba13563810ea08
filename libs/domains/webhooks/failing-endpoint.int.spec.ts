import pg from 'pg';
import { Registry } from 'prom-client';
import { newId } from '../../platform/kernel/id.js';
import type { Caller } from '../../platform/operations/caller.js';
import { createTestDatabase, type TestDatabase } from '../../platform/testing/test-database.js';
import { until } from '../../platform/testing/until.js';
import { DeliveryProcess } from './delivery-process.fixture.js';
import { labelAggregate } from './label.fixture.js';
import { Receiver } from './receiver.fixture.js';

const DAY_MS = 24 * 3_600_000;
const workspace = newId('wsp');
const caller = (): Caller => ({
  workspace,
  actor: { type: 'api_key', id: newId('key') },
  scopes: new Set(),
  idempotency: null,
  ifMatch: null,
  requestId: 'spec',
  traceparent: null,
});

let database: TestDatabase;
let admin: pg.Client;
let process: DeliveryProcess;
let receiver: Receiver;
let status = 500;
let id: string;
beforeAll(async () => {
  database = await createTestDatabase();
  admin = new pg.Client({ connectionString: database.url });
  await admin.connect();
  process = await DeliveryProcess.start(database.url);
  receiver = new Receiver(() => status);
  const body = { url: await receiver.listen(), types: ['label.*'], retry_schedule: [1, 1, 1, 1, 1, 1, 1, 1] };
  const made = await process.endpoints.create({ params: {}, query: {}, body } as never, caller());
  id = JSON.parse(String(made.body)).id;
});
afterAll(async () => {
  await process.close();
  await receiver.close();
  await admin.end();
  await database.drop();
});

const input = () => ({ params: { id }, query: {}, body: {} }) as never;
const shown = async () => JSON.parse(JSON.stringify((await process.endpoints.get(input(), caller())).body));

async function label(): Promise<void> {
  await process.webhooks.shell.execute({
    aggregate: labelAggregate,
    caller: caller(),
    workspace,
    stream: newId('lbl'),
    command: { name: 'any' },
    respond: () => ({ status: 201, body: {} }),
  });
}

it('is disabled once it has failed for days, says since when, and begins well when it is enabled', async () => {
  await label();
  await until(async () => (await shown()).failing_since !== null);
  expect((await shown()).enabled).toBe(true);
  // As days of it would have left it.
  const since = new Date(Date.now() - 6 * DAY_MS);
  await process.close();
  await admin.query('update webhooks.health set failing_since = $1, hours = 40', [since]);
  process = await DeliveryProcess.start(database.url);
  await until(async () => !(await shown()).enabled);
  expect(await shown()).toMatchObject({ disabled_reason: 'failing', failing_since: since.toISOString() });
  const { rows } = await admin.query('select type from log.events where stream = $1 order by seq', [id.slice(4)]);
  expect(rows.map(({ type }) => type)).toEqual(['webhook_endpoint.created', 'webhook_endpoint.disabled']);
  const before = receiver.received.length;
  await process.endpoints.enable(input(), caller());
  await until(() => receiver.received.length > before);
  await until(async () => {
    const { failing_since } = await shown();
    return failing_since !== null && failing_since !== since.toISOString();
  });
  expect((await shown()).enabled).toBe(true);
  const registry = new Registry();
  process.webhooks.figures.register(registry);
  const figures = async () => Object.fromEntries((await registry.metrics()).split('\n').map((line) => line.split(' ')));
  expect(await figures()).toMatchObject({
    heddle_webhook_shards: '64',
    heddle_webhook_failing_endpoints: '1',
    'heddle_webhook_attempts_total{outcome="taken"}': '0',
  });
  status = 204;
  await until(async () => (await shown()).failing_since === null);
  await label();
  await until(async () => (await figures())['heddle_webhook_messages_total{became="taken"}'] === '2');
  expect(await figures()).toMatchObject({
    heddle_webhook_failing_endpoints: '0',
    heddle_webhook_attempts_under_way: '0',
    'heddle_webhook_attempts_total{outcome="taken"}': '2',
    'heddle_webhook_messages_total{became="due"}': '1',
  });
  expect(process.webhooks.figures.statuses()).toMatchObject([
    { service: 'webhooks', projection: 'fan_out', lagPositions: 0 },
  ]);
});
