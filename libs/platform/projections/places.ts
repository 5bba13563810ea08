import type { LogPartition } from '../event-log/event-log.js';

/** A position in each of some partitions, by their names. */
export type Places = ReadonlyMap<string, number>;

export async function endsOf(partitions: readonly LogPartition[]): Promise<Places> {
  return new Map(await Promise.all(partitions.map(async (one) => [one.name, await one.end()] as const)));
}

export function sumOf(places: Places): number {
  let sum = 0;
  for (const position of places.values()) sum += position;
  return sum;
}
