import type { Connection } from '../../../platform/postgres/connection.js';

/**
 * Where the fan-out has never been in this store, which is another one than the log was begun in, the log was restored: what was
 * delivered before is not known here.
 */
const ADOPT = `
update webhooks.adopted a
   set position = greatest(a.position, (
         select e.fork_position from log.epochs e, webhooks.projections p
          where p.name = 'fan_out' and p.next = 1
            and e.epoch > 1 and e.epoch = (select max(epoch) from log.epochs)))
returning position`;

/** Up to here nothing is put among what is due; to be asked whenever the fan-out begins. */
export async function adoptedPosition(connection: Pick<Connection, 'query'>): Promise<number> {
  const { rows } = await connection.query<{ position: number }>({ text: ADOPT });
  return Number(rows[0]!.position);
}
