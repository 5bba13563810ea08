import pg from 'pg';
import type { Bench } from './bench.js';
import { FLOOR_SCHEMA } from './floor-schema.js';

/** The floor's own database, with conversations to post to. */
export interface FloorStore {
  url: string;
  conversations: string[];
}

export async function openFloorStore(bench: Bench, name: string, conversations: number): Promise<FloorStore> {
  const url = await bench.postgres.createDatabase(name);
  const ids = Array.from({ length: conversations }, () => crypto.randomUUID());
  await inFloor(url, async (client) => {
    await client.query(FLOOR_SCHEMA);
    await client.query(
      `insert into floor.conversations (id, customer_id, channel, version, messages)
       select id, id, 'web', 1, 0 from unnest($1::uuid[]) id`,
      [ids],
    );
    // Statements are planned for tables that have rows, as the product's are after a while.
    await client.query('analyze floor.conversations');
  });
  return { url, conversations: ids };
}

/** Gives every conversation so many messages more, and fresh statistics. */
export async function fillFloor(store: FloorStore, messages: number, message: string): Promise<void> {
  await inFloor(store.url, async (client) => {
    await client.query(
      `insert into floor.events (id, conversation_id, seq, type, recorded_at, payload)
       select gen_random_uuid(), c.id, c.version + n, 'message.created', now(), $2
         from generate_series(1, $1::int) n cross join floor.conversations c order by n, c.id`,
      [messages, message],
    );
    await client.query('update floor.conversations set version = version + $1, messages = messages + $1', [messages]);
    await client.query('vacuum analyze floor.events, floor.conversations');
  });
}

async function inFloor(url: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
