import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../libs/platform/postgres/package-root.js';
import { type Cast, created, Journey } from './journey.js';

interface Line {
  conversation: string;
  channel: string;
  messages: { at: string; text: string; author: { type: string }; resolves?: boolean }[];
}

const DATA = join(packageRoot, '..', 'shared', 'data', 'customer-care.ndjson');
const DEMO = join(packageRoot, 'examples', 'demo.ndjson');
const NDJSON = { 'content-type': 'application/x-ndjson' };

let journey: Journey;
beforeAll(async () => {
  journey = await Journey.begin();
});
afterAll(() => journey.end());

/** Words that stand between blanks in some of the conversations, and in which: whatever else holds them. */
function wordsOf(lines: readonly Line[], most: number): Map<string, Set<string>> {
  const all = new Map<string, Set<string>>();
  for (const { conversation, messages } of lines) {
    for (const word of messages.flatMap(({ text }) => text.toLowerCase().split(/\s+/))) {
      if (!/^[a-z]{5,12}$/.test(word)) continue;
      all.set(word, (all.get(word) ?? new Set()).add(conversation));
    }
  }
  const fit = [...all].filter(([, conversations]) => conversations.size > 1 && conversations.size < 60);
  const step = Math.max(1, Math.floor(fit.length / most));
  return new Map(fit.sort().filter((_, i) => i % step === 0));
}

async function allIds(cast: Cast, body: object): Promise<string[]> {
  const answer = await cast.api.post('/v1/conversations/search', { ...body, limit: 1000, highlights: 0 });
  return answer.body.data.map(({ external_id }: { external_id: string }) => external_id);
}

for (const [name, file] of [
  ['the customer care data set', DATA],
  ['the examples', DEMO],
] as const) {
  const present = existsSync(file);
  (present ? it : it.skip)(
    `finds in ${name}${present ? '' : ` (there is no ${file})`} what is in it`,
    async () => {
      const lines = readFileSync(file, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Line);
      const cast = await journey.cast();
      const raw = lines.map((line) => JSON.stringify(line)).join('\n');
      expect((await cast.api.post('/v1/import', {}, { raw, headers: NDJSON })).status).toBe(200);
      // A write after all of them says where the log is.
      const write = await cast.api.post('/v1/labels', { name: 'After all' });
      created(write);
      const wait_for = write.headers.get('heddle-position')!;

      for (const [text, expected] of wordsOf(lines, 40)) {
        const found = new Set(await allIds(cast, { text, wait_for }));
        expect([text, [...expected].filter((one) => !found.has(one))]).toEqual([text, []]);
      }

      const firstAt = ({ messages }: Line) => messages[0]!.at;
      const middle = lines.map(firstAt).sort()[Math.floor(lines.length / 2)]!;
      const before = { field: 'created_at', op: 'before', value: middle };
      const early = lines.filter((line) => Date.parse(firstAt(line)) < Date.parse(middle));
      expect((await allIds(cast, { filter: before })).sort()).toEqual(early.map((one) => one.conversation).sort());
      const rest = await cast.api.post('/v1/conversations/count', { filter: { not: before } });
      expect(rest.body.count).toBe(lines.length - early.length);

      const inOrder = await allIds(cast, { sort: 'created_at', order: 'asc' });
      const times = new Map(lines.map((line) => [line.conversation, Date.parse(firstAt(line))]));
      expect(inOrder.map((one) => times.get(one))).toEqual([...times.values()].sort((a, b) => a - b));
      const lastAt = (line: Line) => Math.max(...line.messages.map(({ at }) => Date.parse(at)));
      const byLast = await allIds(cast, { sort: 'last_message_at', wait_for });
      const lasts = new Map(lines.map((line) => [line.conversation, lastAt(line)]));
      expect(byLast.map((one) => lasts.get(one))).toEqual([...lasts.values()].sort((a, b) => b - a));
    },
    60_000,
  );
}
