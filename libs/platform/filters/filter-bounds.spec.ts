import { type FixtureFilter, fixtureFilter } from './filter.fixture.js';

const open: FixtureFilter = { field: 'status', op: 'is', value: 'open' };
const nested = (levels: number): FixtureFilter => (levels === 1 ? open : { not: nested(levels - 1) });
const tooComplex = expect.objectContaining({ code: 'filter_too_complex' });

it('takes 100 conditions on 10 levels, and no more of either', () => {
  const all = (count: number): FixtureFilter => ({ and: Array.from({ length: count }, () => open) });
  expect(fixtureFilter.asked.parse(all(100))).toEqual(all(100));
  expect(fixtureFilter.asked.parse(nested(10))).toEqual(nested(10));
  expect(() => fixtureFilter.asked.safeParse({ or: [all(100), open] })).toThrow(tooComplex);
  expect(() => fixtureFilter.asked.safeParse(nested(11))).toThrow(tooComplex);
});

it('is not brought down by what is far deeper', () => {
  let deep: unknown = open;
  for (let i = 0; i < 200_000; i++) deep = { not: deep };
  expect(() => fixtureFilter.asked.safeParse(deep)).toThrow(tooComplex);
});

it.each([
  [{ field: 'status', op: 'is', value: 'ajar' }],
  [{ field: 'status', op: 'before', value: 'open' }],
  [{ field: 'weather', op: 'is', value: 'open' }],
  [{ field: 'label', op: 'in', value: [] }],
  [{ and: [] }],
  [{ and: [open], or: [open] }],
  [{ not: [open] }],
  [[]],
  ['open'],
])('refuses %j', (filter) => {
  expect(fixtureFilter.asked.safeParse(filter).success).toBe(false);
});
