import { idToBytes } from '../../../platform/kernel/id.js';
import type { Connection } from '../../../platform/postgres/connection.js';

/** After a restore there are no numbers, and the log has events of runs that were. */
const DRAW = `
  insert into webhooks.runs as r (endpoint, workspace, next)
  select $1, $2, 2 + coalesce(greatest(
           (select max(redriven_run) from webhooks.webhook_dead_letters where endpoint = $1),
           (select max(run) from webhooks.webhook_replays where endpoint = $1)), 0)
  on conflict (endpoint) do update set next = r.next + 1
  returning next - 1 as run`;

/** The number of an endpoint's next run, which nobody else is given; one that comes to nothing is left out. */
export async function drawRun(
  connection: Pick<Connection, 'query'>,
  workspace: string,
  endpoint: string,
): Promise<number> {
  const { rows } = await connection.query<{ run: number }>({
    name: 'draw run',
    text: DRAW,
    values: [idToBytes(endpoint), idToBytes(workspace)],
  });
  return rows[0]!.run;
}
