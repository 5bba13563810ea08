import type { FieldReads } from '../../../platform/fields/field-reads.js';
import { type FieldOperator, type ValueOwner, valueCondition } from '../../../platform/fields/value-condition.js';
import type { FieldDeclaration } from '../../../platform/kernel/fields/field-declaration.js';
import { Problem } from '../../../platform/kernel/problem.js';
import { fieldTables } from '../fields/field-tables.js';
import { type ConditionSql, conditionSql } from './condition-sql.js';
import type { Condition, CustomFieldCondition, Filter } from './filter.js';

type FieldOwner = NonNullable<CustomFieldCondition['object']>;

/** What is declared of the objects whose custom fields a filter names. */
export type DeclaredFields = ReadonlyMap<FieldOwner, readonly FieldDeclaration[]>;

export const NOTHING_DECLARED: DeclaredFields = new Map();

const OPERATORS: Readonly<Record<CustomFieldCondition['op'], { operator: FieldOperator; isNegative: boolean }>> = {
  is: { operator: 'eq', isNegative: false },
  is_not: { operator: 'eq', isNegative: true },
  in: { operator: 'in', isNegative: false },
  not_in: { operator: 'in', isNegative: true },
  any: { operator: 'exists', isNegative: false },
  none: { operator: 'exists', isNegative: true },
  contains: { operator: 'contains', isNegative: false },
  lt: { operator: 'lt', isNegative: false },
  lte: { operator: 'lte', isNegative: false },
  gt: { operator: 'gt', isNegative: false },
  gte: { operator: 'gte', isNegative: false },
};

/** Reads what is declared where a filter names custom fields, and nothing where it does not. */
export async function declaredFor(
  filter: Filter | undefined,
  workspace: string,
  reads: FieldReads,
): Promise<DeclaredFields> {
  const objects = filter === undefined ? [] : [...new Set(objectsIn(filter))];
  const declared = await Promise.all(
    objects.map(async (object) => [object, await reads.declarations(workspace, object)] as const),
  );
  return new Map(declared);
}

/** Any condition as SQL. Throws `unknown_field` and `field_value_invalid`. */
export function conditionWith(declared: DeclaredFields): ConditionSql<Condition> {
  return (condition, negated, sql) => {
    if (condition.field !== 'custom_field') return conditionSql(condition, negated, sql);
    const { op } = condition;
    const field = declarationOf(condition, declared);
    const { operator, isNegative } = OPERATORS[op];
    const value = 'value' in condition ? condition.value : undefined;
    const holds = valueCondition(field, operator, value, ownerOf(field), (bound) => sql.add(bound), op);
    // A row is there or it is not: it is never unknown.
    return isNegative === negated ? holds : `not ${holds}`;
  };
}

/** Of the row `c` of `conversation.conversations`: itself, or any of its messages. */
function ownerOf({ object }: FieldDeclaration): ValueOwner {
  const column = object === 'message' ? 'stream' : 'owner';
  return { tables: fieldTables, id: 'c.conversation', column, workspace: 'c.workspace' };
}

/** Throws `unknown_field`. */
export function declarationOf(
  { object = 'conversation', key }: CustomFieldCondition,
  declared: DeclaredFields,
): FieldDeclaration {
  const field = declared.get(object)?.find((one) => one.key === key);
  if (field !== undefined) return field;
  throw new Problem('unknown_field', `There is no custom field ${key} of a ${object}. Declare it first.`);
}

function objectsIn(filter: Filter): FieldOwner[] {
  if ('and' in filter) return filter.and.flatMap(objectsIn);
  if ('or' in filter) return filter.or.flatMap(objectsIn);
  if ('not' in filter) return objectsIn(filter.not);
  return filter.field === 'custom_field' ? [filter.object ?? 'conversation'] : [];
}
