import { randomUUID } from 'node:crypto';
import { type Cast, conversationWith, created, Journey, messageTo, problem } from './journey.js';

let journey: Journey;
let cast: Cast;
let at: string;
beforeAll(async () => {
  journey = await Journey.begin();
  cast = await journey.cast();
  const { id } = created(await conversationWith(cast, { title: 'Broken lamp' }));
  at = `/v1/conversations/${id}`;
  const label_id = created(await cast.api.post('/v1/labels', { name: randomUUID() })).id;
  await messageTo(id, cast, 'It does not shine');
  await cast.api.post(`${at}/label`, { label_id });
  await cast.api.send('PATCH', at, { priority: 'high', title: 'Lamp' });
  await messageTo(id, cast, 'Still not');
  await cast.api.post(`${at}/close`);
  await messageTo(id, cast, 'Oh');
});
afterAll(() => journey.end());

// biome-ignore lint/suspicious/noExplicitAny: answers are looked at from outside.
const entries = async (query = ''): Promise<any[]> => {
  const all: unknown[] = [];
  for (let cursor = ''; ; ) {
    const { status, body } = await cast.api.get(`${at}/timeline?limit=2${query}${cursor}`);
    expect(status).toBe(200);
    expect(body.data.length).toBeLessThanOrEqual(2);
    all.push(...body.data);
    if (body.next_cursor === null) return all;
    cursor = `&cursor=${body.next_cursor}`;
  }
};

it('has everything that happened, in one order, and says of each what it is', async () => {
  const timeline = await entries();
  const events = (await cast.api.get(`${at}/events`)).body.data;
  expect(timeline.map(({ kind: _, ...event }) => event)).toEqual(events);
  expect(timeline.map(({ type, kind }) => [type, kind])).toEqual([
    ['conversation.created', 'change'],
    ['message.created', 'message'],
    ['conversation.labeled', 'change'],
    ['conversation.priority_changed', 'change'],
    ['conversation.title_changed', 'change'],
    ['message.created', 'message'],
    ['conversation.closed', 'change'],
    ['message.created', 'message'],
    ['conversation.reopened', 'change'],
  ]);
});

it('has entries of one kind, or of several', async () => {
  expect((await entries('&kinds=message')).map(({ data }) => data.text)).toEqual([
    'It does not shine',
    'Still not',
    'Oh',
  ]);
  expect(await entries('&kinds=link')).toEqual([]);
  expect(await entries('&kinds=link,change,message')).toEqual(await entries());
  const [first] = await entries('&kinds=change');
  expect(first.type).toBe('conversation.created');
  for (const kinds of ['', 'message,', 'event', 'message,message,message,message,message,message']) {
    expect(problem(await cast.api.get(`${at}/timeline?kinds=${kinds}`))).toEqual({
      status: 400,
      code: 'invalid_request',
    });
  }
});

it('has what was proposed, and what it is tied to', async () => {
  const [from, to] = [created(await conversationWith(cast)).id, created(await conversationWith(cast)).id];
  const path = `/v1/conversations/${from}`;
  const draft = { author: { type: 'ai_agent', id: cast.aiAgent }, text: 'Turn it on' };
  created(await cast.api.post(`${path}/drafts`, draft));
  const reference = { type: 'issue', external_id: 'LOOM-204', url: 'https://issues.example.org/LOOM-204' };
  created(await cast.api.post(`${path}/references`, reference));
  expect((await cast.api.post(`${path}/merge`, { into_id: to })).status).toBe(200);
  const of = async (kinds: string) =>
    (await cast.api.get(`${path}/timeline?kinds=${kinds}`)).body.data.map(({ type }: { type: string }) => type);
  expect(await of('draft')).toEqual(['draft.proposed']);
  expect(await of('link')).toEqual(['conversation.reference_added', 'conversation.merged']);
  expect(await of('change')).toEqual(['conversation.created', 'conversation.closed']);
});

it('is read as it was', async () => {
  const now = await entries();
  for (let seq = 1; seq <= now.length; seq++) expect(await entries(`&seq=${seq}`)).toEqual(now.slice(0, seq));
  expect(await entries(`&at=${now.at(-1).occurred_at}&kinds=message`)).toEqual(await entries('&kinds=message'));
  expect(await entries(`&recorded_at=${now[3].recorded_at}`)).toEqual(
    now.filter(({ recorded_at }) => recorded_at <= now[3].recorded_at),
  );
});

it('keeps its place while more happens, and takes no cursor of other entries', async () => {
  const { data, next_cursor } = (await cast.api.get(`${at}/timeline?limit=7`)).body;
  await cast.api.post(`${at}/lock`);
  await cast.api.post(`${at}/unlock`);
  const rest = (await cast.api.get(`${at}/timeline?cursor=${next_cursor}`)).body.data;
  expect([...data, ...rest].map(({ seq }) => seq)).toEqual(Array.from({ length: 11 }, (_, i) => i + 1));
  expect(problem(await cast.api.get(`${at}/timeline?kinds=message&cursor=${next_cursor}`))).toEqual({
    status: 400,
    code: 'invalid_cursor',
  });
});

it('needs no right to read events, and is nobody else’s', async () => {
  const reader = await journey.client(cast.workspace, ['conversations:read']);
  expect((await reader.get(`${at}/timeline`)).status).toBe(200);
  const stranger = await journey.cast();
  expect(problem(await stranger.api.get(`${at}/timeline`))).toEqual({ status: 404, code: 'not_found' });
});
