import pg from 'pg';
import { PostgresEventLog } from '../../../platform/event-log/postgres-event-log.js';
import { idToBytes, newId } from '../../../platform/kernel/id.js';
import { Connection } from '../../../platform/postgres/connection.js';
import { migrate } from '../../../platform/postgres/migrate.js';
import { EventOpener } from '../../../platform/projections/event-opener.js';
import { liveTables } from '../../../platform/projections/projection.js';
import { ProjectionFollower } from '../../../platform/projections/projection-follower.js';
import { verify } from '../../../platform/projections/verify.js';
import { ReadPool } from '../../../platform/reads/read-pool.js';
import { LogWriter } from '../../../platform/testing/log-writer.js';
import { seededRandom } from '../../../platform/testing/seeded-random.js';
import { createTestDatabase, type TestDatabase } from '../../../platform/testing/test-database.js';
import type { FilteredEvent } from './compile-filter.js';
import { declaredFor } from './declared-fields.js';
import { ALL_NEEDS, type PlacedEvent, type Told, toldHistory } from './fact-history.fixture.js';
import { FactLookup, type FactLookupOptions } from './fact-lookup.js';
import type { FactNeed, Facts } from './facts.js';
import { factsProjection } from './facts.projection.js';

const SEEDS = Array.from({ length: 12 }, (_, i) => 1000 + i);
const LENGTH = 250;
/** From near each other to so far that what is known is forgotten between two. */
const APART = [1, 1, 200, 6000];

let database: TestDatabase;
let admin: pg.Client;
let connection: Connection;
let statements: number;

beforeAll(async () => {
  database = await createTestDatabase();
  await migrate(
    database.url,
    ['webhooks'],
    [
      { schema: 'log', folder: 'libs/platform/event-store/migrations' },
      { schema: 'webhooks', folder: 'libs/platform/projections/migrations' },
      { schema: 'webhooks', folder: 'libs/domains/webhooks/migrations' },
    ],
  );
  admin = new pg.Client({ connectionString: database.url });
  await admin.connect();
  connection = new Connection({
    url: database.url,
    role: 'heddle_webhooks',
    applicationName: 'fact lookup spec',
    parameters: { enable_seqscan: 'off', enable_hashjoin: 'off', enable_mergejoin: 'off' },
  });
  await connection.ready();
});
beforeEach(async () => {
  statements = 0;
  await admin.query('truncate webhooks.facts, webhooks.declared_fields');
});
afterAll(async () => {
  await Promise.all([admin.end(), connection.close()]);
  await database.drop();
});

function lookupWith(options: FactLookupOptions = {}): FactLookup {
  const session = {
    query: (statement: Parameters<Connection['query']>[0]) => {
      statements++;
      return connection.query(statement);
    },
  };
  return new FactLookup(session as Connection, options);
}

async function project(events: readonly PlacedEvent[]): Promise<void> {
  const wanted = events.filter(({ type }) => factsProjection.types.includes(type));
  if (wanted.length === 0) return;
  await connection.transaction(factsProjection.project(wanted, liveTables(factsProjection)));
}

async function rows(): Promise<string[]> {
  const { rows: all } = await admin.query<{ row: string }>('select f::text as row from webhooks.facts f order by 1');
  return all.map(({ row }) => row);
}

/** Cut at random places. */
function pagesOf<Item>(items: readonly Item[], random: () => number): Item[][] {
  const pages: Item[][] = [];
  for (let at = 0; at < items.length; ) {
    const end = at + 1 + Math.floor(random() ** 2 * 40);
    pages.push(items.slice(at, end));
    at = end;
  }
  return pages;
}

/** As streams come on Kafka: each in its order, all at their own pace. */
function atOwnPace(events: readonly PlacedEvent[], random: () => number): PlacedEvent[] {
  const streams = [...Map.groupBy(events, ({ meta }) => meta.stream).values()].map((stream) => [...stream]);
  const mixed: PlacedEvent[] = [];
  while (streams.length > 0) {
    const i = Math.floor(random() * streams.length);
    mixed.push(streams[i]!.shift()!);
    if (streams[i]!.length === 0) streams.splice(i, 1);
  }
  return mixed;
}

