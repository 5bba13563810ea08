import { createHmac } from 'node:crypto';
import { inspect } from 'node:util';
import { newId } from '../../../platform/kernel/id.js';
import { Receiver } from '../receiver.fixture.js';
import { bodyOf, WebhooksOnTheirOwn } from '../webhooks.fixture.js';
import { exampleBody } from './example-body.js';
import { TestSendController } from './test-send.controller.js';
import { TestSend } from './test-send.js';
import { testEndpoint } from './test-send.operations.js';

let service: WebhooksOnTheirOwn;
let tests: TestSend;
let receiver: Receiver;
let url: string;
let answer: number;
beforeAll(async () => {
  service = await WebhooksOnTheirOwn.begin();
  tests = new TestSend(service.ports, service.guard);
  receiver = new Receiver(() => answer);
  url = await receiver.listen();
});
afterAll(async () => {
  await tests.onModuleDestroy();
  await receiver.close();
  await service.end();
});
beforeEach(() => {
  answer = 204;
  receiver.received.length = 0;
});

const test = async (id: string, body: object = {}) => {
  const input = { params: { id }, query: {}, body: testEndpoint.body!.parse(body) };
  return bodyOf(await new TestSendController(tests).test(input as never, service.caller()));
};
const rows = async (sql: string): Promise<number> => (await service.admin.query(sql)).rows.length;

it('sends an example, signed and marked, and shows what came back', async () => {
  const secret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
  const id = await service.endpoint({ url: `${url}/a`, secret, headers: { 'X-Token': 'hush' } });
  const before = [await rows('select from log.events'), await rows('select from webhooks.attempts')];
  answer = 202;
  const { event_id, duration_ms, request, ...shown } = await test(id);
  expect(shown).toEqual({
    endpoint_id: id,
    type: 'message.created',
    outcome: 'taken',
    status: 202,
    error: null,
    detail: null,
    answer: { headers: expect.arrayContaining([{ name: 'connection', value: 'keep-alive' }]), body: '', bytes: 0 },
  });
  expect(duration_ms).toBeGreaterThanOrEqual(0);
  const [{ headers, text, body }] = receiver.received as [(typeof receiver.received)[number]];
  expect(body).toMatchObject({ type: 'message.created', id: event_id, idempotency_key: event_id, sequence: 2 });
  expect(headers).toMatchObject({
    'heddle-test': 'true',
    'heddle-attempt': '1',
    'x-token': 'hush',
    'webhook-id': event_id,
  });
  const hmac = createHmac('sha256', Buffer.alloc(24, 7)).update(`${event_id}.${headers['webhook-timestamp']}.${text}`);
  expect(headers['webhook-signature']).toBe(`v1,${hmac.digest('base64')}`);
  expect(request.body).toBe(text);
  const sent = Object.fromEntries(
    request.headers.map(({ name, value }: { name: string; value: string }) => [name, value]),
  );
  expect(headers).toMatchObject(sent);
  expect(Object.keys(sent)).toContain('heddle-test');
  for (const secretName of ['webhook-signature', 'x-token', 'X-Token']) expect(sent).not.toHaveProperty([secretName]);
  expect([await rows('select from log.events'), await rows('select from webhooks.attempts')]).toEqual(before);
});

it('sends any type, also to an endpoint that is disabled, and says what failed', async () => {
  const id = await service.endpoint({ url: `${url}/b` });
  await service.controller.disable({ params: { id }, query: {}, body: {} } as never, service.caller());
  answer = 500;
  expect(await test(id, { type: 'label.created' })).toMatchObject({ outcome: 'failed', status: 500, error: null });
  expect(receiver.received[0]!.body.type).toBe('label.created');
  await expect(test(id, { type: 'label.eaten' })).rejects.toMatchObject({ code: 'invalid_value' });
});

it('keeps none of the secrets that it opened', async () => {
  const id = await service.endpoint({ url: `${url}/e`, headers: { 'X-Token': 'hush' } });
  expect(await test(id)).toMatchObject({ outcome: 'taken' });
  expect(receiver.received[0]!.headers).toMatchObject({ 'x-token': 'hush' });
  const { ports: _, ...own } = tests as unknown as { ports: unknown };
  expect(inspect(own, { depth: 12, showHidden: true })).not.toContain('hush');
});

it('keeps to where endpoints may be', async () => {
  const id = await service.endpoint({ url: `${url}/c` });
  const strict = new TestSend(service.ports, { ...service.guard, urlRefusal: () => 'not there' } as never);
  const shown = await strict.send(service.workspace, id, 'label.created');
  expect(shown).toMatchObject({ outcome: 'failed', status: null, error: 'address_refused', answer: null });
  await strict.onModuleDestroy();
});

it('is none of another workspace', async () => {
  const id = await service.endpoint({ url: `${url}/d` });
  service.workspace = newId('wsp');
  await expect(test(id)).rejects.toMatchObject({ code: 'not_found' });
  expect(receiver.received).toEqual([]);
});

it('has the data of the version that the endpoint is pinned to', () => {
  const [id, now] = [newId('evt'), new Date()];
  const [newest, pinned] = ['', 'message.created@1.0'].map((pin) =>
    JSON.parse(String(exampleBody('message.created', pin, id, now))),
  );
  expect(Object.keys(newest)).toEqual([
    'type',
    'id',
    'stream',
    'sequence',
    'position',
    'occurred_at',
    'recorded_at',
    'actor',
    'idempotency_key',
    'data',
  ]);
  const [all, fewer] = [newest, pinned].map(({ data }) => Object.keys(data));
  expect(all!.filter((field) => !fewer!.includes(field))).not.toEqual([]);
  expect(fewer!.filter((field) => !all!.includes(field))).toEqual([]);
});
