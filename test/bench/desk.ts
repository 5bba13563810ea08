import { Readable } from 'node:stream';
import pg from 'pg';
import { JsonOverHttp } from '../resilience/json-over-http.js';
import type { ServerProcess } from '../resilience/server-process.js';
import { makeWorkspace } from '../resilience/workspace.js';
import { type Bench, settle, startProduct } from './bench.js';
import { deskFile } from './desk-file.js';

export const DESK_CONVERSATIONS = 100_000;
export const DESK_MESSAGES_EACH = 10;
const AT_ONCE = 32;

/** A product server that holds a desk's history. */
export interface Desk {
  server: ServerProcess;
  key: string;
  customer: string;
  users: string[];
}

/** Opens a store with 100,000 conversations and 1,000,000 messages, a quarter of them urgent or high, all read models made. */
export async function openDesk(bench: Bench): Promise<Desk> {
  const server = await startProduct(bench, 'desk');
  const { port } = server.settings;
  const workspace = await makeWorkspace(port, bench.rootKey, 0);
  const { key, customer, users } = workspace;
  let began = performance.now();
  const took = () => `${Math.round((performance.now() - began) / 1000)} s`;
  await importDesk(port, key);
  bench.log(`desk: ${DESK_CONVERSATIONS * DESK_MESSAGES_EACH} messages imported in ${took()}`);
  began = performance.now();
  const client = new JsonOverHttp(port, key);
  const conversations = await client.all<{ id: string }>('/v1/conversations');
  let n = 0;
  const raise = async () => {
    for (let i = n++; i < conversations.length; i = n++) {
      if (i % 4 !== 0) continue;
      const priority = i % 8 === 0 ? 'high' : 'urgent';
      await client.must('PATCH', `/v1/conversations/${conversations[i]!.id}`, { priority });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, raise));
  client.close();
  bench.log(`desk: ${Math.ceil(conversations.length / 4)} priorities set in ${took()}`);
  began = performance.now();
  await settle(server, 900);
  await analyzed(server.databaseUrl);
  bench.log(`desk: read models behind the log were made in ${took()} more`);
  return { server, key, customer, users };
}

async function importDesk(port: number, key: string): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${port}/v1/import`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/x-ndjson' },
    body: Readable.toWeb(Readable.from(deskFile(DESK_CONVERSATIONS, DESK_MESSAGES_EACH))) as ReadableStream,
    duplex: 'half',
  } as RequestInit);
  const said = await answer.text();
  if (!answer.ok || !said.includes(`"created":${DESK_CONVERSATIONS}`)) {
    throw new Error(`the desk's history was answered ${answer.status}: ${said.slice(-300)}`);
  }
}

/** Statistics and visibility as a store has them after a quiet while. */
async function analyzed(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query('vacuum analyze');
    await client.query('checkpoint');
  } finally {
    await client.end();
  }
}
