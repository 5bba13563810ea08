import pg from 'pg';
import type { LogRow } from './reader-judge.js';

/** All events of the workspace that an id, its own or one of its streams', belongs to, as the owner of the database sees them. */
export async function workspaceLog(databaseUrl: string, id: string): Promise<LogRow[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  client.on('error', () => {});
  await client.connect();
  try {
    const { rows } = await client.query<LogRow>(
      `select replace(e.stream::text, '-', '') as stream, e.seq, e.type
         from log.events e
        where e.workspace = coalesce((select workspace from log.events where stream = $1 and seq = 1), $1)
        order by e.position`,
      [id.slice(id.indexOf('_') + 1)],
    );
    return rows;
  } finally {
    await client.end();
  }
}
