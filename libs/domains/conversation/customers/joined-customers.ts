import { endOfChain } from '../../../platform/kernel/chain.js';
import { idToBytes, toId } from '../../../platform/kernel/id.js';
import type { ReadPool } from '../../../platform/reads/read-pool.js';

/** Onward to where the merges lead, and from there back to all that lead there. `union` ends where it meets a ring. */
const MERGES = `
  with recursive onward(id) as (
    select $1::uuid
     union
    select m.into_customer from onward o join conversation.merged_customers m on m.customer = o.id
  ), joined(id) as (
    select id from onward
     union
    select m.customer from joined j join conversation.merged_customers m on m.into_customer = j.id
  )
  select m.customer, m.into_customer from joined j join conversation.merged_customers m on m.customer = j.id`;

/**
 * A customer with all who are read as the same one, as ids; alone, as most are, where nobody was merged. Conversations of
 * any of them are the customer's.
 */
export async function joinedCustomers(
  reads: ReadPool,
  workspace: string,
  customer: string,
): Promise<{ survivor: string; ids: readonly string[] }> {
  const { rows } = await reads.query<{ customer: string; into_customer: string }>(workspace, {
    name: 'merges_of_customer',
    text: MERGES,
    values: [idToBytes(customer)],
  });
  const into = new Map(rows.map((row) => [toId('cus', row.customer), toId('cus', row.into_customer)]));
  return { survivor: endOfChain(customer, into), ids: [...new Set([customer, ...into.keys(), ...into.values()])] };
}