const shown = (values: readonly unknown[]) => values.map((value) => JSON.stringify(value)).sort();

function expectSo(told: readonly Told[], facts: readonly Facts[], needs: readonly FactNeed[] = ALL_NEEDS): void {
  expect(facts).toHaveLength(told.length);
  for (const [i, { event, so }] of told.entries()) {
    const known = needs.map((need) => [JSON.stringify(need), shown(facts[i]!(need))]);
    const expected = needs.map((need) => [JSON.stringify(need), shown([...so].find(([one]) => same(one, need))![1])]);
    expect([event.position, event.type, Object.fromEntries(known)]).toEqual([
      event.position,
      event.type,
      Object.fromEntries(expected),
    ]);
  }
}

const same = (one: FactNeed, other: FactNeed) => JSON.stringify(one) === JSON.stringify(other);
const eventsOf = (told: readonly Told[]) => told.map(({ event }) => event);
const filtered = (told: readonly Told[]) => eventsOf(told) as readonly FilteredEvent[];

describe.each(SEEDS)('history %i', (seed) => {
  const apart = APART[seed % APART.length]!;

  it('is the same rows wherever it is cut, at whatever pace streams come, and where parts come twice', async () => {
    const events = eventsOf(toldHistory(seed, LENGTH, apart));
    await project(events);
    const atOnce = await rows();
    expect(atOnce.length).toBeGreaterThan(LENGTH / 4);
    for (const random of [seededRandom(seed + 1), seededRandom(seed + 2)]) {
      await admin.query('truncate webhooks.facts');
      const mixed = atOwnPace(events, random);
      for (const page of pagesOf(mixed, random)) await project(page);
      await project(mixed.slice(0, 20));
      expect(await rows()).toEqual(atOnce);
    }
  });

  it('says live what a plain fold says, and the same of the past', async () => {
    const random = seededRandom(seed + 3);
    const told = toldHistory(seed, LENGTH, apart);
    const live = lookupWith();
    for (const page of pagesOf(told, random)) {
      await project(eventsOf(page));
      expectSo(page, await live.load(filtered(page), ALL_NEEDS));
    }
    const later = lookupWith();
    for (const page of pagesOf(told, random)) expectSo(page, await later.load(filtered(page), ALL_NEEDS));
    // Anywhere, back and forth, with what is in memory and without.
    const forgetful = lookupWith({ cached: 30 });
    const shuffled = [...told].sort(() => random() - 0.5);
    for (const page of pagesOf(shuffled, random)) {
      expectSo(page, await later.load(filtered(page), ALL_NEEDS));
      expectSo(page, await forgetful.load(filtered(page), ALL_NEEDS));
    }
  });

  it('says the same whatever part of it is asked for, in whatever order', async () => {
    const random = seededRandom(seed + 4);
    const told = toldHistory(seed, LENGTH, apart);
    await project(eventsOf(told));
    const lookup = lookupWith({ cached: 300 });
    for (const page of pagesOf(told, random)) {
      const needs = ALL_NEEDS.filter(() => random() < 0.15);
      expectSo(page, await lookup.load(filtered(page), needs), needs);
    }
  });
});

it('is one statement a page of what is not known yet, and none of what is, or of what needs nothing', async () => {
  const told = toldHistory(1, LENGTH);
  await project(eventsOf(told));
  const lookup = lookupWith();
  await lookup.load(filtered(told), []);
  expect(statements).toBe(0);
  await lookup.load(filtered(told), ALL_NEEDS);
  await lookup.load(filtered(told.slice(10, 50)), ALL_NEEDS);
  expect(statements).toBe(1);
  lookup.forget();
  await lookup.load(filtered(told), ALL_NEEDS);
  expect(statements).toBe(2);
});

