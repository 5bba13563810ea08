import pg from 'pg';
import { AppModule } from '../../apps/heddle/app.module.js';
import type { ConversationEvent } from '../../libs/domains/conversation/conversation.events.js';
import { ConversationQueries } from '../../libs/domains/conversation/conversation.queries.js';
import { conversationAfter } from '../../libs/domains/conversation/history/conversation-fold.js';
import type { Conversation, Recorded } from '../../libs/domains/conversation/history/event-kinds.js';
import { LastMessages, MessagesAfter } from '../../libs/domains/conversation/history/message-windows.js';
import { MessageQueries } from '../../libs/domains/conversation/messages/message.queries.js';
import { CustomerQueries } from '../../libs/domains/customer/customer.queries.js';
import {
  customerAfter,
  type FoldedCustomer,
  type RecordedCustomerEvent,
} from '../../libs/domains/customer/history/customer-fold.js';
import { PostgresEventLog } from '../../libs/platform/event-log/postgres-event-log.js';
import { idToBytes } from '../../libs/platform/kernel/id.js';
import { migrate } from '../../libs/platform/postgres/migrate.js';
import { EventOpener } from '../../libs/platform/projections/event-opener.js';
import type { ProjectedEvent } from '../../libs/platform/projections/projection.js';
import { liveTables } from '../../libs/platform/projections/projection.js';
import { ReadPool } from '../../libs/platform/reads/read-pool.js';
import { domainsOf } from '../../libs/platform/runtime/domain-module.js';
import { migrationsOf, servicesOf } from '../../libs/platform/runtime/migrations.js';
import { LogWriter } from '../../libs/platform/testing/log-writer.js';
import { createTestDatabase, type TestDatabase } from '../../libs/platform/testing/test-database.js';
import { everyKindOfEvent } from './every-kind-of-event.js';

const domains = domainsOf(AppModule);
const projections = domains
  .filter(({ service }) => service === 'conversation')
  .flatMap((domain) => domain.projections)
  .filter(({ inline }) => inline);
/** Enough for stories of every length. */
const STORIES = 6;

let database: TestDatabase;
let admin: pg.Client;
let writer: LogWriter;
let log: PostgresEventLog;
let reads: ReadPool;
let events: ProjectedEvent[];

beforeAll(async () => {
  database = await createTestDatabase();
  await migrate(database.url, servicesOf(domains), migrationsOf(domains));
  admin = new pg.Client({ connectionString: database.url });
  await admin.connect();
  writer = await new LogWriter(database.url).connect();
  log = new PostgresEventLog(database.url, 'heddle_log_writer');
  reads = new ReadPool(database.url, 'conversation', 1);
  await reads.ready();
  await writer.append(everyKindOfEvent(STORIES, writer.workspace));
  const keys = { loadByIds: async () => new Map([[writer.key.id.toString('hex'), writer.key]]) };
  const opener = new EventOpener(writer.codec, keys);
  const stored = (await log.read(0, { limit: 10_000 })).events;
  events = await opener.open(
    { ...projections[0]!, personal: true },
    admin,
    stored.map((one) => opener.decode(one)),
  );
});
afterAll(async () => {
  await Promise.all([writer.close(), log.close(), reads.close(), admin.end()]);
  await database.drop();
});

/** As an append would: the read models of the service in its transaction, and the stream's version. */
async function project(event: ProjectedEvent, type: string): Promise<void> {
  await admin.query(
    `insert into log.streams (stream, workspace, type, version, state) values ($1, $2, $3, $4, '{}')
     on conflict (stream) do update set version = excluded.version`,
    [idToBytes(event.meta.stream), idToBytes(event.meta.workspace), type, event.meta.seq],
  );
  for (const projection of projections) {
    if (!projection.types.includes(event.type)) continue;
    for (const { text, values } of projection.project([event], liveTables(projection))) await admin.query(text, values);
  }
}

it('has every kind of event of the streams that are folded', () => {
  const types = new Set(events.map(({ type }) => type));
  expect(types).toContain('message.created');
  expect(types).toContain('customer.renamed');
});

it('folds a conversation into what the read models said of it, at every place', async () => {
  const queries = new ConversationQueries(reads);
  const messageQueries = new MessageQueries(reads);
  const states = new Map<string, { conversation: Conversation | null; last: LastMessages; all: MessagesAfter }>();
  for (const event of events.filter(({ meta }) => meta.stream.startsWith('conv_'))) {
    const { stream, seq } = event.meta;
    await project(event, 'conversation');
    const state = states.get(stream) ?? {
      conversation: null,
      last: new LastMessages(3),
      all: new MessagesAfter(0, 1000),
    };
    states.set(stream, state);
    const recorded = event as unknown as Recorded<ConversationEvent>;
    state.conversation = conversationAfter(state.conversation, recorded);
    state.last.show(recorded);
    state.all.show(recorded);
    const { body, version } = await queries.conversation(writer.workspace, stream, 3);
    const folded = { ...state.conversation, messages: state.last.messages };
    expect([event.type, seq, folded]).toEqual([event.type, seq, JSON.parse(body)]);
    expect(version).toBe(seq);
    const messages = JSON.parse(await messageQueries.list(writer.workspace, stream, { limit: 1000 }));
    expect([event.type, seq, state.all.messages]).toEqual([event.type, seq, messages.data]);
  }
  expect(states.size).toBe(STORIES);
}, 120_000);

it('folds a customer into what the read model said of them, at every place', async () => {
  const queries = new CustomerQueries(reads);
  const states = new Map<string, FoldedCustomer | null>();
  for (const event of events.filter(({ type }) => type.startsWith('customer.'))) {
    const { stream, seq } = event.meta;
    await project(event, 'customer');
    const customer = customerAfter(states.get(stream) ?? null, event as unknown as RecordedCustomerEvent);
    states.set(stream, customer);
    const { body, version } = await queries.alone(writer.workspace, stream);
    expect([event.type, seq, customer?.customer]).toEqual([event.type, seq, body]);
    expect(version).toBe(seq);
  }
  // Customers that began as placeholders, too: by an identity, or by an external id alone.
  expect(states.size).toBe(3 * STORIES);
}, 120_000);
