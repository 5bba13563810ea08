import { randomUUID } from 'node:crypto';
import { newId } from '../../libs/platform/kernel/id.js';
import { eventually } from '../../libs/platform/testing/until.js';
import { aDeadLetter } from './a-dead-letter.js';
import { type Cast, conversationWith, created, Journey, problem } from './journey.js';

let journey: Journey;
let cast: Cast;
beforeAll(async () => {
  journey = await Journey.begin();
  cast = await journey.cast();
});
afterAll(() => journey.end());

const tell = (body: object, headers: Record<string, string> = {}) =>
  cast.api.send('POST', '/v1/events', body, { headers });
const tellAs = (mediaType: string, raw: string) =>
  cast.api.send('POST', '/v1/events', undefined, { raw, headers: { 'content-type': mediaType } });
const paid = (more: object = {}) => ({
  type: 'invoice.paid',
  subject: { customer: { id: cast.customer } },
  data: { amount: 4900, lines: ['yarn'] },
  ...more,
});
const RECORDED = { status: 'recorded', event: expect.stringMatching(/^evt_/) };
const HOUR = 3_600_000;
const ago = (ms: number) => new Date(Date.now() - ms).toISOString();

describe('one activity', () => {
  it('is an event on the stream of its subject', async () => {
    const customer = created(await cast.api.post('/v1/customers', { external_id: randomUUID(), name: 'Ada' })).id;
    const about = paid({ subject: { customer: { id: customer } } });
    const first = await tell(about);
    expect([first.status, first.body]).toEqual([
      201,
      { ...RECORDED, stream: expect.stringMatching(/^act_/), seq: 1, subject: customer, timing: 'on_time' },
    ]);
    expect(first.headers.get('heddle-position')).toMatch(/^[A-Za-z0-9_-]+$/);
    expect((await tell(about)).body).toMatchObject({ stream: first.body.stream, seq: 2 });
  });

  it('is recorded once under its id and source, also with other data', async () => {
    const id = randomUUID();
    const first = await tell(paid({ id }));
    const again = await tell(paid({ id, data: {} }));
    expect([again.status, again.body]).toEqual([200, { status: 'duplicate', event: first.body.event }]);
    expect((await tell(paid({ id, source: 'billing' }))).status).toBe(201);
  });

  it('is once recorded under an idempotency key, and its answer given again', async () => {
    const key = { 'idempotency-key': randomUUID() };
    const first = await tell(paid(), key);
    const again = await tell(paid(), key);
    expect([again.status, again.body]).toEqual([201, first.body]);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(again.headers.get('heddle-position')).toBe(first.headers.get('heddle-position'));
    expect(problem(await tell(paid({ data: 1 }), key))).toEqual({ status: 422, code: 'idempotency_key_reused' });
    const inBody = { ...paid(), idempotency_key: randomUUID() };
    expect((await tell(inBody)).body).toEqual((await tell(inBody)).body);
  });

  it('is about a tenant or a conversation as well', async () => {
    const known = { external_id: randomUUID(), name: 'Mill' };
    const tenant = (await cast.api.post('/v1/tenants', known)).body.id;
    const conversation = created(await conversationWith(cast)).id;
    const about = async (subject: object) => (await tell(paid({ subject }))).body;
    expect(await about({ tenant: { id: tenant } })).toMatchObject({ ...RECORDED, seq: 1, subject: tenant });
    expect(await about({ tenant: { external_id: known.external_id } })).toMatchObject({ seq: 2, subject: tenant });
    expect(await about({ conversation: { id: conversation } })).toMatchObject({ seq: 1, subject: conversation });
  });

  it.each([
    ['on_time', 0],
    ['late', 2 * HOUR],
    ['late', 9 * 365 * 24 * HOUR],
    ['future', -HOUR / 2],
  ])('is marked as %s by the time when it happened', async (timing, before) => {
    const answer = await tell(paid({ occurred_at: ago(before) }));
    expect([answer.status, answer.body.timing]).toEqual([201, timing]);
  });

  it.each([-2 * HOUR, 11 * 365 * 24 * HOUR])('is refused %d ms ago', async (before) => {
    expect(problem(await tell(paid({ occurred_at: ago(before) })))).toEqual({ status: 422, code: 'invalid_value' });
  });

  it.each(['customer', 'tenant', 'conversation'] as const)('of a %s that is not known is refused', async (type) => {
    const prefix = ({ customer: 'cus', tenant: 'ten', conversation: 'conv' } as const)[type];
    const answer = await tell(paid({ subject: { [type]: { id: newId(prefix) } } }));
    expect(problem(answer)).toEqual({ status: 404, code: 'unknown_reference' });
  });

  it('of another workspace’s customer is refused', async () => {
    const other = await journey.cast();
    const answer = await tell(paid({ subject: { customer: { id: other.customer } } }));
    expect(problem(answer)).toEqual({ status: 404, code: 'unknown_reference' });
  });
});

