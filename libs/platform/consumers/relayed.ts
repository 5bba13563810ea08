import type { Connection } from '../postgres/connection.js';
import type { Places } from '../projections/places.js';

/**
 * Where the partitions of some topics end, once the relay has carried everything up to a position of the store there;
 * null before that. What it says comes from the relay's checkpoint, which follows the broker's acknowledgement.
 */
export async function endsOnceRelayed(
  connection: Connection,
  position: number,
  partitions: readonly string[],
): Promise<Places | null> {
  const { rows } = await connection.query<{ partition: string; end: number }>({
    name: 'ends_once_relayed',
    text: `select p.topic || '/' || p.partition as partition, p.end_offset as end
             from log.relay_partitions p
            where p.topic || '/' || p.partition = any ($2::text[])
              and (select position from log.relay) >= $1`,
    values: [position, partitions],
  });
  return rows.length === 0 ? null : new Map(rows.map((row) => [row.partition, row.end]));
}
