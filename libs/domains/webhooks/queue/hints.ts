import type { SqlStatement } from '../../../platform/postgres/connection.js';

/** Rows may have been added to `fresh`; or somebody resumed a lane, or skipped what it waited for. */
export type Hint = { kind: 'fresh'; endpoint: string; run: number } | { kind: 'waiting'; endpoint: string };

export const HINTS_CHANNEL = 'heddle_webhooks';

/** Tells all processes that deliver, once the transaction is committed, of fresh rows. */
export function hintOthers(endpoints: readonly string[], run: number): SqlStatement {
  return {
    name: 'hint fresh',
    text: `select pg_notify('${HINTS_CHANNEL}', 'fresh ' || e || ' ' || $2::integer) from unnest($1::text[]) e`,
    values: [endpoints, run],
  };
}

/** Tells them of rows in `waiting`. */
export function hintWaiting(endpoints: readonly string[]): SqlStatement {
  return {
    name: 'hint waiting',
    text: `select pg_notify('${HINTS_CHANNEL}', 'waiting ' || e) from unnest($1::text[]) e`,
    values: [endpoints],
  };
}

/** Null for what is no hint. */
export function parseHint(payload: string): Hint | null {
  const [kind, endpoint, run] = payload.split(' ');
  if (endpoint === undefined) return null;
  if (kind === 'waiting') return { kind, endpoint };
  return kind === 'fresh' && run !== undefined ? { kind, endpoint, run: Number(run) } : null;
}
