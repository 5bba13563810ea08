import type { Connection } from '../postgres/connection.js';

export interface RelayLag {
  /** Every event up to here is on Kafka. */
  position: number;
  /** How many events are not. */
  lagPositions: number;
  /** How long the oldest of them has been waiting, s. */
  lagSeconds: number;
}

const READ_LAG = `
with relayed as (select coalesce((select position from log.relay), 0) as position)
select r.position,
       greatest(0, (select coalesce(max(position), 0) from log.events) - r.position) as "lagPositions",
       greatest(0, coalesce((select extract(epoch from now() - e.recorded_at) from log.events e
                              where e.position > r.position order by e.position limit 1), 0))::float8 as "lagSeconds"
  from relayed r`;

export async function readLag(connection: Connection): Promise<RelayLag> {
  const { rows } = await connection.query<RelayLag & Record<string, unknown>>({ name: 'relay_lag', text: READ_LAG });
  const { position, lagPositions, lagSeconds } = rows[0]!;
  return { position: Number(position), lagPositions: Number(lagPositions), lagSeconds: Number(lagSeconds) };
}
