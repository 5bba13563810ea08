import fc from 'fast-check';
import { newId } from '../../../platform/kernel/id.js';
import { compileFilter, type FilteredEvent } from './compile-filter.js';
import type { FactNeed, FactValue } from './facts.js';
import { conditionsOf, type Filter, PRIORITIES, STATUSES } from './filter.js';
import { webhookFilterField } from './filter.schema.js';

const [labels, teams, users, customers, companies, tenants] = (
  ['lbl', 'team', 'usr', 'cus', 'com', 'ten'] as const
).map((prefix) => [newId(prefix), newId(prefix), newId(prefix)]);
const CHANNELS = ['chat', 'email'];
const ACTORS = ['user', 'ai_agent', 'api_key'];
const ACTIVITIES = ['invoice.paid', 'invoice.sent.late', 'invoiced', 'signed_up'];
const NAMES = [...ACTIVITIES, 'invoice.*', 'invoice.sent.*'];

/** The fields of the language, by what there is of each and what can be asked for. */
const PLAIN: Record<string, { held: readonly string[]; asked?: readonly string[]; most: number; always?: true }> = {
  channel: { held: CHANNELS, most: 1, always: true },
  status: { held: STATUSES, most: 1, always: true },
  priority: { held: PRIORITIES, most: 1, always: true },
  label: { held: labels!, most: 3 },
  team: { held: teams!, most: 1 },
  assignee: { held: users!, most: 1 },
  customer: { held: customers!, most: 3 },
  company: { held: companies!, most: 3 },
  tenant: { held: tenants!, most: 3 },
};
const KEYS = ['tier', 'seats', 'tools', 'due', 'deposit', 'vip'];
const OWNERS = ['conversation', 'customer', 'company', 'tenant'] as const;

const fieldValue = fc.oneof(
  fc.constantFrom('gold', 'silver', '2026-01-01', '2026-01-02'),
  fc.constantFrom(-1, 0, 3, 10),
  fc.boolean(),
  fc.subarray(['loom', 'yarn'], { minLength: 1 }),
  fc.record({ amount: fc.constantFrom('-1', '9.5', '9.50', '10', '10.01'), currency: fc.constantFrom('EUR', 'USD') }),
);

const condition = fc.oneof(
  ...[...Object.entries(PLAIN), ['actor_type', { held: ACTORS }], ['activity', { held: ACTIVITIES, asked: NAMES }]].map(
    ([field, about]) => {
      const { held, asked = held, always } = about as (typeof PLAIN)[string];
      const one = fc.record({
        field: fc.constant(field as string),
        op: fc.constantFrom('is', 'is_not'),
        value: fc.constantFrom(...asked),
      });
      const many = fc.record({
        field: fc.constant(field as string),
        op: fc.constantFrom('in', 'not_in'),
        value: fc.subarray([...asked], { minLength: 1 }),
      });
      const existence = fc.record({ field: fc.constant(field as string), op: fc.constantFrom('any', 'none') });
      return always === true || field === 'actor_type' ? fc.oneof(one, many) : fc.oneof(one, many, existence);
    },
  ),
  ...[
    fc.record({ op: fc.constantFrom('is', 'is_not', 'lt', 'lte', 'gt', 'gte'), value: fieldValue }),
    fc.record({ op: fc.constantFrom('in', 'not_in'), value: fc.array(fieldValue, { minLength: 1, maxLength: 3 }) }),
    fc.record({ op: fc.constantFrom('any', 'none') }),
  ].map((rest) => ({
    weight: 4,
    arbitrary: fc
      .tuple(fc.constantFrom(undefined, ...OWNERS), fc.constantFrom(...KEYS), rest)
      .map(([object, key, { ...more }]) => ({ field: 'custom_field', ...(object && { object }), key, ...more })),
  })),
) as fc.Arbitrary<Filter>;

const filters = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    condition,
    fc.record({ and: fc.array(tie('filter'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ or: fc.array(tie('filter'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ not: tie('filter') }),
  ) as fc.Arbitrary<Filter>,
})).filter;

/** An event, and what is so right after it, as a plain object: a list of values by field, or by owner and key. */
type World = Record<string, readonly FactValue[]>;
const worlds: fc.Arbitrary<World> = fc.record({
  actor_type: fc.constantFrom(...ACTORS).map((type) => [type]),
  activity: fc.subarray(ACTIVITIES, { maxLength: 1 }),
  ...Object.fromEntries(
    Object.entries(PLAIN).map(([field, { held, most }]) => [field, fc.subarray([...held], { maxLength: most })]),
  ),
  ...Object.fromEntries(
    OWNERS.flatMap((owner) =>
      KEYS.map((key) => [`${owner}/${key}`, fc.array(fc.option(fieldValue), { maxLength: 2 })]),
    ),
  ),
});

function eventOf({ actor_type, activity }: World): FilteredEvent {
  const [name] = activity!;
  return {
    type: name === undefined ? 'message.created' : 'activity.recorded',
    meta: { actor: { type: actor_type![0], id: 'x' } } as FilteredEvent['meta'],
    data: { activity_type: name },
    position: 1,
  };
}

const factsOf = (world: World) => (need: FactNeed) =>
  world[need.kind === 'custom_field' ? `${need.object}/${need.key}` : need.kind]!;

