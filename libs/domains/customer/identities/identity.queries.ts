import { idToBytes, toId } from '../../../platform/kernel/id.js';
import type { ReadPool } from '../../../platform/reads/read-pool.js';
import { hexOf } from '../merges/joined-customers.js';

interface IdentityRow {
  id: string;
  customer: string;
  kind: string;
  channel: string | null;
  value: string;
  verified: boolean;
  preferred_at: number;
  added_at: string;
}

const IDENTITIES = `
  select id, customer, kind, channel, value, verified, preferred_at, added_at from conversation.customer_identities
   where customer = any ($1::uuid[]) order by id`;

/** The identities of customers who are read as one, the oldest first. Primary are those that the survivor prefers. */
export async function shownIdentities(
  reads: ReadPool,
  workspace: string,
  survivor: string,
  ids: readonly string[],
): Promise<object[]> {
  const { rows } = await reads.query<IdentityRow>(workspace, {
    name: 'identities',
    text: IDENTITIES,
    values: [hexOf(ids)],
  });
  const preferred = new Map<string, IdentityRow>();
  for (const row of rows) {
    if (row.preferred_at === 0 || toId('cus', row.customer) !== survivor) continue;
    const alike = JSON.stringify([row.kind, row.channel]);
    if (row.preferred_at > (preferred.get(alike)?.preferred_at ?? 0)) preferred.set(alike, row);
  }
  const primary = new Set(preferred.values());
  return rows.map((row) => ({
    id: toId('idn', row.id),
    customer_id: toId('cus', row.customer),
    kind: row.kind,
    channel: row.channel,
    value: row.value,
    verified: row.verified,
    primary: primary.has(row),
    added_at: row.added_at,
  }));
}

/** Who of several has an identity; null for none of them. */
export async function holderOf(
  reads: ReadPool,
  workspace: string,
  ids: readonly string[],
  identity: string,
): Promise<string | null> {
  const { rows } = await reads.query<{ customer: string }>(workspace, {
    name: 'holder_of_identity',
    text: 'select customer from conversation.customer_identities where id = $1 and customer = any ($2::uuid[])',
    values: [idToBytes(identity), hexOf(ids)],
  });
  const [found] = rows;
  return found === undefined ? null : toId('cus', found.customer);
}
