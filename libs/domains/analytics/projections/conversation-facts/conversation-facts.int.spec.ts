import fc from 'fast-check';
import pg from 'pg';
import { newId } from '../../../../platform/kernel/id.js';
import { Connection } from '../../../../platform/postgres/connection.js';
import { migrate } from '../../../../platform/postgres/migrate.js';
import { liveTables, type ProjectedEvent } from '../../../../platform/projections/projection.js';
import { ReadPool } from '../../../../platform/reads/read-pool.js';
import { createTestDatabase, type TestDatabase } from '../../../../platform/testing/test-database.js';
import { conversationFactsProjection } from './conversation-facts.projection.js';
import { conversationFacts } from './conversation-facts.query.js';

let database: TestDatabase;
let writer: Connection;
let reader: ReadPool;
let admin: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase();
  await migrate(
    database.url,
    ['analytics', 'conversation'],
    [{ schema: 'analytics', folder: 'libs/domains/analytics/migrations' }],
  );
  writer = new Connection({ url: database.url, role: 'heddle_analytics', applicationName: 'writer' });
  reader = new ReadPool(database.url, 'analytics', 1);
  admin = new pg.Client({ connectionString: database.url });
  await admin.connect();
});
afterAll(async () => {
  await Promise.all([writer.close(), reader.close(), admin.end()]);
  await database.drop();
});
beforeEach(() => admin.query('truncate analytics.conversation_facts'));

const workspace = newId('wsp');
const customer = newId('cus');

function event(stream: string, seq: number, type: string, at: number, data: unknown): ProjectedEvent {
  return { type, meta: { workspace, stream, seq, type, occurred_at: at } as ProjectedEvent['meta'], data };
}

const apply = (events: ProjectedEvent[]) =>
  writer.transaction(conversationFactsProjection.project(events, liveTables(conversationFactsProjection)));

async function rows() {
  const { rows: all } = await admin.query(
    'select t::text as row from analytics.conversation_facts t order by conversation',
  );
  return all.map(({ row }) => row);
}

it('is read as the API shows it, in its own workspace only', async () => {
  const stream = newId('conv');
  const at = Date.UTC(2019, 5, 1, 12, 0, 0, 123);
  await apply([
    event(stream, 1, 'conversation.created', at, { customer_id: customer, channel: 'email' }),
    event(stream, 2, 'message.created', at, { author: { type: 'customer', id: customer } }),
  ]);
  await apply([event(stream, 3, 'conversation.closed', at + 1, { message_id: null, article: null })]);
  expect(await conversationFacts(reader, workspace, stream)).toEqual({
    id: stream,
    customer_id: customer,
    channel: 'email',
    status: 'closed',
    created_at: '2019-06-01T12:00:00.123Z',
    first_customer_message_at: '2019-06-01T12:00:00.123Z',
    first_response_at: null,
    last_message_at: '2019-06-01T12:00:00.123Z',
    first_closed_at: '2019-06-01T12:00:00.124Z',
    last_closed_at: '2019-06-01T12:00:00.124Z',
    messages: 1,
    customer_messages: 1,
    user_messages: 0,
    ai_agent_messages: 0,
    system_messages: 0,
    closes: 1,
    reopens: 0,
    assignments: 0,
    last_seq: 3,
  });
  const missing = { code: 'not_found' };
  await expect(conversationFacts(reader, newId('wsp'), stream)).rejects.toMatchObject(missing);
  await expect(conversationFacts(reader, workspace, newId('conv'))).rejects.toMatchObject(missing);
});

it('is read by no other service', async () => {
  const stranger = new Connection({ url: database.url, role: 'heddle_conversation', applicationName: 'stranger' });
  const read = stranger.query({ text: 'select * from analytics.conversation_facts' });
  await expect(read).rejects.toMatchObject({ code: '42501' });
  await stranger.close();
});

it('gives the same rows however the events are cut into batches, and where one comes late', async () => {
  const streams = [newId('conv'), newId('conv'), newId('conv')];
  const made = fc.array(
    fc.record({
      stream: fc.constantFrom(...streams),
      type: fc.constantFrom('conversation.created', 'message.created', 'conversation.closed', 'conversation.reopened'),
      author: fc.constantFrom('customer', 'user', 'ai_agent', 'system'),
      at: fc.integer({ min: 0, max: 100_000 }),
      cutHere: fc.boolean(),
    }),
    { minLength: 1, maxLength: 30 },
  );
  await fc.assert(
    fc.asyncProperty(made, fc.nat(), async (all, lateOne) => {
      const seen = new Set<string>();
      const events = all.map(({ stream, type, author, at }, i) => {
        const first = type === 'conversation.created' && seen.has(stream) ? 'conversation.assigned' : type;
        if (type === 'conversation.created') seen.add(stream);
        const data = { author: { type: author, id: author }, customer_id: customer, channel: 'chat' };
        return event(stream, i + 1, first, at, data);
      });
      await admin.query('truncate analytics.conversation_facts');
      await apply(events);
      const atOnce = await rows();

      await admin.query('truncate analytics.conversation_facts');
      const late = lateOne % events.length;
      let batch: ProjectedEvent[] = [];
      for (let i = 0; i < events.length; i++) {
        if (i !== late) batch.push(events[i]!);
        if (batch.length > 0 && all[i]!.cutHere) {
          await apply(batch);
          batch = [];
        }
      }
      await apply([...batch, events[late]!]);
      expect(await rows()).toEqual(atOnce);
    }),
    { numRuns: 60 },
  );
}, 120_000);
