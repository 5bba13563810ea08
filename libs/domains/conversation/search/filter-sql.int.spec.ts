import fc from 'fast-check';
import pg from 'pg';
import { newId, toId } from '../../../platform/kernel/id.js';
import { migrate } from '../../../platform/postgres/migrate.js';
import { createTestDatabase, type TestDatabase } from '../../../platform/testing/test-database.js';
import { PRIORITIES, STATUSES } from '../conversation.commands.js';
import type { Condition, Filter } from './filter.js';
import { filterSql } from './filter-sql.js';
import { SqlValues } from './sql-values.js';

let database: TestDatabase;
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
  admin = new pg.Client({ connectionString: database.url });
  await admin.connect();
});
afterAll(async () => {
  await admin.end();
  await database.drop();
});

const some = (prefix: Parameters<typeof newId>[0]) => [newId(prefix), newId(prefix), newId(prefix)] as const;
const [users, teams, details, labels, customers, companies, tenants] = [
  some('usr'),
  some('team'),
  some('sdt'),
  some('lbl'),
  some('cus'),
  some('com'),
  some('ten'),
];
const CHANNELS = ['email', 'chat'];
const TEXTS = ['', 'Lamp', 'a lamp', '100%', "o'clock", '\\'];
const TIMES = [0, 1, 2].map((day) => new Date(Date.UTC(2020, 0, 1 + day)).toISOString());

/** A conversation as a plain object, and what its customer belongs to. */
const conversations = fc.record({
  status: fc.constantFrom(...STATUSES),
  status_detail: fc.constantFrom(null, ...details),
  assignee: fc.constantFrom(null, ...users),
  team: fc.constantFrom(null, ...teams),
  priority: fc.constantFrom(...PRIORITIES),
  customer: fc.constantFrom(...customers),
  channel: fc.constantFrom(...CHANNELS),
  external_id: fc.constantFrom(null, ...TEXTS),
  title: fc.constantFrom(null, ...TEXTS),
  locked: fc.boolean(),
  created_at: fc.constantFrom(...TIMES),
  updated_at: fc.constantFrom(...TIMES),
  closed_at: fc.constantFrom(null, ...TIMES),
  snoozed_until: fc.constantFrom(null, ...TIMES),
  label: fc.subarray([...labels]),
});
type Plain = Record<string, unknown>;

const belongings = fc.record({ company: fc.subarray([...companies]), tenant: fc.subarray([...tenants]) });

/** Which customer is merged into which, as places in their list; the last leads round. */
const merges = fc.constantFrom<[number, number][]>(
  [],
  [[0, 1]],
  [
    [0, 2],
    [1, 2],
  ],
  [
    [0, 1],
    [1, 2],
  ],
  [
    [0, 1],
    [1, 0],
  ],
);

/** The places of all who are read as the same one. */
function joined(customer: number, all: readonly [number, number][]): number[] {
  const found = new Set([customer]);
  for (const _ of all) {
    for (const pair of all) if (pair.some((one) => found.has(one))) for (const one of pair) found.add(one);
  }
  return [...found];
}

const values: Record<string, readonly unknown[]> = {
  status: STATUSES,
  status_detail: details,
  assignee: users,
  team: teams,
  priority: PRIORITIES,
  customer: customers,
  channel: CHANNELS,
  external_id: TEXTS,
  label: labels,
  company: companies,
  tenant: tenants,
};

const condition = fc.oneof(
  ...Object.entries(values).flatMap(([field, all]) => [
    fc.record({ field: fc.constant(field), op: fc.constantFrom('is', 'is_not'), value: fc.constantFrom(...all) }),
    fc.record({
      field: fc.constant(field),
      op: fc.constantFrom('in', 'not_in'),
      value: fc.subarray([...all], { minLength: 1 }),
    }),
  ]),
  fc.record({
    field: fc.constantFrom(
      ...['status_detail', 'assignee', 'team', 'external_id', 'label', 'company', 'tenant', 'title', 'closed_at'],
      'snoozed_until',
    ),
    op: fc.constantFrom('none', 'any'),
  }),
  fc.record({
    field: fc.constant('title'),
    op: fc.constantFrom('is', 'is_not', 'contains'),
    value: fc.constantFrom(...TEXTS, 'LAMP', 'amp', '%'),
  }),
  fc.record({ field: fc.constant('locked'), op: fc.constantFrom('is', 'is_not'), value: fc.boolean() }),
  fc.record({
    field: fc.constantFrom('created_at', 'updated_at', 'closed_at', 'snoozed_until'),
    op: fc.constantFrom('before', 'after'),
    value: fc.constantFrom(...TIMES),
  }),
) as fc.Arbitrary<Condition>;

