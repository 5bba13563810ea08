import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { JsonOverHttp } from './json-over-http.js';
import type { Observation, StoredRow } from './observation.js';

interface EventItem {
  type: string;
  seq: number;
  position: number | string;
  data: { message_id?: string | null; text?: string };
}

interface MessageItem {
  id: string;
  seq: number;
  text: string;
}

interface FactsItem {
  messages: number;
  closes: number;
  reopens: number;
  last_seq: number;
}

/** How long analytics may take to show what the log holds before it counts as disagreeing. */
const CATCH_UP_MS = 15_000;

/** Reads everything of these conversations over HTTP and, where a URL is given, the whole event table over SQL. */
export async function readBack(
  port: number,
  key: string,
  conversations: readonly string[],
  databaseUrl: string | null,
): Promise<Observation> {
  const client = new JsonOverHttp(port, key);
  const seen: Observation = { events: [], messages: [], facts: [], rows: null };
  try {
    for (const stream of conversations) {
      let last = 0;
      for (const { type, seq, position, data } of await client.all<EventItem>(`/v1/conversations/${stream}/events`)) {
        const text = type === 'message.created' ? (data.text ?? null) : null;
        seen.events.push({ stream, seq, type, position: Number(position), messageId: data.message_id ?? null, text });
        last = Math.max(last, seq);
      }
      for (const { id, seq, text } of await client.all<MessageItem>(`/v1/conversations/${stream}/messages`)) {
        seen.messages.push({ stream, id, seq, text });
      }
      const { messages, closes, reopens } = await caughtUpFacts(client, stream, last);
      seen.facts.push({ stream, messages, closes, reopens });
    }
  } finally {
    client.close();
  }
  if (databaseUrl !== null) seen.rows = await readRows(databaseUrl);
  return seen;
}

async function caughtUpFacts(client: JsonOverHttp, stream: string, last: number): Promise<FactsItem> {
  const deadline = performance.now() + CATCH_UP_MS;
  for (;;) {
    const answer = await client.send('GET', `/v1/analytics/conversations/${stream}`);
    const facts = answer.status === 200 ? (answer.body as FactsItem) : null;
    if (facts !== null && (facts.last_seq >= last || performance.now() > deadline)) return facts;
    if (facts === null && performance.now() > deadline) return { messages: -1, closes: -1, reopens: -1, last_seq: 0 };
    await sleep(50);
  }
}

/** Every row of `log.events`, page by page; the role of the URL must see all workspaces. */
export async function readRows(databaseUrl: string): Promise<StoredRow[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  client.on('error', () => {});
  await client.connect();
  const rows: StoredRow[] = [];
  try {
    let after = '0';
    for (;;) {
      const { rows: page } = await client.query<{ position: string; stream: string; seq: number; type: string }>(
        `select position::text as position, replace(stream::text, '-', '') as stream, seq, type
           from log.events e where e.position > $1 order by e.position limit 20000`,
        [after],
      );
      if (page.length === 0) return rows;
      for (const row of page) rows.push({ ...row, position: Number(row.position) });
      after = page.at(-1)!.position;
    }
  } finally {
    await client.end();
  }
}
