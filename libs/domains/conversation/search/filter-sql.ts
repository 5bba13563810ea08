import type { ConditionSql } from './condition-sql.js';
import { conditionWith, NOTHING_DECLARED } from './field-conditions.js';
import type { Condition, Filter } from './filter.js';
import type { SqlValues } from './sql-values.js';

/**
 * A filter as a condition on the rows `c` of `conversation.conversations`. Negations are carried down to the conditions,
 * each of which knows its own opposite: in SQL, `not (title = 'x')` is unknown of a conversation without a title.
 */
export function filterSql(
  filter: Filter,
  sql: SqlValues,
  condition: ConditionSql<Condition> = conditionWith(NOTHING_DECLARED),
): string {
  const part = (one: Filter, negated: boolean): string => {
    if ('and' in one) return joined(one.and, negated, negated ? 'or' : 'and');
    if ('or' in one) return joined(one.or, negated, negated ? 'and' : 'or');
    if ('not' in one) return part(one.not, !negated);
    return condition(one, negated, sql);
  };
  const joined = (filters: readonly Filter[], negated: boolean, word: 'and' | 'or') =>
    `(${filters.map((one) => part(one, negated)).join(` ${word} `)})`;
  return part(filter, false);
}
