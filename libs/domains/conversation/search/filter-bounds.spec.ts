import type { Filter } from './filter.js';
import { filterField } from './filter.schema.js';

const open: Filter = { field: 'status', op: 'is', value: 'open' };
const nested = (levels: number): Filter => (levels === 1 ? open : { not: nested(levels - 1) });
const tooComplex = expect.objectContaining({ code: 'filter_too_complex' });

it('takes 100 conditions on 10 levels, and no more of either', () => {
  const all = (count: number): Filter => ({ and: Array.from({ length: count }, () => open) });
  expect(filterField.parse(all(100))).toEqual(all(100));
  expect(filterField.parse(nested(10))).toEqual(nested(10));
  expect(() => filterField.safeParse({ or: [all(100), open] })).toThrow(tooComplex);
  expect(() => filterField.safeParse(nested(11))).toThrow(tooComplex);
});

it('is not brought down by what is far deeper', () => {
  let deep: unknown = open;
  for (let i = 0; i < 200_000; i++) deep = { not: deep };
  expect(() => filterField.safeParse(deep)).toThrow(tooComplex);
});

it.each([
  [{ field: 'status', op: 'is', value: 'ajar' }],
  [{ field: 'status', op: 'before', value: 'open' }],
  [{ field: 'weather', op: 'is', value: 'open' }],
  [{ field: 'assignee', op: 'is', value: 'lbl_0198f2c0a1b27c3d8e4f5a6b7c8d9e06' }],
  [{ field: 'assignee', op: 'none', value: null }],
  [{ field: 'label', op: 'in', value: [] }],
  [{ and: [] }],
  [{ and: [open], or: [open] }],
  [{ not: [open] }],
  [[]],
  ['open'],
])('refuses %j', (filter) => {
  expect(filterField.safeParse(filter).success).toBe(false);
});
