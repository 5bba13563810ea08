import { newId } from '../../../platform/kernel/id.js';
import { systemCaller } from '../../../platform/operations/caller.js';
import { createTestDatabase, type TestDatabase } from '../../../platform/testing/test-database.js';
import { until } from '../../../platform/testing/until.js';
import { customerAggregate } from '../customer.fixture.js';
import { DeliveryProcess } from '../delivery-process.fixture.js';
import { Receiver } from '../receiver.fixture.js';

let database: TestDatabase;
let one: DeliveryProcess;
let workspace: string;

beforeAll(async () => {
  database = await createTestDatabase();
  one = await DeliveryProcess.start(database.url);
});
afterAll(async () => {
  await one.close();
  await database.drop();
});
beforeEach(() => {
  workspace = newId('wsp');
});

async function endpoint(url: string, settings: object): Promise<void> {
  const body = { url, types: ['customer.*'], ...settings };
  await one.endpoints.create({ params: {}, query: {}, body } as never, systemCaller(workspace, 'spec', []));
}

async function rename(stream: string, name: string): Promise<void> {
  await one.webhooks.shell.execute({
    aggregate: customerAggregate,
    caller: systemCaller(workspace, 'spec', []),
    workspace,
    stream,
    command: { name },
    respond: () => ({ status: 200, body: {} }),
  });
}

async function keptBodies(): Promise<Buffer[]> {
  const { rows } = await one.webhooks.installation.query<{ body: Buffer }>({
    text: 'select body from webhooks.bodies where workspace = $1::uuid order by position',
    values: [workspace.slice(4)],
  });
  return rows.map(({ body }) => body);
}

it('keeps the bytes of what was not taken, in no table in the open, and sends the same again', async () => {
  const receiver = new Receiver(() => (receiver.received.length === 1 ? 500 : 200));
  const url = await receiver.listen();
  await endpoint(url, { retry_schedule: [1] });
  await rename(newId('cus'), 'Ann Sample');
  await until(async () => (await keptBodies()).length === 1);
  const [kept] = await keptBodies();
  expect(kept!.includes('Ann Sample')).toBe(false);
  await until(() => receiver.received.length === 2);
  const [first, second] = receiver.received;
  expect(first!.body.data).toEqual({ name: 'Ann Sample' });
  expect(second!.text).toBe(first!.text);
  await receiver.close();
});

it('keeps nothing of what was taken', async () => {
  const receiver = new Receiver();
  const url = await receiver.listen();
  await endpoint(url, {});
  await rename(newId('cus'), 'Ann Sample');
  await until(async () => (await attempts()) === 1);
  expect(receiver.received).toHaveLength(1);
  expect(await keptBodies()).toEqual([]);
  await receiver.close();
});

it('sends what was not taken without who was erased meanwhile', async () => {
  const receiver = new Receiver(() => (receiver.received.length === 1 ? 500 : 200));
  const url = await receiver.listen();
  await endpoint(url, { retry_schedule: [1] });
  const customer = newId('cus');
  await rename(customer, 'Ann Sample');
  await until(() => receiver.received.length === 1);
  const { keys } = one.webhooks.writing;
  await keys.destroy(one.webhooks.installation, workspace.slice(4), customer);
  await until(() => receiver.received.length === 2);
  const [first, second] = receiver.received;
  expect(first!.body.data).toEqual({ name: 'Ann Sample' });
  expect(second!.body.data).toEqual({ name: 'erased' });
  expect(second!.headers['webhook-id']).toBe(first!.headers['webhook-id']);
  await receiver.close();
});

it('is the same for all endpoints that are shown an event alike, and kept once', async () => {
  const receiver = new Receiver(() => 500);
  const url = await receiver.listen();
  for (const path of ['/a', '/b']) await endpoint(url + path, {});
  await endpoint(`${url}/pinned`, { pin: 'customer.renamed@1.0' });
  await rename(newId('cus'), 'Ann Sample');
  await until(async () => (await attempts()) === 3);
  expect(new Set(receiver.received.map(({ text }) => text)).size).toBe(1);
  expect(await keptBodies()).toHaveLength(2);
  await receiver.close();
});

async function attempts(): Promise<number> {
  const { rows } = await one.webhooks.installation.query<{ count: number }>({
    text: 'select count(*)::integer as count from webhooks.attempts where workspace = $1::uuid',
    values: [workspace.slice(4)],
  });
  return rows[0]!.count;
}
