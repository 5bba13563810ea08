import type { Connection } from '../postgres/connection.js';

export interface LastEpoch {
  /** 0 where no service has been started on the store. */
  epoch: number;
  /** Whether Kafka and the store were found equal in it, or made equal. */
  isConfirmed: boolean;
}

export async function lastEpoch(connection: Connection): Promise<LastEpoch> {
  const { rows } = await connection.query<LastEpoch & Record<string, unknown>>({
    name: 'relay_epoch',
    text: `select epoch, confirmed_at is not null as "isConfirmed" from log.epochs order by epoch desc limit 1`,
  });
  return rows[0] ?? { epoch: 0, isConfirmed: true };
}

/** Lets the store take appends in this life of it, where the turn that compared the histories is still the last one. */
export async function confirmEpoch(connection: Connection, epoch: number, token: number): Promise<void> {
  await connection.query({
    text: `update log.epochs set confirmed_at = now()
            where epoch = $1 and confirmed_at is null and exists (select from log.relay where token = $2)`,
    values: [epoch, token],
  });
}
