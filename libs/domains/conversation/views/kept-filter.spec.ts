import type { Filter } from '../search/filter.js';
import { keptFilter } from './kept-filter.js';

const open: Filter = { field: 'status', op: 'is', value: 'open' };

it('keeps what says nothing of a person', () => {
  const filter: Filter = { and: [open, { not: { field: 'title', op: 'none' } }] };
  expect(JSON.parse(keptFilter(filter)!)).toEqual(filter);
  expect(keptFilter(null)).toBeNull();
});

it.each<Filter>([
  { field: 'title', op: 'contains', value: 'Ada' },
  { and: [open, { not: { or: [open, { field: 'external_id', op: 'is', value: 'ada@example.org' }] } }] },
])('refuses %j', (filter) => {
  expect(() => keptFilter(filter)).toThrow(expect.objectContaining({ code: 'filter_names_person' }));
});

it('has an end', () => {
  const filter: Filter = {
    or: Array.from({ length: 90 }, () => ({ ...open, field: 'channel', value: 'x'.repeat(100) })),
  };
  expect(() => keptFilter(filter)).toThrow(expect.objectContaining({ code: 'filter_too_complex' }));
});
