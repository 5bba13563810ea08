import { newId } from '../../../platform/kernel/id.js';
import { headOf } from '../bodies/webhook-body.js';
import { bodyOf, WebhooksOnTheirOwn } from '../webhooks.fixture.js';
import { AttemptController } from './attempt.controller.js';
import { listAttempts, listDeliveries } from './attempt.operations.js';
import { AttemptQueries } from './attempt.queries.js';

let service: WebhooksOnTheirOwn;
let controller: AttemptController;
let endpoint: string;
beforeAll(async () => {
  service = await WebhooksOnTheirOwn.begin();
  controller = new AttemptController(service.ports);
});
afterAll(() => service.end());
beforeEach(async () => {
  service.workspace = newId('wsp');
  endpoint = await service.endpoint();
});

type Query = Record<string, string>;
const page = async (query: Query = {}, id = endpoint) => {
  const input = { params: { id }, query: listAttempts.query.parse(query), body: null };
  return bodyOf(await controller.list(input as never, service.caller()));
};
const idsOf = async (query: Query = {}): Promise<string[]> =>
  (await page(query)).data.map(({ id }: { id: string }) => id);
const detail = async (attempt_id: string, id = endpoint) =>
  bodyOf(await controller.get({ params: { id, attempt_id }, query: {}, body: null } as never, service.caller()));
const deliveries = async (query: Query = {}) => {
  const input = { params: { id: endpoint }, query: listDeliveries.query.parse(query), body: null };
  return bodyOf(await controller.waiting(input as never, service.caller()));
};
const positionOf = async (id: string): Promise<number> => {
  const { rows } = await service.admin.query('select position from log.events where stream = $1', [id.slice(4)]);
  return Number(rows[0].position);
};

const FAILED = { status: 500 } as const;
const SILENT = { status: null, error: 'timeout', detail: 'no answer' } as const;

it('lists attempts, the last first, a page at a time', async () => {
  const ids: string[] = [];
  for (let n = 1; n <= 5; n++) ids.unshift(await service.attempt({ endpoint, number: n }));
  await service.attempt({ endpoint: await service.endpoint() });
  const first = await page({ limit: '3' });
  expect(first.data.map(({ id }: { id: string }) => id)).toEqual(ids.slice(0, 3));
  expect(await idsOf({ limit: '3', cursor: first.next_cursor })).toEqual(ids.slice(3));
  expect((await page({ limit: '5' })).next_cursor).toBeNull();
});

it('says of each what came of it', async () => {
  const event = newId('evt');
  const stream = endpoint;
  const id = await service.attempt({
    endpoint,
    event,
    stream,
    type: 'webhook_endpoint.created',
    number: 3,
    answer: SILENT,
  });
  const [{ started_at, ...shown }] = (await page()).data;
  expect(Math.abs(Date.parse(started_at) - Date.now())).toBeLessThan(60_000);
  expect(shown).toEqual({
    id,
    endpoint_id: endpoint,
    event_id: event,
    type: 'webhook_endpoint.created',
    stream,
    position: 1,
    run: 0,
    number: 3,
    outcome: 'failed',
    status: null,
    error: 'timeout',
    duration_ms: 7,
  });
});

it('finds by each filter those that meet it, and no others', async () => {
  const [event, stream] = [newId('evt'), newId('cus')];
  const taken = await service.attempt({ endpoint });
  const failed = await service.attempt({ endpoint, event, answer: FAILED });
  const silent = await service.attempt({ endpoint, event, answer: SILENT, number: 2 });
  const replayed = await service.attempt({ endpoint, stream, type: 'customer.created', run: 4 });
  const at = new Date(Number.parseInt(silent.slice(4, 16), 16)).toISOString();
  const cases: [Query, string[]][] = [
    [{ event_id: event }, [silent, failed]],
    [{ event_id: event, error: 'timeout' }, [silent]],
    [{ event_id: newId('evt') }, []],
    [{ outcome: 'taken' }, [replayed, taken]],
    [{ outcome: 'failed' }, [silent, failed]],
    [{ status: '500' }, [failed]],
    [{ status: '200' }, [replayed, taken]],
    [{ error: 'timeout' }, [silent]],
    [{ error: 'reset' }, []],
    [{ run: '4' }, [replayed]],
    [{ run: '0', outcome: 'taken' }, [taken]],
    [{ stream }, [replayed]],
    [{ type: 'customer.created' }, [replayed]],
    [{ type: 'message.*', outcome: 'failed' }, [silent, failed]],
    [{ since: at, until: '2100-01-01T00:00:00Z', error: 'timeout' }, [silent]],
    [{ until: '2020-01-01T00:00:00Z' }, []],
    [{ since: '2100-01-01T00:00:00Z' }, []],
  ];
  for (const [query, wanted] of cases) expect([query, await idsOf(query)]).toEqual([query, wanted]);
  await expect(page({ type: 'nothing' })).rejects.toMatchObject({ code: 'invalid_value' });
});

// Caught when: a rare one is looked for through all that there is.
it('looks at so many a page, and goes on from there', async () => {
  const queries = new AttemptQueries(service.ports.reads, 4);
  const rare = await service.attempt({ endpoint, run: 1 });
  for (let n = 0; n < 9; n++) await service.attempt({ endpoint });
  const pages: string[][] = [];
  for (let cursor: string | undefined; ; ) {
    const found = await queries.list(service.workspace, endpoint, { run: 1 }, { limit: 10, cursor });
    const { data, next_cursor } = bodyOf({ body: found } as never);
    pages.push(data.map(({ id }: { id: string }) => id));
    if (next_cursor === null) break;
    cursor = next_cursor;
  }
  expect(pages).toEqual([[], [], [rare]]);
  const all = await queries.list(service.workspace, endpoint, {}, { limit: 10 });
  expect((all as { data: unknown[] }).data).toHaveLength(10);
});

