import { type Cast, conversationWith, created, Journey, messageTo, problem } from './journey.js';

let journey: Journey;
let cast: Cast;
let at: string;
/** 50 messages of 100,000 characters in 300,000 bytes, 15 MB in all; then a short one. */
const COUNT = 50;
const TEXT = '€'.repeat(100_000);

beforeAll(async () => {
  journey = await Journey.begin();
  cast = await journey.cast();
  const conversation = created(await conversationWith(cast)).id;
  at = `/v1/conversations/${conversation}`;
  for (let n = 0; n < COUNT; n += 10) {
    const posts = await Promise.all(Array.from({ length: 10 }, () => messageTo(conversation, cast, TEXT)));
    for (const post of posts) created(post);
  }
  created(await messageTo(conversation, cast, 'short'));
}, 120_000);
afterAll(() => journey.end());

const size = (body: unknown) => Buffer.byteLength(JSON.stringify(body));
const MIB = 1024 * 1024;

async function pages(path: string): Promise<{ data: { seq: number }[]; next_cursor: string | null }[]> {
  const all = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const answer = await cast.api.get(`${path}?limit=1000${cursor === '' ? '' : `&cursor=${cursor}`}`);
    expect(answer.status).toBe(200);
    all.push(answer.body);
    cursor = answer.body.next_cursor;
  }
  return all;
}

it.each([
  ['messages', COUNT + 1, 2],
  ['events', COUNT + 2, 1],
  ['timeline', COUNT + 2, 1],
])(
  'a page of %s ends at about 4 MiB, and the next one goes on',
  async (list, count, first) => {
    const all = await pages(`${at}/${list}`);
    for (const page of all.slice(0, -1)) {
      expect(size(page)).toBeGreaterThan(3.5 * MIB);
      expect(size(page)).toBeLessThan(5 * MIB);
    }
    const seqs = all.flatMap(({ data }) => data.map(({ seq }) => seq));
    expect(seqs).toEqual(Array.from({ length: count }, (_, i) => first + i));
  },
  60_000,
);

it('a conversation comes with the last of its messages, as many as 4 MiB are', async () => {
  const { body } = await cast.api.get(`${at}?messages=1000`);
  expect(size(body)).toBeGreaterThan(3.5 * MIB);
  expect(size(body)).toBeLessThan(5 * MIB);
  const seqs = body.messages.map(({ seq }: { seq: number }) => seq);
  expect(seqs.at(-1)).toBe(COUNT + 2);
  expect(seqs).toEqual(seqs.map((_: number, i: number) => COUNT + 3 - seqs.length + i));
});

it('fewer than that are all there', async () => {
  expect((await cast.api.get(`${at}?messages=5`)).body.messages).toHaveLength(5);
  const { body } = await cast.api.get(`${at}/messages?limit=7`);
  expect(body.data).toHaveLength(7);
  expect(body.next_cursor).not.toBeNull();
});

it('what was chosen of messages weighs as what they say does, and there is an end of it', async () => {
  const conversation = created(await conversationWith(cast)).id;
  const list = `/v1/conversations/${conversation}/messages`;
  const fields = Array.from({ length: 10 }, (_, n) => ({
    type: 'form_field',
    id: `field_${n}`,
    label: 'Tell us',
    kind: 'text',
  }));
  const choices = fields.map(({ id }) => ({ block_id: id, value: TEXT.slice(0, 10_000) }));
  const author = { type: 'user', id: cast.user };
  for (let n = 0; n < 6; n++) {
    const { id } = created(await cast.api.post(list, { author, type: 'rich', blocks: fields }));
    for (let times = 0; times < 4; times++) {
      expect((await cast.api.post(`${list}/${id}/choices`, { author, choices })).status).toBe(200);
    }
    const answer = await cast.api.post(`${list}/${id}/choices`, { author, choices });
    expect(problem(answer)).toEqual({ status: 422, code: 'too_many' });
  }
  const all = await pages(list);
  expect(all.map(({ data }) => data.length)).toEqual([4, 2]);
  expect(size(all[0])).toBeGreaterThan(4 * MIB);
  expect(size(all[0])).toBeLessThan(6 * MIB);
  const { body } = await cast.api.get(`/v1/conversations/${conversation}?messages=6`);
  expect(body.messages).toHaveLength(4);
  // As they were, too.
  const past = 'at=2099-01-01T00:00:00.000Z';
  const first = (await cast.api.get(`${list}?limit=1000&${past}`)).body;
  expect(first.data).toEqual(all[0]!.data);
  const second = (await cast.api.get(`${list}?limit=1000&${past}&cursor=${first.next_cursor}`)).body;
  expect(second).toEqual({ data: all[1]!.data, next_cursor: null });
  const before = (await cast.api.get(`/v1/conversations/${conversation}?messages=6&${past}`)).body;
  expect(before.messages).toEqual(body.messages);
}, 120_000);

it('a page of drafts, and one of versions, ends at about 4 MiB, too', async () => {
  const conversation = created(await conversationWith(cast)).id;
  const author = { type: 'user', id: cast.user };
  const { id } = created(await messageTo(conversation, cast, TEXT));
  for (let n = 0; n < 16; n++) {
    const draft = { author, text: TEXT };
    expect((await cast.api.post(`/v1/conversations/${conversation}/drafts`, draft)).status).toBe(201);
    const patch = { text: TEXT.slice(0, -1 - n) };
    const edited = await cast.api.send('PATCH', `/v1/conversations/${conversation}/messages/${id}`, patch);
    expect(edited.status).toBe(200);
  }
  for (const [list, count] of [
    ['drafts', 16],
    [`messages/${id}/versions`, 17],
  ] as const) {
    const all = await pages(`/v1/conversations/${conversation}/${list}`);
    expect(all.map(({ data }) => data.length)).toEqual([14, count - 14]);
    expect(size(all[0])).toBeLessThan(5 * MIB);
  }
}, 120_000);
