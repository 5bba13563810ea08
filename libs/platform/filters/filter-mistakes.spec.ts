import { type FixtureFilter, fixtureFilter } from './filter.fixture.js';
import { MOST_CONDITIONS } from './filter.js';

const open: FixtureFilter = { field: 'status', op: 'is', value: 'open' };

function mistakesOf(filter: unknown): string[] {
  const issues = fixtureFilter.asked.safeParse(filter).error?.issues ?? [];
  return issues.map(({ path, message }) => `/${path.join('/')} ${message}`);
}

it.each([
  [{ field: 'status', op: 'is', value: 'red' }, /^\/value .*"open"/],
  [{ field: 'colour', op: 'is', value: 'red' }, /^\/field is not one of status, label, title, locked, tools$/],
  [{ op: 'is', value: 'red' }, /^\/field is missing: it is one of status, label,/],
  [{ field: 'status', op: 'contains', value: 'o' }, /^\/op is not one of is, is_not, in, not_in$/],
  [{ field: 'status', value: 'open' }, /^\/op is missing: it is one of is, is_not, in, not_in$/],
  [{ field: 'status', op: 'in', value: 'open' }, /^\/value is not a list$/],
  [{ field: 'status', op: 'in', value: ['open', 'ajar'] }, /^\/value\/1 .*"open"/],
  [{ field: 'title', op: 'lt', value: 'a' }, /^\/op is not one of is, is_not, none, any$/],
  [{ field: 'label', op: 'none', value: null }, /^\/value is not a field that is known here$/],
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
  expect(mistakesOf({ field: 'tools', op: 'is', value: options })).toEqual([]);
  expect(mistakesOf({ field: 'label', op: 'in', value: options })).not.toEqual([]);
});
