import { type Cast, conversationWith, created, Journey, messageTo, problem } from './journey.js';

interface Entry {
  kind: string;
  type: string;
  stream: string;
  seq: number;
  occurred_at: string;
  recorded_at: string;
  data: { activity_type: string; data: unknown; text: string };
}

let journey: Journey;
let cast: Cast;
let conversation: string;
let at: string;
/** The place of the last activity. */
let position: string;
beforeAll(async () => {
  journey = await Journey.begin();
  cast = await journey.cast();
  conversation = created(await conversationWith(cast)).id;
  at = `/v1/conversations/${conversation}/timeline`;
}, 120_000);
afterAll(() => journey.end());

async function tell(type: string, subject: object, more: object = {}): Promise<void> {
  const answer = await cast.api.post('/v1/events', { type, subject, data: { of: type }, ...more });
  expect([answer.status, answer.body]).toEqual([201, expect.anything()]);
  position = answer.headers.get('heddle-position')!;
}

async function timeline(query = '', api = cast.api): Promise<Entry[]> {
  const all: Entry[] = [];
  for (let cursor = ''; ; ) {
    const { status, body } = await api.get(`${at}?limit=2&wait_for=${position}${query}${cursor}`);
    expect([status, body]).toEqual([200, expect.anything()]);
    all.push(...body.data);
    if (body.next_cursor === null) return all;
    cursor = `&cursor=${body.next_cursor}`;
  }
}

const said = (entries: Entry[]) =>
  entries.map(({ kind, type, data }) => (kind === 'activity' ? data.activity_type : (data.text ?? type)));

it('a timeline has what was told of the customer and of the conversation, by when it happened', async () => {
  const customer = { customer: { id: cast.customer } };
  const hourAgo = new Date(Date.now() - 3_600_000).toISOString();
  await messageTo(conversation, cast, 'Where is my reed?');
  await tell('order.paid', customer);
  await messageTo(conversation, cast, 'And my yarn?');
  await tell('ticket.escalated', { conversation: { id: conversation } });
  await tell('order.placed', customer, { occurred_at: hourAgo });

  const entries = await timeline();
  expect(said(entries)).toEqual([
    'order.placed',
    'conversation.created',
    'Where is my reed?',
    'order.paid',
    'And my yarn?',
    'ticket.escalated',
  ]);
  const [placed] = entries;
  expect(placed).toMatchObject({ kind: 'activity', type: 'activity.recorded', occurred_at: hourAgo });
  expect(placed!.data.data).toEqual({ of: 'order.placed' });
});

it('of others it has nothing: neither of other customers and conversations, nor of tenants', async () => {
  const before = await timeline();
  const other = created(await cast.api.post('/v1/customers', { external_id: 'other', name: 'Other' })).id;
  const tenant = created(await cast.api.post('/v1/tenants', { external_id: 'shop', name: 'Shop' })).id;
  await cast.api.post(`/v1/customers/${cast.customer}/join_tenant`, { tenant_id: tenant });
  const second = created(await conversationWith(cast)).id;
  await tell('order.lost', { customer: { id: other } });
  await tell('plan.changed', { tenant: { id: tenant } });
  await tell('ticket.raised', { conversation: { id: second } });
  expect(await timeline()).toEqual(before);
  const stranger = await journey.cast();
  expect(problem(await stranger.api.get(at))).toEqual({ status: 404, code: 'not_found' });
});

it('has entries of one kind, or without them', async () => {
  const all = await timeline();
  expect(await timeline('&kinds=activity')).toEqual(all.filter(({ kind }) => kind === 'activity'));
  expect(await timeline('&kinds=message,change')).toEqual(all.filter(({ kind }) => kind !== 'activity'));
});

it('is read as it was: at a time, as it was known then, and after so many of its events', async () => {
  const all = await timeline();
  const [placed, , , paid, yarn] = all as [Entry, Entry, Entry, Entry, Entry, Entry];
  const knownThen = all.filter(({ recorded_at }) => recorded_at <= paid.recorded_at);
  expect(said(await timeline(`&recorded_at=${paid.recorded_at}`))).toEqual(said(knownThen));
  expect(said(knownThen)).not.toContain('order.placed');
  expect(said(await timeline(`&at=${paid.occurred_at}`))).toEqual([
    'order.placed',
    'conversation.created',
    'Where is my reed?',
    'order.paid',
  ]);
  expect(said(await timeline(`&seq=${yarn.seq}`))).toEqual([
    'conversation.created',
    'Where is my reed?',
    'order.paid',
    'And my yarn?',
  ]);
  expect(problem(await cast.api.get(`${at}?at=${placed.occurred_at}`))).toEqual({ status: 404, code: 'not_found' });
});

it('follows a customer to whom they are read as', async () => {
  const twin = created(await cast.api.post('/v1/customers', { external_id: 'twin', name: 'Twin' })).id;
  await tell('order.returned', { customer: { id: twin } });
  expect(said(await timeline())).not.toContain('order.returned');
  expect((await cast.api.post(`/v1/customers/${twin}/merge`, { into_id: cast.customer })).status).toBe(200);
  expect(said(await timeline()).at(-1)).toBe('order.returned');
});
