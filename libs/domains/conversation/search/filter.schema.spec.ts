import type { Filter } from './filter.js';
import { filterField } from './filter.schema.js';

const open: Filter = { field: 'status', op: 'is', value: 'open' };

function mistakesOf(filter: unknown): string[] {
  const issues = filterField.safeParse(filter).error?.issues ?? [];
  return issues.map(({ path, message }) => `/${path.join('/')} ${message}`);
}

it.each([
  [{ field: 'status', op: 'is', value: 'red' }, /^\/value .*"open"/],
  [{ field: 'colour', op: 'is', value: 'red' }, /^\/field is not one of status, status_detail, .*custom_field$/],
  [{ field: 'status', op: 'contains', value: 'o' }, /^\/op is not one of is, is_not, in, not_in$/],
  [{ field: 'title', op: 'lt', value: 'a' }, /^\/op is not one of is, is_not, contains, none, any$/],
  [{ field: 'created_at', op: 'is', value: '2026-01-01T00:00:00.000Z' }, /^\/op .*"before".*"after"/],
  [{ field: 'assignee', op: 'is', value: 'ada' }, /^\/value is neither a usr_… nor an aia_… id$/],
  [{ field: 'assignee', op: 'none', value: null }, /^\/value is not a field that is known here$/],
  [{ field: 'custom_field', key: 'due', op: 'before', value: '2026-01-01' }, /^\/op is not one of is, .*contains, any/],
  [{ and: [open, { field: 'status', op: 'is', value: 'red' }] }, /^\/and\/1\/value .*"open"/],
])('says of %j where it is wrong and what may stand there', (filter, message) => {
  expect(mistakesOf(filter)).toEqual([expect.stringMatching(message)]);
});

it('takes as many values as a condition on options may have, and no more of other fields', () => {
  const options = Array.from({ length: 200 }, (_, n) => `option-${n}`);
  expect(mistakesOf({ field: 'custom_field', key: 'tools', op: 'is', value: options })).toEqual([]);
  expect(mistakesOf({ field: 'channel', op: 'in', value: options })).not.toEqual([]);
});

it.each([
  [{ field: 'status', op: 'before', value: 'open' }],
  [{ field: 'assignee', op: 'is', value: 'lbl_0198f2c0a1b27c3d8e4f5a6b7c8d9e06' }],
  [{ field: 'label', op: 'in', value: [] }],
])('refuses %j', (filter) => {
  expect(filterField.safeParse(filter).success).toBe(false);
});
