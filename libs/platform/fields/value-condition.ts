import type { FieldDeclaration, FieldKind, FieldValue, Money } from '../kernel/fields/field-declaration.js';
import { checkValue } from '../kernel/fields/field-value.js';
import { Problem } from '../kernel/problem.js';
import type { FieldTables } from './field-reads.js';

/**
 * | operator | kinds | value |
 * |---|---|---|
 * | eq | all but text | one; of a multi_enum one of its options |
 * | in | as eq | a list of them |
 * | lt, lte, gt, gte | number, date; currency, within its own | one |
 * | contains | string, text | words, all of which are in it, in any order and case |
 * | exists | all | none: there is a value |
 */
export const FIELD_OPERATORS = ['eq', 'in', 'lt', 'lte', 'gt', 'gte', 'contains', 'exists'] as const;
export type FieldOperator = (typeof FIELD_OPERATORS)[number];

/** Where a row comes from whose values are looked at. */
export interface ValueOwner {
  tables: FieldTables;
  /** SQL of the id of the thing that has the value, or of the stream that the thing is on. */
  id: string;
  column: 'owner' | 'stream';
  /** SQL of its workspace. */
  workspace: string;
}

/** Puts a value among a statement's parameters; gives the SQL for it. */
export type Bind = (value: unknown) => string;

const ORDER: Partial<Record<FieldOperator, string>> = { lt: '<', lte: '<=', gt: '>', gte: '>=' };
const ORDERED: readonly FieldKind[] = ['number', 'date', 'currency'];

/**
 * The SQL of a condition on a custom field; null never. Throws `field_value_invalid`, which calls the operator as it was
 * `asked` for.
 */
export function valueCondition(
  field: FieldDeclaration,
  operator: FieldOperator,
  value: unknown,
  { tables, id, column, workspace }: ValueOwner,
  bind: Bind,
  asked: string = operator,
): string {
  const holds = conditionOn(field, operator, value, bind, asked);
  return `exists (select from ${tables.service}.${tables.values} v
    where v.workspace = ${workspace} and v.field = ${bind(uuidOf(field.id))}::uuid and v.${column} = ${id}${holds === null ? '' : ` and ${holds}`})`;
}

/** Null for no condition on the value. */
function conditionOn(
  field: FieldDeclaration,
  operator: FieldOperator,
  value: unknown,
  bind: Bind,
  asked: string,
): string | null {
  switch (operator) {
    case 'exists':
      return null;
    case 'eq':
      return equal(field, asked, value, bind);
    case 'in':
      if (!Array.isArray(value) || value.length === 0) throw unfit(field, asked, 'takes a list of values');
      return `(${value.map((one) => equal(field, asked, one, bind)).join(' or ')})`;
    case 'contains':
      if (field.kind !== 'string' && field.kind !== 'text') throw unfit(field, asked, 'is for strings and texts');
      if (typeof value !== 'string') throw unfit(field, asked, 'takes words');
      return `to_tsvector('simple', v.value::json #>> '{}') @@ plainto_tsquery('simple', ${bind(value)})`;
    case 'lt':
    case 'lte':
    case 'gt':
    case 'gte':
      if (!ORDERED.includes(field.kind)) throw unfit(field, asked, 'is for numbers, dates and amounts');
      return compared(field, ORDER[operator]!, checked(field, asked, value), bind);
    default:
      return operator satisfies never;
  }
}

function equal(field: FieldDeclaration, asked: string, value: unknown, bind: Bind): string {
  if (field.kind === 'text') throw unfit(field, asked, 'is not for texts: use contains');
  // Of several options one is asked for.
  const rules = field.kind === 'multi_enum' ? { ...field, kind: 'enum' as const } : field;
  return compared(field, '=', checked(rules, asked, value), bind);
}

function compared({ kind }: FieldDeclaration, operator: string, value: FieldValue, bind: Bind): string {
  switch (kind) {
    case 'number':
      return `v.number_value ${operator} ${bind(String(value))}::numeric`;
    case 'date':
      return `v.date_value ${operator} ${bind(value)}::date`;
    case 'boolean':
      return `v.bool_value = ${bind(value)}`;
    case 'currency': {
      const { amount, currency } = value as Money;
      return `(v.text_value = ${bind(currency)} and v.number_value ${operator} ${bind(amount)}::numeric)`;
    }
    default:
      return `v.text_value = ${bind(value)}`;
  }
}

function checked(field: FieldDeclaration, asked: string, value: unknown): FieldValue {
  const result = checkValue(field, value);
  if ('wrong' in result) throw unfit(field, asked, `has a value that ${result.wrong}`);
  return result.value;
}

function unfit({ key }: FieldDeclaration, asked: string, sentence: string): Problem {
  return new Problem('field_value_invalid', `The condition ${asked} on the field ${key} ${sentence}.`);
}

function uuidOf(id: string): string {
  return id.slice(id.indexOf('_') + 1);
}
