import fc from 'fast-check';
import pg from 'pg';
import { newId } from '../../../platform/kernel/id.js';
import { Connection } from '../../../platform/postgres/connection.js';
import { migrate } from '../../../platform/postgres/migrate.js';
import { liveTables, type ProjectedEvent } from '../../../platform/projections/projection.js';
import { createTestDatabase, type TestDatabase } from '../../../platform/testing/test-database.js';
import { searchProjection } from './search.projection.js';

let database: TestDatabase;
let writer: Connection;
let admin: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase();
  await migrate(
    database.url,
    ['conversation'],
    [
      { schema: 'conversation', folder: 'libs/platform/projections/migrations' },
      { schema: 'conversation', folder: 'libs/domains/conversation/migrations' },
    ],
  );
  writer = new Connection({ url: database.url, role: 'heddle_conversation', applicationName: 'writer' });
  admin = new pg.Client({ connectionString: database.url });
  await admin.connect();
});
afterAll(async () => {
  await Promise.all([writer.close(), admin.end()]);
  await database.drop();
});
beforeEach(() => admin.query('truncate conversation.search_texts, conversation.activity'));

const [ours, theirs] = [newId('wsp'), newId('wsp')];
const AT = Date.UTC(2019, 5, 1);

function event(stream: string, seq: number, type: string, data: unknown, workspace = ours): ProjectedEvent {
  return { type, meta: { workspace, stream, seq, type, occurred_at: AT + seq } as ProjectedEvent['meta'], data };
}

const apply = (events: ProjectedEvent[]) =>
  writer.transaction(searchProjection.project(events, liveTables(searchProjection)));

const posted = (message_id: string, text: string, type = 'text') => ({ message_id, text, type });

/** What a request's role finds for a word, in the workspace that its session is in. */
async function found(workspace: string | null, words: string, notes = true): Promise<string[]> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    await client.query('set role heddle_conversation_reader');
    if (workspace !== null)
      await client.query("select set_config('heddle.workspace', $1, false)", [workspace.slice(4)]);
    const { rows } = await client.query(
      `select conversation
         from conversation.search_matches(conversation.search_query($1::text[], $2::text[]), $3, null, null, null)`,
      [words.split(' ').map(() => 'word'), words.split(' '), notes],
    );
    return rows.map(({ conversation }) => `conv_${conversation.replaceAll('-', '')}`);
  } finally {
    await client.end();
  }
}

it('finds what a message says now, and nothing of what it said before or is redacted', async () => {
  const [stream, message] = [newId('conv'), newId('msg')];
  await apply([
    event(stream, 1, 'conversation.created', { title: 'A heron' }),
    event(stream, 2, 'message.created', posted(message, 'The first stork')),
  ]);
  expect([await found(ours, 'heron'), await found(ours, 'storks')]).toEqual([[stream], [stream]]);
  await apply([
    event(stream, 3, 'message.edited', { message_id: message, message_seq: 2, text: 'The second crane' }),
    event(stream, 4, 'conversation.title_changed', { title: null }),
  ]);
  expect([await found(ours, 'heron'), await found(ours, 'stork'), await found(ours, 'crane')]).toEqual([
    [],
    [],
    [stream],
  ]);
  await apply([event(stream, 5, 'message.redacted', { message_id: message, message_seq: 2, seqs: [2, 3] })]);
  expect(await found(ours, 'crane')).toEqual([]);
  const { rows } = await admin.query('select t::text as row from conversation.search_texts t');
  expect(JSON.stringify(rows)).not.toMatch(/crane|stork|heron/);
});

it('finds notes where they are wanted', async () => {
  const stream = newId('conv');
  await apply([event(stream, 1, 'message.created', posted(newId('msg'), 'An inner ibis', 'note'))]);
  expect([await found(ours, 'ibis'), await found(ours, 'ibis', false)]).toEqual([[stream], []]);
});

it('finds nothing of another workspace, whatever is asked, and nothing without one', async () => {
  const [own, other, alike] = [newId('conv'), newId('conv'), newId('conv')];
  // The index has the words of both under the same beginning.
  const twin = newId('wsp').slice(0, -4) + ours.slice(-4);
  // A text may hold a word that begins as another workspace's do in the index.
  const marked = `A pelican, ${ours.slice(-4)}pelican`;
  await apply([
    event(own, 1, 'message.created', posted(newId('msg'), 'A pelican')),
    event(other, 1, 'message.created', posted(newId('msg'), marked), theirs),
    event(alike, 1, 'message.created', posted(newId('msg'), 'A pelican'), twin),
  ]);
  expect(await Promise.all([ours, theirs, twin, null].map((workspace) => found(workspace, 'pelican')))).toEqual([
    [own],
    [other],
    [alike],
    [],
  ]);
});

