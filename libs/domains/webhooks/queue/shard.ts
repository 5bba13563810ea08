/** So many shards are there, whoever runs. */
export const SHARDS = 64;

/** The shard of an endpoint, by the last bits of its id: the random part of a UUIDv7. */
export function shardOf(endpoint: string): number {
  return Number.parseInt(endpoint.slice(-2), 16) % SHARDS;
}
