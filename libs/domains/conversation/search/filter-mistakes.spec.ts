import type { Filter } from './filter.js';
import { MOST_CONDITIONS } from './filter.js';
import { filterField } from './filter.schema.js';

const open: Filter = { field: 'status', op: 'is', value: 'open' };

function mistakesOf(filter: unknown): string[] {
  const issues = filterField.safeParse(filter).error?.issues ?? [];
  return issues.map(({ path, message }) => `/${path.join('/')} ${message}`);
}

it.each([
  [{ field: 'status', op: 'is', value: 'red' }, /^\/value .*"open"/],
  [{ field: 'colour', op: 'is', value: 'red' }, /^\/field is not one of status, status_detail, .*custom_field$/],
  [{ op: 'is', value: 'red' }, /^\/field is missing: it is one of status,/],
  [{ field: 'status', op: 'contains', value: 'o' }, /^\/op is not one of is, is_not, in, not_in$/],
  [{ field: 'status', value: 'open' }, /^\/op is missing: it is one of is, is_not, in, not_in$/],
  [{ field: 'status', op: 'in', value: 'open' }, /^\/value is not a list$/],
  [{ field: 'status', op: 'in', value: ['open', 'ajar'] }, /^\/value\/1 .*"open"/],
  [{ field: 'title', op: 'lt', value: 'a' }, /^\/op is not one of is, is_not, contains, none, any$/],
  [{ field: 'created_at', op: 'is', value: '2026-01-01T00:00:00.000Z' }, /^\/op .*"before".*"after"/],
  [{ field: 'assignee', op: 'is', value: 'ada' }, /^\/value is neither a usr_… nor an aia_… id$/],
  [{ field: 'assignee', op: 'none', value: null }, /^\/value is not a field that is known here$/],
  [{ field: 'custom_field', key: 'due', op: 'before', value: '2026-01-01' }, /^\/op is not one of is, .*contains, any/],
  [{ and: [open, { field: 'status', op: 'is', value: 'red' }] }, /^\/and\/1\/value .*"open"/],
  [{ not: { or: [{ not: 'open' }] } }, /^\/not\/or\/0\/not is neither a condition/],
  [{ and: [] }, /^\/and is not a list of 1 to 100 filters$/],
  [{ or: open }, /^\/or is not a list of 1 to 100 filters$/],
  [{ and: [open], or: [open] }, /^\/or does not go beside `and`/],
  [{ ...open, not: open }, /^\/field does not go beside `not`/],
  ['open', /^\/ is neither a condition \(`field`, `op`, `value`\) nor one of/],
  [[open], /^\/ is neither a condition/],
])('says of %j where it is wrong and what may stand there', (filter, message) => {
  expect(mistakesOf(filter)).toEqual([expect.stringMatching(message)]);
});

it('says of each mistake its own place', () => {
  const filter = { or: [{ field: 'locked', op: 'is', value: 1 }, open, { field: 'colour' }] };
  expect(mistakesOf(filter).map((mistake) => mistake.split(' ')[0])).toEqual(['/or/0/value', '/or/2/field']);
});

it('does not look at each of more values than a condition takes', () => {
  const many = { field: 'label', op: 'in', value: Array.from({ length: 300_000 }, () => 0) };
  expect(mistakesOf({ and: Array.from({ length: MOST_CONDITIONS }, () => many) })).toHaveLength(MOST_CONDITIONS);
  expect(mistakesOf(many)).toEqual(['/value is a list of more than 200 values']);
  const options = Array.from({ length: 200 }, (_, n) => `option-${n}`);
  expect(mistakesOf({ field: 'custom_field', key: 'tools', op: 'is', value: options })).toEqual([]);
  expect(mistakesOf({ field: 'channel', op: 'in', value: options })).not.toEqual([]);
});