it('is asked by no other role, and looks nowhere but in its own schema', async () => {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const { rows } = await client.query(
    `select proconfig, prosecdef, pg_get_userbyid(proowner) as owner,
            has_function_privilege('heddle_log_reader', oid, 'execute') as others
       from pg_proc where proname = 'search_matches'`,
  );
  await client.end();
  expect(rows).toEqual([
    {
      proconfig: ['search_path=pg_catalog, pg_temp'],
      prosecdef: true,
      owner: 'heddle_conversation',
      others: false,
    },
  ]);
});

it('takes the longest message', async () => {
  const stream = newId('conv');
  const letters = Array.from({ length: 26 }, (_, i) => String.fromCodePoint(0x10330 + i));
  // Words of six characters of four bytes each, no two the same: what takes the most room in an index.
  const word = (n: number) =>
    [...n.toString(26).padStart(6, '0')].map((digit) => letters[Number.parseInt(digit, 26)]).join('');
  const text = Array.from({ length: 14_280 }, (_, n) => `${word(n)} `).join('');
  await apply([event(stream, 1, 'message.created', posted(newId('msg'), `${text}the albatross`))]);
  expect(await found(ours, 'albatross')).toEqual([stream]);
});

it('takes words of any length, and finds the longest that can be asked for', async () => {
  const stream = newId('conv');
  const asked = '\u{10330}'.repeat(500);
  const said = [2000, 2001, 2042, 2043, 2046, 2047, 5000].map((bytes) => 'q'.repeat(bytes));
  await apply([event(stream, 1, 'message.created', posted(newId('msg'), [...said, asked, 'the albatross'].join(' ')))]);
  expect(await found(ours, `albatross ${asked}`)).toEqual([stream]);
});

it('finds words that hold what texts of vectors and queries are quoted with', async () => {
  const stream = newId('conv');
  const said = `see https://example.com/it's(a)\\path and example.com/'quoted'/it`;
  await apply([event(stream, 1, 'message.created', posted(newId('msg'), said))]);
  for (const word of ["https://example.com/it's(a)\\path", `example.com/'quoted'/it`, 'example.com']) {
    expect([word, await found(ours, word)]).toEqual([word, [stream]]);
  }
});

it('gives the same rows however the events are cut into batches, and in whatever order they come', async () => {
  const streams = [newId('conv'), newId('conv')];
  const messages = [newId('msg'), newId('msg'), newId('msg')];
  const texts = ['The stork and the heron', 'Der Storch und der Reiher', 'redacted', ''];
  const made = fc.array(
    fc.record({
      message: fc.nat(2),
      type: fc.constantFrom('message.created', 'message.edited', 'message.redacted', 'conversation.title_changed'),
      text: fc.constantFrom(...texts),
      note: fc.boolean(),
      rank: fc.nat(),
      cutHere: fc.boolean(),
    }),
    { minLength: 1, maxLength: 20 },
  );
  const rows = async () => {
    const { rows: all } = await admin.query(
      `select t::text as row from conversation.search_texts t union all
       select t::text from conversation.activity t order by 1`,
    );
    return all;
  };
  await fc.assert(
    fc.asyncProperty(made, async (all) => {
      const known = new Set<string>();
      const events = all.map(({ message, type, text, note }, i) => {
        // Each message belongs to one conversation, and is created once.
        const [id, stream] = [messages[message]!, streams[message % 2]!];
        const again = type === 'message.created' && known.has(id);
        if (type === 'message.created') known.add(id);
        const data = { ...posted(id, text, note ? 'note' : 'text'), message_seq: 1, title: text === '' ? null : text };
        return event(stream, i + 1, again ? 'message.edited' : type, again ? { ...data, message_seq: 1 } : data);
      });
      // A message's own number is that of its creation.
      for (const one of events) {
        const { message_id: id } = one.data as { message_id: string };
        const creation = events.find(
          ({ type, data }) => type === 'message.created' && (data as { message_id: string }).message_id === id,
        );
        (one.data as { message_seq: number }).message_seq = creation?.meta.seq ?? 1;
      }
      await admin.query('truncate conversation.search_texts, conversation.activity');
      await apply(events);
      const atOnce = await rows();
      await admin.query('truncate conversation.search_texts, conversation.activity');
      const shuffled = events.map((one, i) => ({ one, ...all[i]! })).sort((a, b) => a.rank - b.rank);
      let batch: ProjectedEvent[] = [];
      for (const { one, cutHere } of shuffled) {
        batch.push(one);
        if (!cutHere) continue;
        await apply(batch);
        batch = [];
      }
      await apply(batch);
      expect(await rows()).toEqual(atOnce);
    }),
    { numRuns: 60 },
  );
}, 120_000);
