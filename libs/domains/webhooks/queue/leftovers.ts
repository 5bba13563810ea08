import { idToBytes } from '../../../platform/kernel/id.js';
import type { Connection } from '../../../platform/postgres/connection.js';

const AT_ONCE = 1000;
const OF_DELETED = ['fresh', 'waiting', 'redrives', 'runs', 'health'] as const;

const REMOVE = (table: string): string => `
  delete from webhooks.${table} where ctid = any (array(
    select ctid from webhooks.${table} where endpoint = any ($1::uuid[]) limit ${AT_ONCE}))`;

/**
 * Removes what the queue still has of endpoints that are deleted, a part at a time: nobody waits long for a lock, and what is left
 * when the process ends is removed by the next owner. Its attempts go with their own time.
 */
export async function removeLeftovers(
  connection: Pick<Connection, 'query'>,
  endpoints: readonly string[],
  over: AbortSignal,
): Promise<void> {
  const values = [endpoints.map((endpoint) => idToBytes(endpoint).toString('hex'))];
  for (const table of OF_DELETED) {
    for (let removed = AT_ONCE; removed === AT_ONCE && !over.aborted; ) {
      const { rowCount } = await connection.query({ name: `leftovers of ${table}`, text: REMOVE(table), values });
      removed = rowCount ?? 0;
    }
  }
}