it('is counted where the process is measured', async () => {
  const counted = async () => {
    const pages = await Promise.all(journey.processesOf('ingest').map((url) => fetch(`${url}/metrics`)));
    const texts = await Promise.all(pages.map((answer) => answer.text()));
    return texts.reduce(
      (sum, text) => sum + Number(/heddle_append_events_total\{service="ingest"\} (\d+)/.exec(text)![1]),
      0,
    );
  };
  const before = await counted();
  await tell({ events: [paid(), paid(), paid()] });
  expect(await counted()).toBeGreaterThanOrEqual(before + 3);
});

describe('a customer whom nobody knows yet', () => {
  const about = (externalId: string) => paid({ subject: { customer: { external_id: externalId } } });
  const found = async (externalId: string) => (await cast.api.get(`/v1/customers?external_id=${externalId}`)).body.data;

  it('becomes a placeholder, whom an upsert makes known under the same id', async () => {
    const externalId = randomUUID();
    const { data } = (await tell({ events: [about(externalId), about(externalId)] })).body;
    expect(data.map(({ seq }: { seq: number }) => seq)).toEqual([1, 2]);
    const { subject } = data[0];
    expect([data[1].subject, data[1].stream]).toEqual([subject, data[0].stream]);
    await eventually(async () =>
      expect(await found(externalId)).toMatchObject([{ id: subject, placeholder: true, external_id: externalId }]),
    );
    const upsert = await cast.api.post('/v1/customers', { external_id: externalId, name: 'Ada' });
    expect([upsert.status, upsert.body.id]).toEqual([200, subject]);
    expect(await found(externalId)).toMatchObject([{ id: subject, name: 'Ada', placeholder: false }]);
    expect((await tell(about(externalId))).body).toMatchObject({ subject, seq: 3 });
    expect((await tell(paid({ subject: { customer: { id: subject } } }))).body).toMatchObject({ subject, seq: 4 });
    const past = await cast.api.get(`/v1/customers/${subject}?seq=1`);
    expect(past.body).toMatchObject({ placeholder: true, external_id: externalId });
  });

  it('is made known under the same id by an upsert that comes at once', async () => {
    const ids = Array.from({ length: 10 }, () => randomUUID());
    const pairs = await Promise.all(
      ids.map((externalId) =>
        Promise.all([
          tell(about(externalId)),
          cast.api.post('/v1/customers', { external_id: externalId, name: 'Ada' }),
        ]),
      ),
    );
    expect(pairs.map(([told, made]) => [told.status, told.body.subject === made.body.id])).toEqual(
      ids.map(() => [201, true]),
    );
    await eventually(async () => {
      for (const externalId of ids)
        expect(await found(externalId)).toMatchObject([{ name: 'Ada', placeholder: false }]);
    });
  });

  it('is one, however many tell of them at the same moment', async () => {
    const externalId = randomUUID();
    const answers = await Promise.all(Array.from({ length: 20 }, () => tell(about(externalId))));
    expect(new Set(answers.map(({ body }) => body.subject)).size).toBe(1);
    const seqs = answers.map(({ body }) => body.seq).sort((a, b) => a - b);
    expect(seqs).toEqual(seqs.map((_, i) => i + 1));
  });
});

