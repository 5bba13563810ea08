import type { SqlStatement } from '../../../platform/postgres/connection.js';
import { shardOf } from './shard.js';

const CHANGED_HANDS = 'HD001';

/**
 * The statement that a transaction begins with which only the owner of the endpoints' shards may make. A shard whose lease is known
 * to be lost has no token, and fails like one that was taken.
 */
export function holdShards(endpoints: Iterable<string>, tokenOf: (shard: number) => number | null): SqlStatement {
  const shards = [...new Set([...endpoints].map(shardOf))];
  const tokens = shards.map((shard) => tokenOf(shard) ?? -1);
  return { name: 'hold shards', text: 'select webhooks.hold($1, $2)', values: [shards, tokens] };
}

export function hasChangedHands(error: unknown): boolean {
  return (error as { code?: unknown }).code === CHANGED_HANDS;
}
