import { toId } from '../../../platform/kernel/id.js';
import type { Connection } from '../../../platform/postgres/connection.js';

/** A row that has had all its attempts, and of which no event says so. */
export interface ToTell {
  endpoint: string;
  workspace: string;
  run: number;
  position: number;
  pin: string;
  attempts: number;
  state: 'parked' | 'given_up';
  skipped: boolean;
  /** When it had its last attempt, µs. */
  since: number;
}

/** There are few, and nobody else's shards have many for long. */
const READ = `
  select endpoint, workspace, run, position, pin, attempts, state, skipped, (extract(epoch from due_at) * 1000000)::bigint as since
    from webhooks.waiting
   where state in ('parked', 'given_up') and not told
     and get_byte(uuid_send(endpoint), 15) % $2 = any ($1::integer[])
   order by endpoint, run, position limit $3`;

export async function rowsToTell(
  connection: Pick<Connection, 'query'>,
  shards: readonly number[],
  of: number,
  limit: number,
): Promise<ToTell[]> {
  const { rows } = await connection.query<ToTell>({
    name: 'rows to tell',
    text: READ,
    values: [shards, of, limit],
  });
  return rows.map((row) => ({
    ...row,
    endpoint: toId('whe', row.endpoint),
    workspace: toId('wsp', row.workspace),
  }));
}
