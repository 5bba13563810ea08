import type { FieldDeclaration } from '../../../platform/kernel/fields/field-declaration.js';
import type { DeclaredFields } from '../search/field-conditions.js';
import type { Filter } from '../search/filter.js';
import { keptFilter } from './kept-filter.js';

const field = (key: string, personal: boolean) => ({ key, personal }) as FieldDeclaration;
const DECLARED: DeclaredFields = new Map([['conversation', [field('plan', false), field('nickname', true)]]]);
const open: Filter = { field: 'status', op: 'is', value: 'open' };

it('keeps what says nothing of a person', () => {
  const filter: Filter = { and: [open, { not: { field: 'title', op: 'none' } }] };
  expect(JSON.parse(keptFilter(filter, DECLARED)!)).toEqual(filter);
  expect(keptFilter(null, DECLARED)).toBeNull();
});

it.each<Filter>([
  { field: 'title', op: 'contains', value: 'Ada' },
  { and: [open, { not: { or: [open, { field: 'external_id', op: 'is', value: 'ada@example.org' }] } }] },
])('refuses %j', (filter) => {
  expect(() => keptFilter(filter, DECLARED)).toThrow(expect.objectContaining({ code: 'filter_names_person' }));
});

it('keeps values of custom fields that are not personal, and refuses those that are', () => {
  const plan: Filter = { field: 'custom_field', key: 'plan', op: 'is', value: 'gold' };
  expect(JSON.parse(keptFilter(plan, DECLARED)!)).toEqual(plan);
  const known: Filter = { field: 'custom_field', key: 'nickname', op: 'any' };
  expect(JSON.parse(keptFilter(known, DECLARED)!)).toEqual(known);
  const personal: Filter = { not: { field: 'custom_field', key: 'nickname', op: 'is', value: 'Ada' } };
  expect(() => keptFilter(personal, DECLARED)).toThrow(expect.objectContaining({ code: 'filter_names_person' }));
  const unknown: Filter = { field: 'custom_field', key: 'other', op: 'is', value: 'Ada' };
  expect(() => keptFilter(unknown, DECLARED)).toThrow(expect.objectContaining({ code: 'unknown_field' }));
});

it('has an end', () => {
  const filter: Filter = {
    or: Array.from({ length: 90 }, () => ({ ...open, field: 'channel', value: 'x'.repeat(100) })),
  };
  expect(() => keptFilter(filter, DECLARED)).toThrow(expect.objectContaining({ code: 'filter_too_complex' }));
});
