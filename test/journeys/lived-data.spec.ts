import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../libs/platform/postgres/package-root.js';
import { type Cast, created, Journey } from './journey.js';

interface Line {
  conversation: string;
  customer: string;
  messages: { id: string; at: string; text: string; author: { type: string } }[];
}

interface Message {
  id: string;
  seq: number;
  text: string;
  occurred_at: string;
}

/** A conversation of the file, with its id and its messages as they were imported. */
interface Lived {
  line: Line;
  id: string;
  at: string;
  messages: Message[];
}

const DATA = join(packageRoot, '..', 'shared', 'data', 'customer-care.ndjson');
const DEMO = join(packageRoot, 'examples', 'demo.ndjson');
let journey: Journey;
beforeAll(async () => {
  journey = await Journey.begin();
});
afterAll(() => journey.end());

async function imported({ api }: Cast, file: string): Promise<Lived[]> {
  const raw = readFileSync(file, 'utf8');
  const headers = { 'content-type': 'application/x-ndjson' };
  expect((await api.post('/v1/import', {}, { raw, headers })).status).toBe(200);
  const { data } = (await api.get('/v1/conversations?limit=1000')).body;
  const ids = new Map(data.map((one: { external_id: string; id: string }) => [one.external_id, one.id]));
  const all: Lived[] = [];
  for (const text of raw.trim().split('\n')) {
    const line = JSON.parse(text) as Line;
    const id = ids.get(line.conversation) as string;
    const at = `/v1/conversations/${id}`;
    all.push({ line, id, at, messages: (await api.get(`${at}/messages?limit=1000`)).body.data });
  }
  return all;
}

/** A word of each text that no other text has. */
function wordsOfTheirOwn(all: readonly Lived[]): Map<string, string> {
  const texts = all.flatMap(({ messages }) => messages.map(({ text }) => [...new Set(text.split(/[^\p{L}]+/u))]));
  const times = new Map<string, number>();
  for (const word of texts.flat()) times.set(word.toLowerCase(), (times.get(word.toLowerCase()) ?? 0) + 1);
  const own = new Map<string, string>();
  for (const { messages } of all) {
    for (const { id, text } of messages) {
      const word = text
        .split(/[^\p{L}]+/u)
        .find((one) => /^[a-z]{6,}$/i.test(one) && times.get(one.toLowerCase()) === 1);
      if (word !== undefined) own.set(id, word);
    }
  }
  return own;
}

/** Whatever stands under `text` anywhere in an answer. */
function textsIn(body: unknown): string {
  const texts: string[] = [];
  JSON.stringify(body, (key, value) => {
    if (key === 'text' && typeof value === 'string') texts.push(value);
    return value;
  });
  expect(texts).not.toEqual([]);
  return texts.join('\n');
}

for (const [name, file, past] of [
  ['the customer care data set', DATA, '2019-06-01T00:00:00.000Z'],
  ['the examples', DEMO, '2026-03-05T00:00:00.000Z'],
] as const) {
  const present = existsSync(file);
  (present ? it : it.skip)(
    `merges, forks, edits and redacts in ${name}${present ? '' : ` (there is no ${file})`}, and reads it as of ${past}`,
    async () => {
      const cast = await journey.cast();
      const { api } = cast;
      const all = await imported(cast, file);
      const own = wordsOfTheirOwn(all);
      /** Of each thing that is done. */
      const most = Math.min(12, Math.floor(all.length / 6));
      const user = { type: 'user', id: cast.user };

      // What one customer wrote in two places goes on in one.
      const byCustomer = Map.groupBy(all, ({ line }) => line.customer);
      const pairs = [...byCustomer.values()].filter((those) => those.length > 1).slice(0, most);
      for (const [first, second] of pairs) {
        expect((await api.post(`${second!.at}/merge`, { into_id: first!.id })).status).toBe(200);
        const posted = created(await api.post(`${second!.at}/messages`, { author: user, text: 'Both at once.' }));
        expect(posted.conversation_id).toBe(first!.id);
        const kept = (await api.get(`${second!.at}/messages?limit=1000`)).body.data as Message[];
        expect(kept.map(({ text }) => text)).toEqual(second!.messages.map(({ text }) => text));
      }

      const merged = new Set(pairs.flat().map((one) => one.id));
      const others = all.filter(({ id, messages }) => !merged.has(id) && messages.length > 1);
      for (const { at, messages } of others.slice(0, most)) {
        const from = messages[1]!;
        const fork = created(await api.post(`${at}/fork`, { message_id: from.id }));
        const copies = (await api.get(`/v1/conversations/${fork.id}/messages?limit=1000`)).body.data as Message[];
        const originals = messages.slice(1).map(({ text, occurred_at }) => ({ text, occurred_at }));
        expect(copies.map(({ text, occurred_at }) => ({ text, occurred_at }))).toEqual(originals);
      }

      const early = others.slice(most).filter(({ messages }) => messages[0]!.occurred_at <= past);
      const hasOwn = ({ messages }: Lived) => own.has(messages[0]!.id);
      const redacted = early.filter(hasOwn).slice(0, Math.min(most, Math.ceil(early.length / 2)));
      const edited = early.filter((one) => !redacted.includes(one)).slice(0, most);
      for (const { at, messages } of edited) {
        const [first] = messages;
        await api.send('PATCH', `${at}/messages/${first!.id}`, { text: `${first!.text} (mended)` });
      }
      let position = '';
      for (const { at, messages } of redacted) {
        const answer = await api.post(`${at}/messages/${messages[0]!.id}/redact`);
        expect(answer.status).toBe(200);
        position = answer.headers.get('heddle-position')!;
      }
      expect([early.length, edited.length, redacted.length]).not.toContain(0);

      for (const { at, messages } of edited) {
        const [now, then] = [await api.get(`${at}?messages=1000`), await api.get(`${at}?messages=1000&at=${past}`)];
        expect(now.body.messages[0].text).toBe(`${messages[0]!.text} (mended)`);
        expect(then.body.messages.map(({ text }: Message) => text)).toEqual(
          messages.filter(({ occurred_at }) => occurred_at <= past).map(({ text }) => text),
        );
      }
      for (const { id, at, messages } of redacted) {
        const word = own.get(messages[0]!.id)!;
        const reads = [
          await api.get(`${at}?messages=1000`),
          await api.get(`${at}?messages=1000&at=${past}`),
          await api.get(`${at}/timeline?limit=1000`),
          await api.get(`${at}/events?limit=1000`),
        ];
        for (const { status, body } of reads) expect([status, textsIn(body).includes(word)]).toEqual([200, false]);
        const found = await api.post('/v1/conversations/search', { text: word, wait_for: position });
        // Another message of the conversation may have another form of the word.
        const there = found.body.data.find((one: { id: string }) => one.id === id)?.highlights ?? [];
        expect(there.map((one: { message_id: string }) => one.message_id)).not.toContain(messages[0]!.id);
      }
    },
    120_000,
  );
}
