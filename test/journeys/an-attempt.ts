import pg from 'pg';
import { idToBytes, newId } from '../../libs/platform/kernel/id.js';

/** An attempt to send an endpoint what made it, written down as delivery does; returns its id. */
export async function anAttempt(databaseUrl: string, endpoint: string): Promise<string> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const id = newId('att');
    await client.query(
      `insert into webhooks.attempts
         (endpoint, id, workspace, run, position, event, type, stream, number, duration_ms, status, taken)
       select $1::uuid, $2, workspace, 0, position, $3, type, stream, 1, 12, 200, true from log.events
        where stream = $1::uuid and seq = 1`,
      [endpoint, id, newId('evt')].map((one) => idToBytes(one).toString('hex')),
    );
    return id;
  } finally {
    await client.end();
  }
}
