import { endOfChain } from '../../../platform/kernel/chain.js';
import { idToBytes, toId } from '../../../platform/kernel/id.js';
import type { ReadPool } from '../../../platform/reads/read-pool.js';

/** Customers who are read as one. */
export interface Joined {
  /** The one that they are read as. */
  survivor: string;
  /** All of them, the survivor too. */
  ids: readonly string[];
  /** Whom the survivor is merged into all the same: only where some were merged into each other in a ring. */
  survivorMergedInto: string | null;
}

/** Onward to where the merges lead, and from there back to all that lead there. `union` ends where it meets a ring. */
const JOINED = `
  with recursive onward(id) as (
    select $1::uuid
     union
    select c.merged_into_id from onward o join conversation.customers c on c.id = o.id
     where c.merged_into_id is not null
  ), joined(id) as (
    select id from onward
     union
    select c.id from joined j join conversation.customers c on c.merged_into_id = j.id
  )
  select c.id, c.merged_into_id from joined j join conversation.customers c on c.id = j.id`;

/** Whom a customer is read as, and with whom; one that is not there is alone. */
export async function joinedCustomers(reads: ReadPool, workspace: string, customer: string): Promise<Joined> {
  const { rows } = await reads.query<{ id: string; merged_into_id: string | null }>(workspace, {
    name: 'joined_customers',
    text: JOINED,
    values: [idToBytes(customer)],
  });
  const into = new Map<string, string>();
  for (const row of rows) {
    if (row.merged_into_id !== null) into.set(toId('cus', row.id), toId('cus', row.merged_into_id));
  }
  const survivor = endOfChain(customer, into);
  const ids = rows.map(({ id }) => toId('cus', id));
  return {
    survivor,
    ids: ids.length === 0 ? [customer] : ids.sort(),
    survivorMergedInto: into.get(survivor) ?? null,
  };
}

/** Several customers' ids as Postgres takes a `uuid[]`. */
export function hexOf(ids: readonly string[]): string[] {
  return ids.map((id) => idToBytes(id).toString('hex'));
}
