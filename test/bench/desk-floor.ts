import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import pg from 'pg';
import { freePort } from '../resilience/free-port.js';

/**
 * The floor of the rows about a desk: the same conversations and messages in two plain tables of the same database, with
 * the very index that each question needs, asked by a bare Fastify in a process of its own.
 */
export async function fillDeskFloor(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(`
      create schema floor;
      create table floor.conversations as
        select conversation as id, workspace, customer, channel, title, external_id, status, priority, assignee_type,
               assignee, team, created_at, updated_at, closed_at
          from conversation.conversations;
      alter table floor.conversations add primary key (id);
      create index on floor.conversations (workspace, status, channel, priority, id);
      create table floor.messages as
        select message as id, workspace, conversation, text, occurred_at, to_tsvector('simple', text) as words
          from conversation.messages;
      alter table floor.messages add primary key (id);
      create index on floor.messages using gin (words);`);
    await client.query('vacuum analyze floor.conversations, floor.messages');
  } finally {
    await client.end();
  }
}

export interface DeskFloor {
  port: number;
  end(): Promise<void>;
}

export async function startDeskFloor(databaseUrl: string): Promise<DeskFloor> {
  const port = await freePort();
  const env = { ...process.env, NODE_ENV: 'production', FLOOR_PORT: String(port), FLOOR_DATABASE_URL: databaseUrl };
  const child = fork(join(import.meta.dirname, 'desk-floor-server.js'), { env });
  const failed = once(child, 'exit').then(() => Promise.reject(new Error('the floor did not start')));
  await Promise.race([once(child, 'message'), failed]);
  failed.catch(() => {});
  return {
    port,
    async end() {
      const gone = once(child, 'exit');
      child.disconnect();
      await gone;
    },
  };
}
