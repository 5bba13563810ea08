import type { FieldDeclaration, FieldKind } from '../kernel/fields/field-declaration.js';
import { Problem } from '../kernel/problem.js';
import { type FieldOperator, valueCondition } from './value-condition.js';

const owner = {
  tables: { service: 'conversation', declarations: 'declared', values: 'held' },
  id: 'c.conversation',
  column: 'owner',
  workspace: 'c.workspace',
} as const;
const field = (kind: FieldKind): FieldDeclaration => ({
  id: 'fld_0198f2c0a1b27c3d8e4f5a6b7c8d9e09',
  object: 'conversation',
  key: 'it',
  kind,
  version: 1,
  personal: false,
  required: false,
  archived: false,
  default: null,
  options: ['wool', 'linen'].map((value) => ({ value, name: value })),
  dependsOn: null,
  referenceTo: null,
});

function condition(kind: FieldKind, operator: FieldOperator, value: unknown): { sql: string; values: unknown[] } {
  const values: unknown[] = [];
  const sql = valueCondition(field(kind), operator, value, owner, (bound) => `$${values.push(bound)}`);
  return { sql: sql.replace(/\s+/g, ' '), values };
}

it.each<[FieldKind, FieldOperator, unknown, string, unknown[]]>([
  ['string', 'eq', 'weld', 'v.text_value = $1', ['weld']],
  ['number', 'lt', 0.1, 'v.number_value < $1::numeric', ['0.1']],
  ['date', 'gte', '2019-06-01', 'v.date_value >= $1::date', ['2019-06-01']],
  ['boolean', 'eq', false, 'v.bool_value = $1', [false]],
  [
    'currency',
    'lte',
    { amount: '12.5', currency: 'EUR' },
    '(v.text_value = $1 and v.number_value <= $2::numeric)',
    ['EUR', '12.50'],
  ],
  ['multi_enum', 'eq', 'wool', 'v.text_value = $1', ['wool']],
  ['enum', 'in', ['wool', 'linen'], '(v.text_value = $1 or v.text_value = $2)', ['wool', 'linen']],
  [
    'text',
    'contains',
    'two words',
    "to_tsvector('simple', v.value::json #>> '{}') @@ plainto_tsquery('simple', $1)",
    ['two words'],
  ],
])('of a %s with %s %j', (kind, operator, value, holds, values) => {
  const made = condition(kind, operator, value);
  expect(made.sql).toBe(
    `exists (select from conversation.held v where v.workspace = c.workspace and v.field = $${values.length + 1}::uuid and v.owner = c.conversation and ${holds})`,
  );
  expect(made.values).toEqual([...values, '0198f2c0a1b27c3d8e4f5a6b7c8d9e09']);
});

it('can be that there is a value', () => {
  expect(condition('text', 'exists', undefined).sql).toMatch(/^exists \(.*c\.conversation\)$/);
});

it.each<[FieldKind, FieldOperator, unknown]>([
  ['text', 'eq', 'x'],
  ['string', 'lt', 'x'],
  ['boolean', 'gt', true],
  ['number', 'contains', 'x'],
  ['number', 'eq', '7'],
  ['enum', 'eq', 'hemp'],
  ['enum', 'in', []],
  ['enum', 'in', 'wool'],
  ['string', 'contains', 7],
])('is not of a %s with %s %j', (kind, operator, value) => {
  expect(() => condition(kind, operator, value)).toThrow(Problem);
  expect(() => condition(kind, operator, value)).toThrow(/^field_value_invalid: The condition/);
});

it('calls the operator as it was asked for', () => {
  const isLong = () => valueCondition(field('number'), 'eq', 'long', owner, String, 'is');
  expect(isLong).toThrow(/The condition is on the field /);
  expect(() => condition('text', 'eq', 'long')).toThrow(/The condition eq on the field /);
});
