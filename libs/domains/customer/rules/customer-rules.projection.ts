import type { SqlStatement } from '../../../platform/postgres/connection.js';
import { arraysOf, type Columns, count, text, time, unnest, uuid } from '../../../platform/projections/column.js';
import type { ProjectedEvent, Projection } from '../../../platform/projections/projection.js';
import type { CustomerRulesEvent } from './customer-rules.events.js';

type Projected = ProjectedEvent & CustomerRulesEvent;

interface RulesRow {
  id: string;
  workspace: string;
  /** Null where it stays. */
  hours: number | null;
  at: number;
}

interface RuleRow {
  rules: string;
  workspace: string;
  /** Empty for all other channels. */
  channel: string;
  /** Null where the channel has no rule any more. */
  unknown: string | null;
  matchBy: string | null;
  name: string | null;
}

const RULES: Columns<RulesRow> = {
  id: uuid(({ id }) => id),
  workspace: uuid(({ workspace }) => workspace),
  merge_undo_hours: count(({ hours }) => hours),
  updated_at: time(({ at }) => at),
};

const RULE: Columns<RuleRow> = {
  rules: uuid(({ rules }) => rules),
  channel: text(({ channel }) => channel),
  workspace: uuid(({ workspace }) => workspace),
  unknown: text(({ unknown }) => unknown),
  match_by: text(({ matchBy }) => matchBy),
  name: text(({ name }) => name),
};

/** What each workspace says of its customers, kept in the append's own transaction. */
export const customerRulesProjection: Projection = {
  name: 'customer_rules',
  service: 'conversation',
  inline: true,
  personal: false,
  tables: ['customer_rules', 'placeholder_rules'],
  definition: ['libs/domains/customer/migrations/0008_customer_rules.sql'],
  types: [
    'customer_rules.placeholder_rule_set',
    'customer_rules.placeholder_rule_removed',
    'customer_rules.merge_window_set',
  ],
  project(events, table) {
    const all = new Map<string, RulesRow>();
    const rules = new Map<string, RuleRow>();
    for (const event of events as readonly Projected[]) {
      const { stream: id, workspace, occurred_at: at } = event.meta;
      const hours = event.type === 'customer_rules.merge_window_set' ? event.data.hours : (all.get(id)?.hours ?? null);
      all.set(id, { id, workspace, hours, at });
      const rule = ruleOf(event);
      if (rule !== null) rules.set(`${id} ${rule.channel}`, rule);
    }
    return [
      kept([...all.values()], table('customer_rules')),
      ...(rules.size === 0 ? [] : [present([...rules.values()], table('placeholder_rules'))]),
    ];
  },
};

function ruleOf(event: Projected): RuleRow | null {
  const { stream: rules, workspace } = event.meta;
  switch (event.type) {
    case 'customer_rules.placeholder_rule_set': {
      const { channel, unknown, match_by, name } = event.data;
      return { rules, workspace, channel: channel ?? '', unknown, matchBy: match_by.join(), name };
    }
    case 'customer_rules.placeholder_rule_removed':
      return { rules, workspace, channel: event.data.channel ?? '', unknown: null, matchBy: null, name: null };
    case 'customer_rules.merge_window_set':
      return null;
    default:
      return event satisfies never;
  }
}

function kept(rows: readonly RulesRow[], target: string): SqlStatement {
  const text = `
    insert into ${target} as r (${Object.keys(RULES).join(', ')}) select * from ${unnest(RULES)}
    on conflict (id) do update set updated_at = excluded.updated_at,
       merge_undo_hours = coalesce(excluded.merge_undo_hours, r.merge_undo_hours)`;
  return { name: `keep ${target}`, text, values: arraysOf(RULES, rows) };
}

function present(rows: readonly RuleRow[], target: string): SqlStatement {
  const names = Object.keys(RULE).join(', ');
  const text = `
    with e as (select * from ${unnest(RULE)}),
         gone as (delete from ${target} r using e where e.unknown is null and r.rules = e.rules and r.channel = e.channel)
    insert into ${target} (${names}) select ${names} from e where unknown is not null
    on conflict (rules, channel) do update
       set unknown = excluded.unknown, match_by = excluded.match_by, name = excluded.name`;
  return { name: `present ${target}`, text, values: arraysOf(RULE, rows) };
}
