import { idToBytes } from '../../../platform/kernel/id.js';
import type { PlainCondition, SetField } from './filter.js';
import type { SqlValues } from './sql-values.js';

/**
 * SQL that is true where a condition holds of the conversation `c`, and where it is negated, of every other one. It may be
 * null instead of false: no `not` is ever put around it.
 */
export type ConditionSql<Given extends { field: string; op: string } = PlainCondition> = (
  condition: Given,
  negated: boolean,
  sql: SqlValues,
) => string;

interface Column {
  name: string;
  type: 'text' | 'uuid' | 'boolean' | 'timestamptz';
  nullable?: boolean;
}

const COLUMNS: Readonly<Record<Exclude<PlainCondition['field'], SetField | 'customer'>, Column>> = {
  status: { name: 'c.status', type: 'text' },
  status_detail: { name: 'c.detail', type: 'uuid', nullable: true },
  assignee: { name: 'c.assignee', type: 'uuid', nullable: true },
  team: { name: 'c.team', type: 'uuid', nullable: true },
  priority: { name: 'c.priority', type: 'text' },
  channel: { name: 'c.channel', type: 'text' },
  external_id: { name: 'c.external_id', type: 'text', nullable: true },
  title: { name: 'c.title', type: 'text', nullable: true },
  locked: { name: 'c.locked', type: 'boolean' },
  created_at: { name: 'c.created_at', type: 'timestamptz' },
  updated_at: { name: 'c.updated_at', type: 'timestamptz' },
  closed_at: { name: 'c.closed_at', type: 'timestamptz', nullable: true },
  snoozed_until: { name: 'c.snoozed_until', type: 'timestamptz', nullable: true },
};

/** The rows of what a conversation can have many of, and the column of their ids. */
const SETS: Readonly<Record<SetField, { rows: string; id: string }>> = {
  label: { rows: 'conversation.labelings x where x.conversation = c.conversation', id: 'x.label' },
  company: { rows: membershipsOf('company'), id: 'x.organization' },
  tenant: { rows: membershipsOf('tenant'), id: 'x.organization' },
};

/**
 * A customer belongs where anybody does who is read as the same one. Those few walk the merges as in `ofCustomer`, each
 * with what they belong to; all others are found by the index.
 */
function membershipsOf(kind: string): string {
  return `(select customer, organization from conversation.memberships where kind = '${kind}'
    union all select id, organization from (
    with recursive onward(id, organization) as (
      select o.customer, o.organization from conversation.memberships o join (
        select customer from conversation.merged_customers union select into_customer from conversation.merged_customers
      ) m on m.customer = o.customer where o.kind = '${kind}'
       union select m.into_customer, o.organization
        from onward o join conversation.merged_customers m on m.customer = o.id
    ), joined(id, organization) as (
      select id, organization from onward
       union select m.customer, j.organization
        from joined j join conversation.merged_customers m on m.into_customer = j.id
    ) select id, organization from joined) j) x where x.customer = c.customer`;
}

const POSITIVE = { is_not: 'is', not_in: 'in', none: 'any' } as const;

/** The condition without its own negation, and whether it is negated then. */
function straightened(op: PlainCondition['op'], negated: boolean): { op: string; negated: boolean } {
  return op in POSITIVE ? { op: POSITIVE[op as keyof typeof POSITIVE], negated: !negated } : { op, negated };
}

export const conditionSql: ConditionSql = (condition, negated, sql) => {
  const straight = straightened(condition.op, negated);
  const value = 'value' in condition ? condition.value : undefined;
  const { field } = condition;
  if (field === 'customer') return ofCustomer(condition.value, straight.negated, sql);
  return isSet(field)
    ? inSet(SETS[field], value, straight.negated, sql)
    : onColumn(COLUMNS[field], straight.op, value, straight.negated, sql);
};

/** Whoever is read as one of these customers: onward to where merges lead, and back to all that lead there. */
function ofCustomer(value: string | readonly string[], negated: boolean, sql: SqlValues): string {
  const given = oneOf('uuid', typeof value === 'string' ? [value] : value, sql);
  const same = `array(
    with recursive onward(id) as (
      select unnest(${given})
       union select m.into_customer from onward o join conversation.merged_customers m on m.customer = o.id
    ), joined(id) as (
      select id from onward
       union select m.customer from joined j join conversation.merged_customers m on m.into_customer = j.id
    ) select id from joined)`;
  return negated ? `c.customer <> all (${same})` : `c.customer = any (${same})`;
}

function isSet(field: PlainCondition['field']): field is SetField {
  return field in SETS;
}

function onColumn(column: Column, op: string, value: unknown, negated: boolean, sql: SqlValues): string {
  const { name, type } = column;
  const orNone = (text: string) => (column.nullable === true ? `(${name} is null or ${text})` : text);
  switch (op) {
    case 'is': {
      const given = equalTo(type, value, sql);
      return negated ? orNone(`${name} <> ${given}`) : `${name} = ${given}`;
    }
    case 'in': {
      const given = oneOf(type, value as readonly unknown[], sql);
      return negated ? orNone(`${name} <> all (${given})`) : `${name} = any (${given})`;
    }
    case 'any':
      return negated ? `${name} is null` : `${name} is not null`;
    case 'contains': {
      const found = `strpos(lower(${name}), lower(${sql.add(value)})) > 0`;
      return negated ? orNone(`not ${found}`) : found;
    }
    case 'before':
      return negated ? orNone(`${name} >= ${sql.add(value)}`) : `${name} < ${sql.add(value)}`;
    case 'after':
      return negated ? orNone(`${name} <= ${sql.add(value)}`) : `${name} > ${sql.add(value)}`;
    default:
      throw new Error(`A condition on ${name} has the operator ${op}, which has no SQL.`);
  }
}

function inSet({ rows, id }: { rows: string; id: string }, value: unknown, negated: boolean, sql: SqlValues): string {
  const exists = negated ? 'not exists' : 'exists';
  if (value === undefined) return `${exists} (select from ${rows})`;
  const meant = Array.isArray(value)
    ? `${id} = any (${oneOf('uuid', value, sql)})`
    : `${id} = ${equalTo('uuid', value, sql)}`;
  return `${exists} (select from ${rows} and ${meant})`;
}

function equalTo(type: Column['type'], value: unknown, sql: SqlValues): string {
  return sql.add(type === 'uuid' ? idToBytes(value as string) : value);
}

function oneOf(type: Column['type'], values: readonly unknown[], sql: SqlValues): string {
  const sent = type === 'uuid' ? values.map((id) => idToBytes(id as string).toString('hex')) : values;
  return `${sql.add(sent)}::${type}[]`;
}
