import { idToBytes } from '../../../platform/kernel/id.js';
import type { SqlStatement } from '../../../platform/postgres/connection.js';

/** How the last attempt of a message ended. */
export interface LastAttempt {
  status: number | null;
  /** A word for why no answer came; null where one did. */
  error: string | null;
}

interface AttemptRow extends LastAttempt {
  endpoint: string;
  run: number;
  position: number;
}

interface Place {
  endpoint: string;
  run: number;
  position: number;
  eventId: string;
}

/** Attempts are found by their event; their ids are in the order in which they began. */
const LAST = `
  select p.endpoint, p.run, p.position, a.status, a.error
    from unnest($1::uuid[], $2::integer[], $3::bigint[], $4::uuid[]) p(endpoint, run, position, event)
   cross join lateral (
     select status, error from webhooks.attempts a
      where a.event = p.event and a.endpoint = p.endpoint and a.run = p.run
      order by a.id desc limit 1) a`;

type Query = (statement: SqlStatement) => Promise<{ rows: AttemptRow[] }>;

/** The last attempts of messages that are still kept, by `placeName`. */
export async function lastAttempts(query: Query, places: readonly Place[]): Promise<Map<string, LastAttempt>> {
  const { rows } = await query({
    name: 'last attempts',
    text: LAST,
    values: [
      places.map(({ endpoint }) => hexOf(endpoint)),
      places.map(({ run }) => run),
      places.map(({ position }) => position),
      places.map(({ eventId }) => hexOf(eventId)),
    ],
  });
  return new Map(rows.map((row) => [placeName({ ...row, endpoint: `whe_${row.endpoint.replaceAll('-', '')}` }), row]));
}

export function placeName({ endpoint, run, position }: Omit<Place, 'eventId'>): string {
  return `${endpoint} ${run} ${position}`;
}

/** What an attempt failed of, as events say it: `status` for an answer that is none of success. */
export function causeOf(attempt: LastAttempt | undefined): string {
  return attempt?.error ?? (attempt === undefined ? 'unknown' : 'status');
}

function hexOf(id: string): string {
  return idToBytes(id).toString('hex');
}