describe('several activities', () => {
  it('have an outcome each, in their order, and one that is refused leaves the others', async () => {
    const id = randomUUID();
    const answer = await tell({
      events: [
        paid({ id }),
        paid({ type: 'Invoice Paid' }),
        paid({ id }),
        paid({ subject: { customer: { id: newId('cus') } } }),
        paid({ occurred_at: ago(-3 * HOUR) }),
        paid({ subject: { customer: { name: 'Ada' } } }),
        paid({ subject: { tenant: { id: cast.customer } } }),
        { ...paid(), amount: 1 },
        7,
        paid(),
      ],
    });
    expect([answer.status, answer.body.recorded, answer.body.duplicates, answer.body.refused]).toEqual([207, 2, 1, 7]);
    const { data } = answer.body;
    expect([data[0].seq + 1, data[2]]).toEqual([data[9].seq, { status: 'duplicate', event: data[0].event }]);
    const refused = (i: number) => [data[i].status, data[i].problem.code, data[i].problem.errors?.[0]?.pointer];
    expect([1, 3, 4, 5, 6, 7, 8].map(refused)).toEqual([
      ['refused', 'invalid_request', '/body/events/1/type'],
      ['refused', 'unknown_reference', undefined],
      ['refused', 'invalid_value', undefined],
      ['refused', 'invalid_request', '/body/events/5/subject/customer'],
      ['refused', 'invalid_request', '/body/events/6/subject/tenant/id'],
      ['refused', 'invalid_request', '/body/events/7/amount'],
      ['refused', 'invalid_request', '/body/events/8'],
    ]);
  });

  it('are found whatever else of the same uuid is named beside them', async () => {
    const customer = created(await cast.api.post('/v1/customers', { external_id: randomUUID(), name: 'Ada' })).id;
    const subjects = [{ customer: { id: customer } }, { conversation: { id: customer.replace('cus', 'conv') } }];
    const { body } = await tell({ events: subjects.map((subject) => paid({ subject })) });
    expect(body.data).toMatchObject([
      { status: 'recorded', subject: customer },
      { status: 'refused', problem: { code: 'unknown_reference' } },
    ]);
  });

  it('are 1,000 at most, each once, whatever is sent again', async () => {
    const events = Array.from({ length: 1000 }, (_, i) => paid({ id: `${cast.workspace} ${i}` }));
    const first = await tell({ events });
    expect([first.status, first.body.recorded]).toEqual([200, 1000]);
    const seqs = first.body.data.map(({ seq }: { seq: number }) => seq);
    expect(seqs).toEqual(seqs.map((_: number, i: number) => seqs[0] + i));
    const again = await tell({ events });
    expect([again.status, again.body.recorded, again.body.duplicates]).toEqual([200, 0, 1000]);
    expect(again.body.data.map(({ event }: { event: string }) => event)).toEqual(
      first.body.data.map(({ event }: { event: string }) => event),
    );
    expect(problem(await tell({ events: [...events, paid()] }))).toEqual({ status: 400, code: 'invalid_request' });
    expect(problem(await tell({ events: [] }))).toEqual({ status: 400, code: 'invalid_request' });
  });

  it('come as NDJSON, a line an activity', async () => {
    const id = randomUUID();
    const lines = [JSON.stringify(paid({ id })), '', '{"type":', JSON.stringify(paid({ id })), JSON.stringify({})];
    const answer = await tellAs('application/x-ndjson', lines.join('\n'));
    expect([answer.status, answer.body.recorded, answer.body.duplicates, answer.body.refused]).toEqual([207, 1, 1, 2]);
    expect(answer.body.data[1].problem).toMatchObject({ code: 'malformed_request', detail: 'Line 3 is not JSON.' });
    expect(answer.body.data[3].problem.errors[0].pointer).toBe('/body/5/type');
    expect(problem(await tellAs('application/x-ndjson', ''))).toEqual({ status: 400, code: 'invalid_request' });
  });

  it('may have more than 1 MiB together, and 8 at most', async () => {
    const text = 'x'.repeat(200_000);
    const line = JSON.stringify(paid({ data: text }));
    const many = await tellAs('application/x-ndjson', `${line}\n`.repeat(20));
    expect([many.status, many.body.recorded]).toEqual([200, 20]);
    const inJson = await tell({ events: Array.from({ length: 20 }, () => paid({ data: text })) });
    expect([inJson.status, inJson.body.recorded]).toEqual([200, 20]);
    const tooMany = await tellAs('application/x-ndjson', `${line}\n`.repeat(50));
    expect([problem(tooMany), tooMany.body.detail]).toEqual([
      { status: 413, code: 'body_too_large' },
      'A body may have 8 MiB. Send less at once.',
    ]);
    const one = await tell(paid({ data: 'x'.repeat(300_000) }));
    expect(problem(one)).toEqual({ status: 422, code: 'invalid_value' });
  });
});

