import { Ajv2020 } from 'ajv/dist/2020.js';
import { FeedReader } from './event-lines.js';
import { EventReader } from './event-stream.js';
import { type Cast, conversationWith, created, Journey, messageTo, problem } from './journey.js';

let journey: Journey;
let cast: Cast;
let conversation: string;
let events: string;
beforeAll(async () => {
  journey = await Journey.begin();
  cast = await journey.cast();
  conversation = created(await conversationWith(cast)).id;
  await messageTo(conversation, cast, 'Which reed?');
  await cast.api.post(`/v1/conversations/${conversation}/close`);
  events = `/v1/conversations/${conversation}/events`;
});
afterAll(() => journey.end());

const PIN = 'pin=message.created@1.0,conversation.closed@1.0';

interface Shown {
  type: string;
  data: object;
}

async function dataSchemaOf(type: string, version: string) {
  return (await cast.api.get(`/v1/schemas/${type}/${version}`)).body.data;
}

/** Of each type, its fields. */
function fieldsOf(shown: Shown[]): Record<string, string[]> {
  return Object.fromEntries(shown.map(({ type, data }) => [type, Object.keys(data)]));
}

it('a reader gets the versions that it pins, and the newest of all else', async () => {
  const ajv = new Ajv2020({ strict: false, formats: { 'date-time': true } });
  const [pinned, newest] = await Promise.all([cast.api.get(`${events}?${PIN}`), cast.api.get(events)]);
  for (const { type, data } of pinned.body.data as Shown[]) {
    const schema = { ...(await dataSchemaOf(type, '1.0')), additionalProperties: false };
    expect([type, ajv.compile(schema)(data)]).toEqual([type, true]);
  }
  const [with1, without] = [fieldsOf(pinned.body.data), fieldsOf(newest.body.data)];
  expect(with1['message.created']).not.toContain('blocks');
  expect(without['message.created']).toContain('blocks');
  expect(with1['conversation.closed']).toEqual(['message_id', 'article']);
  expect(without['conversation.closed']).toEqual(['message_id', 'article', 'detail']);
  expect(with1['conversation.created']).toEqual(without['conversation.created']);
  const rest = (shown: Shown[]) => shown.map(({ data: _, ...others }) => others);
  expect(rest(pinned.body.data)).toEqual(rest(newest.body.data));
});

it('live, too: from its history to what happens now, while others get the newest', async () => {
  const readers = await Promise.all([
    EventReader.open(cast.api, conversation, { query: `?${PIN}` }),
    EventReader.open(cast.api, conversation),
  ]);
  try {
    const [pinned, other] = readers;
    await Promise.all(readers.map((reader) => reader.heardThrough(3)));
    // A customer's message opens it again.
    await messageTo(conversation, cast, 'And which yarn?');
    await Promise.all(readers.map((reader) => reader.heardThrough(5)));
    const list = async (query: string) => (await cast.api.get(`${events}${query}`)).body.data;
    expect(pinned!.recorded).toEqual(await list(`?${PIN}`));
    expect(other!.recorded).toEqual(await list(''));
    expect(pinned!.recorded).not.toEqual(other!.recorded);
    expect(pinned!.lastEventId).toBe(other!.lastEventId);
  } finally {
    for (const reader of readers) reader.cut();
  }
});

it('on the stream of all events, in lines and as server-sent events, from its history on', async () => {
  const query = { since: 'beginning', conversation, pin: PIN.slice('pin='.length) };
  const readers = await Promise.all([
    FeedReader.open(cast.api, { query }),
    FeedReader.open(cast.api, { query, sse: true }),
    FeedReader.open(cast.api, { query: { since: 'beginning', conversation } }),
  ]);
  try {
    await messageTo(conversation, cast, 'And how many dents?');
    const list = async (rest: string) => (await cast.api.get(`${events}?limit=100${rest}`)).body.data;
    const [pinned, newest] = [await list(`&${PIN}`), await list('')];
    for (const reader of readers) await reader.heardAll(newest.map(({ id }: { id: string }) => id));
    const shown = readers.map((reader) => reader.events.map(({ cursor, ...event }) => event));
    expect(shown).toEqual([pinned, pinned, newest]);
    expect(pinned).not.toEqual(newest);
  } finally {
    for (const reader of readers) reader.cut();
  }
});

it('a stream refuses what is not there before it begins', async () => {
  const answer = await cast.api.get('/v1/events/stream?pin=message.created@7.0');
  expect(problem(answer)).toEqual({ status: 422, code: 'invalid_value' });
});

it.each([
  ['message.created@7.0', '1.0, 1.1'],
  ['message.made@1.0', 'message.created'],
  ['message.created', 'message.created@1.0'],
])('%s is refused, with what there is', async (pin, named) => {
  const answer = await cast.api.get(`${events}?pin=${pin}`);
  expect(problem(answer)).toEqual({ status: 422, code: 'invalid_value' });
  expect(answer.body.detail).toContain(named);
  expect(answer.body.errors).toEqual([{ pointer: '/query/pin', message: answer.body.detail }]);
});