it('shows what was sent, but for what is secret, and what came back', async () => {
  const position = await positionOf(await service.endpoint({ description: 'Another' }));
  const headers = [['content-type', 'text/plain']] as const;
  const answer = { ...FAILED, headers, body: Buffer.from('é'.repeat(3000)) };
  const replay = newId('rpl');
  await service.admin.query(
    `insert into webhooks.webhook_replays (id, workspace, endpoint, run, from_position, to_position, types, selection,
       status, created_at, updated_at) values ($1, $2, $3, 2, 1, 9, '{*}', 'all', 'running', now(), now())`,
    [replay, service.workspace, endpoint].map((one) => one.slice(4)),
  );
  const id = await service.attempt({ endpoint, position, run: 2, number: 3, answer, event: newId('evt') });
  const shown = await detail(id);
  const { request, ...rest } = shown;
  expect(rest).toMatchObject({ id, outcome: 'failed', status: 500, error: null, erased: false, detail: null });
  expect(shown.answer).toEqual({
    headers: [{ name: 'content-type', value: 'text/plain' }],
    body: 'é'.repeat(2048),
    bytes: 6000,
  });
  expect(headOf(Buffer.from(request.body))).toMatchObject({ type: 'webhook_endpoint.created', sequence: 1 });
  expect(JSON.parse(request.body)).toMatchObject({ position, data: { description: 'Another' } });
  const sent = Object.fromEntries(request.headers.map(({ name, value }: Query) => [name, value]));
  expect(Math.abs(Number(sent['webhook-timestamp']) - Date.now() / 1000)).toBeLessThan(60);
  expect({ ...sent, 'webhook-timestamp': '' }).toEqual({
    'content-type': 'application/json',
    'user-agent': 'Heddle-Webhooks/1',
    'webhook-id': shown.event_id,
    'webhook-timestamp': '',
    'heddle-endpoint': endpoint,
    'heddle-attempt': '3',
    'heddle-replay': replay,
  });
  expect((await detail(await service.attempt({ endpoint, answer: SILENT }))).answer).toBeNull();
});

it('shows no answer any more once the person whom it may name was erased', async () => {
  const { writing, installation } = service.ports;
  const subject = newId('cus');
  const made = await writing.keys.make(installation, service.workspace, subject);
  await installation.query(writing.keys.insertRows([made.row]));
  const answer = { body: Buffer.from('You said: Ada') };
  const id = await service.attempt({ endpoint, people: [made.dataKey], body: 'Ada', answer });
  expect(await detail(id)).toMatchObject({ erased: false, answer: { body: 'You said: Ada' } });
  const { rows } = await service.admin.query('select answer from webhooks.attempts where id = $1', [id.slice(4)]);
  expect(rows[0].answer.includes('Ada')).toBe(false);
  await service.runtime.keys.destroy(
    { query: (statement) => service.admin.query(statement) },
    service.workspace,
    subject,
  );
  expect(await detail(id)).toMatchObject({ erased: true, answer: null, status: 200 });
});

it('lists what is yet to be had: what was never attempted, and what waits', async () => {
  const others = [await service.endpoint(), await service.endpoint()] as const;
  const positions = [await positionOf(others[0]), await positionOf(others[1])];
  const [stream, workspace] = [endpoint.slice(4), service.workspace.slice(4)];
  for (const run of [0, 1]) {
    for (const position of positions) {
      const values = [endpoint.slice(4), run, position, workspace, stream];
      await service.admin.query(`insert into webhooks.fresh values ($1, $2, $3, $4, $5, '')`, values);
    }
  }
  const first = await deliveries({ limit: '3' });
  const next = await deliveries({ limit: '3', cursor: first.next_cursor });
  const places = [...first.data, ...next.data].map(({ run, position }) => [run, position]);
  expect(places).toEqual([0, 1].flatMap((run) => positions.map((position) => [run, position])));
  expect(next.next_cursor).toBeNull();
  expect(first.data[0]).toMatchObject({
    state: 'fresh',
    type: 'webhook_endpoint.created',
    stream: others[0],
    attempts: 0,
  });
  expect(first.data[0].event_id).toMatch(/^evt_/);
  expect([first.data[0].due_at, first.data[0].waiting_since]).toEqual([null, null]);
  expect((await deliveries({ state: 'waiting' })).data).toEqual([]);
  for (const [i, state] of ['retry', 'behind'].entries()) {
    await service.admin.query(
      `insert into webhooks.waiting (endpoint, run, position, workspace, stream, pin, attempts, state, due_at)
       values ($1, 0, $2, $3, $4, '', $5, $6, '2026-01-02T03:04:05.678Z')`,
      [endpoint.slice(4), positions[i], workspace, stream, 1 - i, state],
    );
  }
  expect((await deliveries({ state: 'waiting' })).data).toMatchObject([
    { state: 'retry', attempts: 1, due_at: '2026-01-02T03:04:05.678Z', waiting_since: expect.any(String) },
    { state: 'behind', attempts: 0, due_at: null },
  ]);
});

it('says of neither to another workspace that there is one', async () => {
  const id = await service.attempt({ endpoint });
  service.workspace = newId('wsp');
  for (const read of [() => page(), () => detail(id), () => deliveries()]) {
    await expect(read()).rejects.toMatchObject({ code: 'not_found' });
  }
  const own = await service.endpoint();
  await expect(detail(id, own)).rejects.toMatchObject({ code: 'not_found' });
  expect((await page({}, own)).data).toEqual([]);
});
