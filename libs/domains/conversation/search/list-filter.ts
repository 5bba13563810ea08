import type { Priority, Status } from '../conversation.commands.js';
import type { Condition, CustomFieldCondition, Filter } from './filter.js';

/** The filters that a list takes in its query; all of them hold. Ids, or `none` where there may be none. */
export interface ListFilters {
  status?: Status | undefined;
  status_detail?: string | undefined;
  assignee?: string | undefined;
  team?: string | undefined;
  label?: string | undefined;
  priority?: Priority | undefined;
  customer?: string | undefined;
  company?: string | undefined;
  tenant?: string | undefined;
  channel?: string | undefined;
  external_id?: string | undefined;
  created_after?: string | undefined;
  created_before?: string | undefined;
  updated_after?: string | undefined;
  updated_before?: string | undefined;
  /** Made of the query's `field` by what is declared. */
  custom_field?: CustomFieldCondition | undefined;
}

/** The same as a filter; undefined for no filter at all. */
export function listFilter(query: ListFilters): Filter | undefined {
  const and = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [conditionOf(name, value)]));
  return and.length === 0 ? undefined : { and };
}

function conditionOf(name: string, value: string | CustomFieldCondition): Condition {
  if (typeof value !== 'string') return value;
  const range = /^(created|updated)_(after|before)$/.exec(name);
  if (range !== null) return { field: `${range[1]}_at`, op: range[2], value } as Condition;
  if (value === 'none' && (name === 'assignee' || name === 'team')) return { field: name, op: 'none' };
  return { field: name, op: 'is', value } as Condition;
}