const { filter } = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 5, depthIdentifier: 'filter' },
    condition,
    fc.record({ and: fc.array(tie('filter'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ or: fc.array(tie('filter'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ not: tie('filter') }),
  ),
}));

/** What a filter means, said once more and as plainly as can be. */
function holds(meant: Filter, one: Plain): boolean {
  if ('and' in meant) return meant.and.every((part) => holds(part, one));
  if ('or' in meant) return meant.or.some((part) => holds(part, one));
  if ('not' in meant) return !holds(meant.not, one);
  if (meant.field === 'custom_field') throw new Error('None is declared here.');
  const has = one[meant.field];
  const all = Array.isArray(has) ? has : has === null ? [] : [has];
  switch (meant.op) {
    case 'is':
      return all.includes(meant.value);
    case 'is_not':
      return !all.includes(meant.value);
    case 'in':
      return all.some((value) => (meant.value as unknown[]).includes(value));
    case 'not_in':
      return !all.some((value) => (meant.value as unknown[]).includes(value));
    case 'none':
      return all.length === 0;
    case 'any':
      return all.length > 0;
    case 'contains':
      return all.some((value) => value.toLowerCase().includes(meant.value.toLowerCase()));
    case 'before':
      return all.some((value) => value < meant.value);
    case 'after':
      return all.some((value) => value > meant.value);
  }
}

const uuid = (id: unknown) => (typeof id === 'string' ? id.slice(id.indexOf('_') + 1) : null);

async function store(all: Plain[], owned: Plain[], merged: readonly [number, number][]): Promise<Map<string, Plain>> {
  await admin.query(
    'truncate conversation.conversations, conversation.labelings, conversation.memberships, conversation.merged_customers',
  );
  const workspace = uuid(newId('wsp'));
  for (const [i, customer] of customers.entries()) {
    for (const kind of ['company', 'tenant']) {
      for (const id of owned[i]![kind] as string[]) {
        await admin.query('insert into conversation.memberships values ($1, $2, $3, $4)', [
          ...[uuid(customer), kind, uuid(id), workspace],
        ]);
      }
    }
  }
  for (const pair of merged) {
    await admin.query(
      'insert into conversation.merged_customers (customer, into_customer, workspace) values ($1, $2, $3)',
      [...pair.map((place) => uuid(customers[place])), workspace],
    );
  }
  const stored = new Map<string, Plain>();
  for (const one of all) {
    const id = newId('conv');
    await admin.query(
      `insert into conversation.conversations (conversation, workspace, customer, channel, title, external_id, status, detail,
         assignee, team, priority, locked, created_at, updated_at, closed_at, snoozed_until)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
      [
        ...[uuid(id), workspace, uuid(one.customer), one.channel, one.title, one.external_id, one.status],
        ...[uuid(one.status_detail), uuid(one.assignee), uuid(one.team), one.priority, one.locked],
        ...[one.created_at, one.updated_at, one.closed_at, one.snoozed_until],
      ],
    );
    for (const label of one.label as string[]) {
      await admin.query('insert into conversation.labelings values ($1, $2, $3)', [uuid(id), uuid(label), workspace]);
    }
    const people = joined(customers.indexOf(one.customer as string), merged);
    const of = (kind: string) => people.flatMap((place) => owned[place]![kind] as string[]);
    const customer = people.map((place) => customers[place]);
    stored.set(id, { ...one, customer, company: of('company'), tenant: of('tenant') });
  }
  return stored;
}

it('selects the same conversations as the filter means, whatever they are', async () => {
  const data = fc.tuple(
    fc.array(conversations, { minLength: 1, maxLength: 12 }),
    fc.tuple(belongings, belongings, belongings),
    merges,
    fc.array(filter, { minLength: 10, maxLength: 10 }),
  );
  await fc.assert(
    fc.asyncProperty(data, async ([all, owned, merged, filters]) => {
      const stored = await store(all, owned, merged);
      for (const meant of filters) {
        const sql = new SqlValues();
        const { rows } = await admin.query<{ conversation: string }>(
          `select c.conversation from conversation.conversations c where ${filterSql(meant, sql)}`,
          sql.values,
        );
        const expected = [...stored].filter(([, one]) => holds(meant, one)).map(([id]) => id);
        expect(rows.map(({ conversation }) => toId('conv', conversation)).sort()).toEqual(expected.sort());
      }
    }),
    { numRuns: 40 },
  );
}, 120_000);
