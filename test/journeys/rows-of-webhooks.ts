import pg from 'pg';
import { until } from '../../libs/platform/testing/until.js';

async function asService<T>(databaseUrl: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query('set role heddle_webhooks');
    return await work(client);
  } finally {
    await client.end();
  }
}

/**
 * A message that had all its attempts, as delivery leaves it: an event of a stream, or of the workspace. It is one from before the
 * endpoint, for what it was sent since may be under way.
 */
async function giveUp(client: pg.Client, workspace: string, endpoint: string, state: string, stream: string | null) {
  const { rows } = await client.query<{ position: number }>(
    `insert into webhooks.waiting (endpoint, run, position, workspace, stream, pin, attempts, state, due_at)
     select $1, 0, position, workspace, stream, '', 13, $2, now() from log.events e
      where workspace = $3 and ($4::uuid is null or stream = $4)
        and not exists (select from webhooks.waiting w where w.endpoint = $1 and w.position = e.position)
      order by position limit 1
     returning position`,
    [endpoint.slice(4), state, workspace.slice(4), stream?.slice(stream.indexOf('_') + 1) ?? null],
  );
  return rows[0]!.position;
}

/** What an endpoint did not take, told of by the service's own process; returns its id. */
export function aWebhookDeadLetter(databaseUrl: string, workspace: string, endpoint: string): Promise<string> {
  return asService(databaseUrl, async (client) => {
    const position = await giveUp(client, workspace, endpoint, 'given_up', null);
    let id: string | undefined;
    await until(async () => {
      const { rows } = await client.query<{ id: string }>(
        'select id from webhooks.webhook_dead_letters where endpoint = $1 and event_position = $2',
        [endpoint.slice(4), position],
      );
      id = rows[0]?.id;
      return id !== undefined;
    });
    return `wdl_${id!.replaceAll('-', '')}`;
  });
}

/** A lane that waits for somebody. */
export async function aParkedLane(
  databaseUrl: string,
  workspace: string,
  endpoint: string,
  stream: string,
): Promise<void> {
  await asService(databaseUrl, (client) => giveUp(client, workspace, endpoint, 'parked', stream));
}
