import { idToBytes } from '../../../platform/kernel/id.js';
import { idArray } from '../../../platform/postgres/binary-array.js';
import type { SqlStatement } from '../../../platform/postgres/connection.js';
import { arraysOf, type Columns, count, time, unnest, uuid } from '../../../platform/projections/column.js';
import { type Health, WELL } from '../delivery/endpoint-health.js';

export interface HealthRow extends Health {
  endpoint: string;
  workspace: string;
}

const FAILING: Columns<HealthRow> = {
  endpoint: uuid(({ endpoint }) => endpoint),
  workspace: uuid(({ workspace }) => workspace),
  failing_since: time(({ failingSince }) => failingSince),
  hours: count(({ hours }) => hours),
  last_hour: count(({ lastHour }) => lastHour),
};

const KEEP = `
  insert into webhooks.health (${Object.keys(FAILING).join(', ')})
  select * from ${unnest(FAILING)} order by 1
  on conflict (endpoint) do update
    set failing_since = excluded.failing_since, hours = excluded.hours, last_hour = excluded.last_hour`;

/** Of whoever is well there is no row. */
export function healthRows(rows: readonly HealthRow[]): SqlStatement[] {
  const failing = rows.filter(({ failingSince }) => failingSince !== null);
  const well = rows.filter(({ failingSince }) => failingSince === null);
  return [
    ...(failing.length > 0 ? [{ name: 'keep health', text: KEEP, values: arraysOf(FAILING, failing) }] : []),
    ...(well.length > 0 ? [forgetHealth(well.map(({ endpoint }) => endpoint))] : []),
  ];
}

/** They begin well, or are gone. */
export function forgetHealth(endpoints: readonly string[]): SqlStatement {
  return {
    name: 'forget health',
    text: 'delete from webhooks.health where endpoint = any ($1::uuid[])',
    values: [idArray(endpoints)],
  };
}

export function readHealth(endpoint: string): SqlStatement {
  return {
    name: 'read health',
    text: `select (extract(epoch from failing_since) * 1000)::float8 as failing_since, hours, last_hour
             from webhooks.health where endpoint = $1`,
    values: [idToBytes(endpoint)],
  };
}

/** What `readHealth` found. */
export function healthOf(rows: readonly Record<string, unknown>[]): Health {
  const [row] = rows as { failing_since: number; hours: number; last_hour: number }[];
  if (row === undefined) return WELL;
  return { failingSince: Math.round(row.failing_since), hours: row.hours, lastHour: row.last_hour };
}
