import type { DeclaredField } from './declared-fields.js';
import type { CustomFieldCondition, Filter } from './filter.js';
import { requireKeepable } from './kept-filter.js';

const field = (key: string, kind: DeclaredField['kind'], more: Partial<DeclaredField> = {}): DeclaredField => ({
  object: 'customer',
  key,
  kind,
  personal: false,
  referenceTo: kind === 'reference' ? 'user' : null,
  ...more,
});
const declared = [
  field('tier', 'enum'),
  field('tools', 'multi_enum'),
  field('age', 'number'),
  field('born', 'date', { personal: true }),
  field('about', 'text'),
  field('deposit', 'currency'),
  field('since', 'date'),
  field('name', 'string'),
  field('manager', 'reference'),
  field('vip', 'boolean'),
];

const codeOf = (condition: object): string | null => {
  const filter = {
    not: { and: [{ field: 'custom_field', object: 'customer', ...condition } as CustomFieldCondition] },
  };
  try {
    requireKeepable(filter, declared);
    return null;
  } catch (error) {
    return (error as { code: string }).code;
  }
};

it.each([
  [{ key: 'tier', op: 'is', value: 'gold' }, null],
  [{ key: 'tools', op: 'in', value: ['yarn', 'loom'] }, null],
  [{ key: 'age', op: 'gte', value: 18 }, null],
  [{ key: 'deposit', op: 'lt', value: { amount: '12.5', currency: 'EUR' } }, null],
  [{ key: 'since', op: 'gt', value: '2026-01-01' }, null],
  [{ key: 'vip', op: 'is_not', value: true }, null],
  [{ key: 'about', op: 'any' }, null],
  [{ key: 'born', op: 'none' }, null],
  [{ key: 'manager', op: 'is', value: 'usr_0198f2c0a1b27c3d8e4f5a6b7c8d9e06' }, null],
  [{ key: 'teir', op: 'is', value: 'gold' }, 'unknown_field'],
  [{ key: 'tier', object: 'company', op: 'any' }, 'unknown_field'],
  [{ key: 'tier', object: undefined, op: 'any' }, 'unknown_field'],
  [{ key: 'born', op: 'is', value: '1980-01-01' }, 'filter_names_person'],
  [{ key: 'born', op: 'not_in', value: ['1980-01-01'] }, 'filter_names_person'],
  [{ key: 'about', op: 'is', value: 'x' }, 'field_value_invalid'],
  [{ key: 'name', op: 'lt', value: 'x' }, 'field_value_invalid'],
  [{ key: 'tier', op: 'is', value: 3 }, 'field_value_invalid'],
  [{ key: 'tools', op: 'is', value: ['yarn'] }, 'field_value_invalid'],
  [{ key: 'age', op: 'in', value: [1, 'two'] }, 'field_value_invalid'],
  [{ key: 'since', op: 'is', value: '2026-02-30' }, 'field_value_invalid'],
  [{ key: 'manager', op: 'is', value: 'team_0198f2c0a1b27c3d8e4f5a6b7c8d9e06' }, 'field_value_invalid'],
])('%j: %s', (condition, code) => {
  expect(codeOf(condition)).toBe(code);
});

it('keeps 10,000 characters and no more', () => {
  const labels = (count: number): Filter => ({
    and: Array.from({ length: count }, () => ({
      field: 'channel' as const,
      op: 'in' as const,
      value: Array.from({ length: 100 }, () => 'chat'),
    })),
  });
  expect(() => requireKeepable(labels(13), declared)).not.toThrow();
  expect(() => requireKeepable(labels(14), declared)).toThrow(
    expect.objectContaining({ code: 'filter_too_complex' }) as Error,
  );
});
