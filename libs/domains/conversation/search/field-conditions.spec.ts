import type { FieldDeclaration } from '../../../platform/kernel/fields/field-declaration.js';
import { conditionWith } from './field-conditions.js';
import type { CustomFieldCondition } from './filter.js';
import { SqlValues } from './sql-values.js';

const width: FieldDeclaration = {
  id: 'fld_0198f2c0a1b27c3d8e4f5a6b7c8d9e0b',
  object: 'conversation',
  key: 'width',
  kind: 'number',
  version: 1,
  personal: false,
  required: false,
  archived: false,
  default: null,
  options: [],
  dependsOn: null,
  referenceTo: null,
};

it.each<CustomFieldCondition>([
  { field: 'custom_field', key: 'width', op: 'is', value: 'long' },
  { field: 'custom_field', key: 'width', op: 'is_not', value: 'long' },
  { field: 'custom_field', key: 'width', op: 'not_in', value: ['long'] },
])('says that $op does not go with the field as it was sent', (condition) => {
  const where = () => conditionWith(new Map([['conversation', [width]]]))(condition, false, new SqlValues());
  expect(where).toThrow(`The condition ${condition.op} on the field width `);
});