/** The language once more, as its page has it, by tables. */
function naive(filter: Filter, world: World): boolean {
  if ('and' in filter) return filter.and.filter((one) => !naive(one, world)).length === 0;
  if ('or' in filter) return filter.or.filter((one) => naive(one, world)).length > 0;
  if ('not' in filter) return !naive(filter.not, world);
  const { field, op } = filter;
  const values = world[field === 'custom_field' ? `${filter.object ?? 'conversation'}/${filter.key}` : field]!;
  const asked = 'value' in filter ? filter.value : null;
  const cents = (value: unknown) => Math.round(Number((value as { amount: string }).amount) * 100);
  const kindOf = (value: unknown) =>
    Array.isArray(value)
      ? 'list'
      : value === null
        ? 'unread'
        : ((value as { currency?: string }).currency ?? typeof value);
  const rank = (value: unknown): number | string =>
    typeof value === 'object' ? cents(value) : (value as number | string);
  const isOne = (held: FactValue, one: unknown): boolean => {
    if (field === 'activity') {
      const pattern = String(one).replaceAll('.', '\\.').replace(/\*$/, '.*');
      return new RegExp(`^${pattern}$`).test(held as string);
    }
    if (Array.isArray(held)) return held.some((option) => option === one);
    if (kindOf(held) !== kindOf(one) || held === null) return false;
    return typeof held === 'boolean' ? held === one : !Array.isArray(one) && rank(held) === rank(one);
  };
  const isOrdered = (held: FactValue, holds: (one: number | string, other: number | string) => boolean): boolean =>
    kindOf(held) === kindOf(asked) &&
    !['list', 'unread', 'boolean'].includes(kindOf(held)) &&
    holds(rank(held), rank(asked));
  const among = () => values.some((held) => (asked as readonly unknown[]).some((one) => isOne(held, one)));
  const table: Record<string, () => boolean> = {
    is: () => values.some((held) => isOne(held, asked)),
    is_not: () => !values.some((held) => isOne(held, asked)),
    in: among,
    not_in: () => !among(),
    any: () => values.length > 0,
    none: () => values.length === 0,
    lt: () => values.some((held) => isOrdered(held, (one, other) => one < other)),
    lte: () => values.some((held) => isOrdered(held, (one, other) => one <= other)),
    gt: () => values.some((held) => isOrdered(held, (one, other) => one > other)),
    gte: () => values.some((held) => isOrdered(held, (one, other) => one >= other)),
  };
  return table[op]!();
}

it('means what the language says, whatever the filter and the event', () => {
  const seen = new Map<string, Set<boolean>>();
  fc.assert(
    fc.property(filters, worlds, (filter, world) => {
      const holds = compileFilter(filter).matches(eventOf(world), factsOf(world));
      expect(holds).toBe(naive(filter, world));
      if (!('field' in filter)) return;
      const name = `${filter.field} ${filter.op}`;
      seen.set(name, (seen.get(name) ?? new Set()).add(holds));
    }),
    { numRuns: 20_000, seed: 7 },
  );
  // Each field with each of its operators was seen to hold and not to.
  expect([...seen].filter(([, outcomes]) => outcomes.size < 2)).toEqual([]);
  expect(seen.size).toBe(9 * 4 + 6 * 2 + 4 + 6 + 10);
});

it('is a filter that the API takes', () => {
  fc.assert(
    fc.property(filters, (filter) => {
      expect(webhookFilterField.parse(filter)).toEqual(filter);
    }),
    { numRuns: 500, seed: 7 },
  );
});

it('asks for the facts that it names, each once, and for no others', () => {
  fc.assert(
    fc.property(filters, worlds, (filter, world) => {
      const { facts, matches } = compileFilter(filter);
      const named = new Set(facts.map((need) => JSON.stringify(need)));
      expect(named.size).toBe(facts.length);
      matches(eventOf(world), (need) => {
        expect(named).toContain(JSON.stringify(need));
        return factsOf(world)(need);
      });
    }),
    { numRuns: 2000, seed: 7 },
  );
});

it('asks for nothing where the event says it all', () => {
  const filter: Filter = {
    and: [
      { field: 'actor_type', op: 'is', value: 'user' },
      { field: 'activity', op: 'none' },
    ],
  };
  expect(compileFilter(filter).facts).toEqual([]);
  expect(conditionsOf(filter)).toHaveLength(2);
});

describe('of an event that is about nothing of the kind', () => {
  const about = (condition: object) =>
    compileFilter(condition as Filter).matches(eventOf({ actor_type: ['user'], activity: [] }), () => []);

  it.each(['is', 'in', 'any'])('%s is false', (op) => {
    const value = op === 'in' ? [tenants![0]] : tenants![0];
    expect(about({ field: 'tenant', op, ...(op === 'any' ? {} : { value }) })).toBe(false);
  });

  it.each(['is_not', 'not_in', 'none'])('%s is true', (op) => {
    const value = op === 'not_in' ? [tenants![0]] : tenants![0];
    expect(about({ field: 'tenant', op, ...(op === 'none' ? {} : { value }) })).toBe(true);
  });
});

it('compares amounts exactly, and within their currency', () => {
  const held = { amount: '90071992547409.93', currency: 'EUR' };
  const isBelow = (amount: string, currency = 'EUR') =>
    compileFilter({ field: 'custom_field', key: 'deposit', op: 'lt', value: { amount, currency } }).matches(
      eventOf({ actor_type: ['user'], activity: [] }),
      () => [held],
    );
  expect([isBelow('90071992547409.93'), isBelow('90071992547409.94')]).toEqual([false, true]);
  expect(isBelow('90071992547410', 'USD')).toBe(false);
});
