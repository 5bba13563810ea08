import type { Connection } from '../postgres/connection.js';

/**
 * The positions between two that no event has, and none will get: the store goes on after them, the relay has carried
 * it that far, and it has lost nothing that it does not know of. Such are those that `heddle log reconcile` calls
 * missing. Looks at 10,000 positions at the most, from the first on.
 */
export async function absentPositions(
  connection: Pick<Connection, 'query'>,
  after: number,
  before: number,
): Promise<number[]> {
  const { rows } = await connection.query<{ position: number }>({ text: ABSENT, values: [after, before] });
  return rows.map(({ position }) => Number(position));
}

/** A life that awaits Kafka has not seen yet what it lacks. */
const ABSENT = `
select n as position from generate_series($1::bigint + 1, least($2::bigint - 1, $1::bigint + 10000)) n
 where n < (select max(position) from log.events)
   and n <= (select position from log.relay)
   and not exists (select from log.events e where e.position = n)
   and exists (select from log.epochs
                where epoch = (select max(epoch) from log.epochs) and (epoch = 1 or confirmed_at is not null))
 order by n`;
