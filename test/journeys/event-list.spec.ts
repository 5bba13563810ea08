import { type Cast, conversationWith, created, Journey, messageTo, problem } from './journey.js';

// biome-ignore lint/suspicious/noExplicitAny: looked at from outside, where nothing is known of its type.
type Event = any;

let journey: Journey;
let cast: Cast;
/** Two conversations of the cast's customer, one of another one, who was merged into the first. */
let ours: string[];
let theirs: string;
let other: string;
let all: Event[];

beforeAll(async () => {
  journey = await Journey.begin();
  cast = await journey.cast();
  ours = [created(await conversationWith(cast)).id, created(await conversationWith(cast)).id];
  other = created(await cast.api.post('/v1/customers', { external_id: 'other', name: 'Other' })).id;
  theirs = created(await conversationWith({ ...cast, customer: other })).id;
  for (let n = 0; n < 6; n++) created(await messageTo([...ours, theirs][n % 3]!, cast, `Message ${n}`));
  await cast.api.send('PATCH', `/v1/conversations/${ours[0]}`, { priority: 'high', title: 'A lamp' });
  await cast.api.post(`/v1/conversations/${theirs}/close`);
  await cast.api.post(`/v1/customers/${other}/merge`, { into_id: cast.customer });
  const subjects = [
    { customer: { id: other } },
    { conversation: { id: ours[0] } },
    { customer: { id: cast.customer } },
  ];
  for (const [n, subject] of subjects.entries()) {
    for (const type of ['invoice.paid', 'invoice.due', 'sign-in']) {
      const told = await cast.api.post('/v1/events', { id: `${type} ${n}`, type, subject, data: { n, text: 'a\nb' } });
      expect([told.status, told.body.status]).toEqual([told.status, 'recorded']);
    }
  }
  all = await listed({ limit: '1000' });
}, 120_000);
afterAll(() => journey.end());

const get = (query: Record<string, string>, api = cast.api) => api.get(`/v1/events?${new URLSearchParams(query)}`);

/** All pages. */
async function listed(query: Record<string, string>): Promise<Event[]> {
  const events: Event[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const { status, body } = await get({ ...query, ...(cursor === undefined ? {} : { cursor }) });
    expect([query, status]).toEqual([query, 200]);
    expect(body.data.length).toBeLessThanOrEqual(Number(query.limit ?? 50));
    events.push(...body.data);
    cursor = body.next_cursor;
  }
  return events;
}

it('has everything that happened in the workspace, in the order of the log, from its first event on', async () => {
  expect(all[0]).toMatchObject({ type: 'workspace.created', stream: cast.workspace, seq: 1 });
  const positions = all.map(({ position }) => position);
  expect(positions).toEqual([...new Set(positions)].sort((a, b) => a - b));
  for (const stream of [...ours, theirs]) {
    const { body } = await cast.api.get(`/v1/conversations/${stream}/events?limit=1000`);
    expect(all.filter((event) => event.stream === stream).map(({ cursor, ...event }) => event)).toEqual(body.data);
  }
});

it('is the same in pages of any size, in both directions', async () => {
  for (const limit of ['1', '3', '7']) {
    expect(await listed({ limit })).toEqual(all);
    expect(await listed({ limit, order: 'desc' })).toEqual(all.toReversed());
  }
});

/** What it happened to, or what it is about. */
const subjectOf = ({ stream, data }: Event) => data.subject_id ?? stream;
const ofCustomer = (event: Event) => [...ours, theirs, other, cast.customer].includes(subjectOf(event));
const FILTERS: readonly [() => Record<string, string>, (event: Event) => boolean][] = [
  [() => ({ type: 'message.created' }), ({ type }) => type === 'message.created'],
  [() => ({ type: 'conversation.*' }), ({ type }) => type.startsWith('conversation.')],
  [
    () => ({ type: 'conversation.updated,customer.*' }),
    ({ type }) => type.startsWith('customer.') || (type.startsWith('conversation.') && type !== 'conversation.created'),
  ],
  [() => ({ conversation: ours[0]! }), (event) => subjectOf(event) === ours[0]],
  [() => ({ customer: other }), (event) => [other, theirs].includes(subjectOf(event))],
  [() => ({ activity: 'invoice.paid' }), ({ data }) => data.activity_type === 'invoice.paid'],
  [() => ({ activity: 'invoice.*,sign-in' }), ({ type }) => type === 'activity.recorded'],
  [() => ({ activity: 'invoice.*', customer: cast.customer }), ({ data }) => /^invoice/.test(data.activity_type ?? '')],
  [
    () => ({ activity: 'sign-in,invoice.due', type: 'activity.*', actor: all.at(-1).actor.id }),
    ({ data }) => ['sign-in', 'invoice.due'].includes(data.activity_type),
  ],
  [() => ({ customer: cast.customer }), ofCustomer],
  [
    () => ({ customer: cast.customer, type: 'message.*', conversation: theirs }),
    ({ stream, type }) => stream === theirs && type.startsWith('message.'),
  ],
  [() => ({ actor: 'root' }), ({ actor }) => actor.id === 'root'],
  [
    () => ({ actor: all.at(-1).actor.id, type: 'message.created' }),
    ({ actor, type }) => actor.id === all.at(-1).actor.id && type === 'message.created',
  ],
  [() => ({ since: all[5].recorded_at }), (event) => event.recorded_at >= all[5].recorded_at],
  [() => ({ until: all[5].recorded_at }), (event) => event.recorded_at < all[5].recorded_at],
  [
    () => ({ since: all[3].recorded_at, until: all[9].recorded_at, type: 'conversation.*' }),
    ({ recorded_at, type }) =>
      recorded_at >= all[3].recorded_at && recorded_at < all[9].recorded_at && type.startsWith('conversation.'),
  ],
  [() => ({ since: 'now-1h' }), () => true],
  [() => ({ until: 'now-1h' }), () => false],
];