it('learns after a while what a dead letter stated late', async () => {
  const told = toldHistory(2, 60);
  const late = told.findLast(({ event }) => event.type === 'conversation.labeled')!;
  await project(eventsOf(told).filter((event) => event !== late.event));
  let now = 0;
  const lookup = lookupWith({ freshFor: 1000, now: () => now });
  const labels = async () => (await lookup.load(filtered([late]), [{ kind: 'label' }]))[0]!({ kind: 'label' });
  const without = await labels();
  await project([late.event]);
  expect(await labels()).toEqual(without);
  now = 1000;
  expect(await labels()).toHaveLength(without.length + 1);
});

it('hears that somebody whom nobody asked for yet was merged into a customer whom it knows', async () => {
  const [customer, other, tenant] = [newId('cus'), newId('cus'), newId('ten')];
  const event = (position: number, type: string, stream: string, data: object) =>
    ({ type, data, position, meta: { stream, workspace: tenant } }) as PlacedEvent & FilteredEvent;
  const joined = event(1, 'customer.tenant_joined', other, { tenant_id: tenant });
  const renamed = event(2, 'customer.renamed', customer, {});
  const merged = event(3, 'customer.merged', other, { into_id: customer, undo_until: 0 });
  const renamedAgain = event(4, 'customer.renamed', customer, {});
  const lookup = lookupWith();
  const tenants = async (asked: FilteredEvent) =>
    (await lookup.load([asked], [{ kind: 'tenant' }]))[0]!({ kind: 'tenant' });
  await project([joined]);
  expect(await tenants(renamed)).toEqual([]);
  await project([merged]);
  expect(await tenants(renamedAgain)).toEqual([tenant]);
  expect(await tenants(renamed)).toEqual([]);
});

describe('from the log', () => {
  it('has what a personal field states without its value, and what is declared, and the same where it is made again', async () => {
    const writer = await new LogWriter(database.url).connect();
    const log = new PostgresEventLog(database.url, 'heddle_log_writer');
    await log.start();
    const keys = { loadByIds: async () => new Map() };
    const opener = new EventOpener(writer.codec, keys);
    const follower = new ProjectionFollower({
      url: database.url,
      projections: [factsProjection],
      log,
      opener,
      onTrouble: () => undefined,
    });
    const reads = new ReadPool(database.url, 'webhooks', 1);
    try {
      await reads.ready();
      follower.start();
      const [customer, field] = [newId('cus'), newId('fld')];
      const set = {
        field_id: field,
        key: 'born',
        kind: 'date',
        version: 1,
        value: null,
        personal_value: '"1980-01-01"',
      };
      const declaration = {
        ...{ object: 'customer', key: 'born', kind: 'date', name: 'Born', description: null, personal: true },
        ...{ required: false, default_value: null, options: [], depends_on: null, reference_to: null },
      };
      const end = await writer.append([
        { type: 'custom_field.created', stream: field, data: declaration },
        { type: 'customer.field_set', stream: customer, data: set },
      ]);
      expect(await follower.waitFor('facts', end, 60_000)).toBe(true);
      const { rows: stated } = await admin.query(
        'select position, kind, key, value, is_on from webhooks.facts where subject = $1',
        [idToBytes(customer)],
      );
      expect(stated).toEqual([{ position: end, kind: 'custom_field', key: 'born', value: null, is_on: true }]);
      expect(await verify(database.url, factsProjection, { decoder: writer.codec, keys })).toMatchObject({
        equal: true,
        rows: 2,
      });
      const filter = { field: 'custom_field', object: 'customer', key: 'born', op: 'any' } as const;
      const declared = { object: 'customer', key: 'born', kind: 'date', personal: true, referenceTo: null };
      expect(await declaredFor(filter, writer.workspace, reads)).toEqual([declared]);
      expect(await declaredFor(filter, newId('wsp'), reads)).toEqual([]);
      expect(await declaredFor({ ...filter, key: 'age' }, writer.workspace, reads)).toEqual([]);
    } finally {
      await follower.close();
      await Promise.all([log.close(), writer.close(), reads.close()]);
    }
  });
});