describe('CloudEvents', () => {
  const cloudEvent = (more: object = {}) => ({
    specversion: '1.0',
    id: randomUUID(),
    source: '/shops/1',
    type: 'invoice.paid',
    subject: `customer/${cast.customer}`,
    time: ago(0),
    traceparent: 'x',
    data: { amount: 1 },
    ...more,
  });
  const one = (event: object) => tellAs('application/cloudevents+json; charset=utf-8', JSON.stringify(event));

  it('come one by one, known again by source and id', async () => {
    const event = cloudEvent();
    const first = await one(event);
    expect([first.status, first.body]).toMatchObject([201, { ...RECORDED, subject: cast.customer }]);
    expect((await one(event)).body).toEqual({ status: 'duplicate', event: first.body.event });
    expect((await one({ ...event, source: '/shops/2' })).status).toBe(201);
    const { subject: _, ...nothing } = event;
    expect([problem(await one(nothing)), (await one(nothing)).body.detail]).toEqual([
      { status: 400, code: 'invalid_request' },
      '/body/subject is missing.',
    ]);
  });

  it('come in batches', async () => {
    const events = [
      cloudEvent(),
      cloudEvent({ data_base64: 'AA==' }),
      cloudEvent({ subject: 'Ada' }),
      cloudEvent({ specversion: '0.3' }),
      cloudEvent({ subject: `customer/external/${randomUUID()}/x`, data: undefined }),
    ];
    const answer = await tellAs('application/cloudevents-batch+json', JSON.stringify(events));
    expect([answer.status, answer.body.recorded, answer.body.refused]).toEqual([207, 2, 3]);
    const pointers = answer.body.data.map(
      (row: { problem?: { errors: { pointer: string }[] } }) => row.problem?.errors[0]?.pointer,
    );
    expect(pointers).toEqual([undefined, '/body/1/data_base64', '/body/2/subject', '/body/3/specversion', undefined]);
  });
});

it('is tried again from dead letters in their places, and told of as they were received', async () => {
  const letters = [
    await aDeadLetter(journey.database.url, cast.workspace, 1),
    await aDeadLetter(journey.database.url, cast.workspace, 0),
    await aDeadLetter(journey.database.url, cast.workspace, 0),
  ];
  const redrive = async (more: object) => {
    const { body } = await cast.api.post('/v1/events/dead_letters/redrive', { limit: 2, ...more });
    return { ids: body.data.map(({ id }: { id: string }) => id), more: body.more, tried_before: body.tried_before };
  };
  const { tried_before, ...first } = await redrive({});
  expect(first).toEqual({ ids: letters.slice(0, 2), more: true });
  // It comes meanwhile.
  await aDeadLetter(journey.database.url, cast.workspace, 2);
  expect(await redrive({ tried_before })).toEqual({ ids: letters.slice(2), more: false, tried_before });
});

describe('bad input', () => {
  it.each([
    ['application/json', '[]', 400, 'invalid_request'],
    ['application/json', '{', 400, 'malformed_request'],
    ['application/json', '', 400, 'invalid_request'],
    ['application/json', '{"events":1}', 400, 'invalid_request'],
    ['application/json', '{"events":[1],"more":1}', 400, 'invalid_request'],
    ['application/json', '{"events":[1],"idempotency_key":1}', 400, 'invalid_request'],
    ['application/cloudevents-batch+json', '{}', 400, 'invalid_request'],
    ['application/cloudevents+json', '[]', 400, 'invalid_request'],
    ['application/xml', '<a/>', 415, 'unsupported_media_type'],
  ])('%s %s is refused whole', async (mediaType, raw, status, code) => {
    expect(problem(await tellAs(mediaType, raw))).toEqual({ status, code });
  });

  it('nested beyond every stack is refused, and the row beside it recorded', async () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    const row = JSON.stringify(paid()).replace(/"data":.*$/, '"data":');
    const answer = await tellAs('application/json', `{"events":[${row}${deep}},${JSON.stringify(paid())}]}`);
    expect([answer.status, answer.body.recorded, answer.body.refused]).toEqual([207, 1, 1]);
    // Under a key it would have to be compared.
    const raw = `{"events":[${row}${deep}}]}`;
    const headers = { 'content-type': 'application/json', 'idempotency-key': randomUUID() };
    const keyed = await cast.api.send('POST', '/v1/events', undefined, { raw, headers });
    expect(problem(keyed)).toEqual({ status: 400, code: 'invalid_request' });
  });

  it('without the scope is refused', async () => {
    const api = await journey.client(cast.workspace, ['events:read']);
    expect(problem(await api.post('/v1/events', paid()))).toEqual({ status: 403, code: 'forbidden' });
  });
});