it.each(FILTERS.map(([query, meant], n) => ({ n, query, meant })))(
  'filter $n gives what it means',
  async ({ query, meant }) => {
    const wanted = all.filter(meant);
    expect(await listed({ ...query(), limit: '1000' })).toEqual(wanted);
    expect(await listed({ ...query(), limit: '2' })).toEqual(wanted);
    expect(await listed({ ...query(), limit: '2', order: 'desc' })).toEqual(wanted.toReversed());
  },
);

it('has what was acknowledged before it was asked', async () => {
  for (let n = 0; n < 10; n++) {
    const { id } = created(await messageTo(ours[0]!, cast, `Now ${n}`));
    const { data } = (await get({ order: 'desc', limit: '1' })).body;
    expect(data[0].data.message_id).toBe(id);
  }
  all = await listed({ limit: '1000' });
});

it('goes on from any cursor that the API gave, and from no other', async () => {
  const message = await messageTo(ours[0]!, cast, 'Before');
  const position = message.headers.get('heddle-position')!;
  const { id } = created(await messageTo(ours[0]!, cast, 'After'));
  const { data } = (await get({ cursor: position })).body;
  expect(data.map((event: Event) => event.data.message_id)).toEqual([id]);
  expect((await get({ cursor: data[0].cursor })).body).toEqual({ data: [], next_cursor: null });

  const stranger = await journey.cast();
  const answers = [
    await get({ cursor: position }, stranger.api),
    await get({ cursor: 'AQAAAA' }),
    await get({ cursor: `B${position.slice(1)}` }),
  ];
  expect(answers.map(problem)).toEqual(answers.map(() => ({ status: 400, code: 'invalid_cursor' })));
  expect(answers[0]!.body.detail).toContain('another workspace');
});

it('says which part of a filter it does not take, and where', async () => {
  const answers = [
    [await get({ type: 'message.created,message.invented' }), 422, 'invalid_value', '/query/type'],
    [await get({ type: 'typing' }), 422, 'invalid_value', '/query/type'],
    [await get({ type: 'no spaces' }), 400, 'invalid_request', '/query/type'],
    [await get({ since: 'yesterday' }), 422, 'invalid_value', '/query/since'],
    [await get({ until: '2026-13-01T00:00:00Z' }), 422, 'invalid_value', '/query/until'],
    [await get({ conversation: cast.customer }), 400, 'invalid_request', '/query/conversation'],
    [await get({ limit: '1001' }), 400, 'invalid_request', '/query/limit'],
    [await get({ order: 'up' }), 400, 'invalid_request', '/query/order'],
  ] as const;
  for (const [answer, status, code, pointer] of answers) {
    expect([problem(answer), answer.body.errors[0].pointer]).toEqual([{ status, code }, pointer]);
  }
  expect(problem(await get({ since: 'now', until: 'now-1h' }))).toEqual({ status: 422, code: 'reversed_range' });
});

it('begins with the first event, however long ago it is asked for', async () => {
  const query = { since: 'now-999999d', limit: '1000' };
  expect((await get(query)).body.data).toEqual((await get({ limit: '1000' })).body.data);
});

it('is of one workspace, whatever is asked for', async () => {
  const stranger = await journey.cast();
  const queries: Record<string, string>[] = [{}, { conversation: ours[0]! }, { customer: cast.customer }];
  for (const query of queries) {
    const { data } = (await get({ ...query, limit: '1000' }, stranger.api)).body;
    const known = new Set(all.map(({ id }) => id));
    expect(data.filter(({ id }: Event) => known.has(id))).toEqual([]);
  }
});
