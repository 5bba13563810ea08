import type { SqlStatement } from '../../../platform/postgres/connection.js';
import type { Lease } from '../delivery/due.js';
import { shardOf } from './shard.js';

const CHANGED_HANDS = 'HD001';

/**
 * The statement that a transaction begins with which only the owner of the endpoints' shards may make. A shard whose lease is known
 * to be lost has no token, and fails like one that was taken.
 */
export function holdShards(endpoints: Iterable<string>, tokenOf: (shard: number) => number | null): SqlStatement {
  const shards = [...new Set([...endpoints].map(shardOf))];
  return hold(shards.map((shard) => [shard, tokenOf(shard) ?? -1]));
}

/** The same, where the tokens are those under which what is written was decided. */
export function holdLeases(leases: Iterable<Lease>): SqlStatement {
  const held = new Map<string, [number, number]>();
  for (const { endpoint, token } of leases) {
    const shard = shardOf(endpoint);
    held.set(`${shard} ${token}`, [shard, token]);
  }
  return hold([...held.values()]);
}

function hold(held: readonly (readonly [shard: number, token: number])[]): SqlStatement {
  const values = [held.map(([shard]) => shard), held.map(([, token]) => token)];
  return { name: 'hold shards', text: 'select webhooks.hold($1, $2)', values };
}

export function hasChangedHands(error: unknown): boolean {
  return (error as { code?: unknown }).code === CHANGED_HANDS;
}
