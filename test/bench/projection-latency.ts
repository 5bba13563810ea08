import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { JsonOverHttp } from '../resilience/json-over-http.js';
import type { ServerProcess } from '../resilience/server-process.js';
import { messageBody } from './store.js';

export interface ProjectionLatency {
  /** From the request's first byte out to the row seen committed, ms. */
  samples: number[];
  /** The same for the answers, ms. */
  answers: number[];
  /** The mean distance of two looks, ms: a sample is too high by half of it, and never too low. */
  resolutionMs: number;
  /** Posts whose row was not seen within `LOST_MS`. */
  unseen: number;
}

const LOST_MS = 10_000;
const LOOK_PAUSE_MS = 2;

/**
 * Posts at an even rate, whether or not answers come (an open loop: a stall is not hidden by waiting for it), each to a
 * conversation without another post under way, and watches from a session of its own for the commit that moves the
 * row of that conversation in analytics.
 */
export async function measureProjectionLatency(
  server: ServerProcess,
  key: string,
  customer: string,
  conversations: readonly string[],
  perSecond: number,
  seconds: number,
): Promise<ProjectionLatency> {
  const watcher = new pg.Client({ connectionString: server.databaseUrl });
  watcher.on('error', () => {});
  await watcher.connect();
  const client = new JsonOverHttp(server.settings.port, key);
  const body: unknown = JSON.parse(messageBody(customer));
  const pending = new Map<string, { from: number; sentAt: number }>();
  const samples: number[] = [];
  const answers: number[] = [];
  const looks: number[] = [];
  const failures: string[] = [];
  let unseen = 0;
  let over = false;

  const look = async (these: string[]) => {
    const { rows } = await watcher.query<{ conversation: string; last_seq: number }>({
      name: 'look',
      text: `select replace(conversation::text, '-', '') as conversation, last_seq
               from analytics.conversation_facts where conversation = any($1::uuid[])`,
      values: [these],
    });
    return new Map(rows.map((row) => [row.conversation, row.last_seq]));
  };
  const known = await look(conversations.map(uuid));

  const watch = async () => {
    let last = performance.now();
    while (!over || pending.size > 0) {
      if (pending.size === 0) {
        await sleep(1);
        last = performance.now();
        continue;
      }
      // Without a pause the watcher alone would take one of two cores.
      await sleep(LOOK_PAUSE_MS);
      const seen = await look([...pending.keys()]);
      const now = performance.now();
      looks.push(now - last);
      last = now;
      for (const [conversation, { from, sentAt }] of pending) {
        const seq = seen.get(conversation) ?? 0;
        if (seq > from) {
          samples.push(now - sentAt);
          known.set(conversation, seq);
          pending.delete(conversation);
        } else if (now - sentAt > LOST_MS) {
          unseen++;
          pending.delete(conversation);
        }
      }
    }
  };

  const watching = watch();
  const posts: Promise<void>[] = [];
  const began = performance.now();
  for (let n = 0; n < perSecond * seconds; n++) {
    const wait = began + (n * 1000) / perSecond - performance.now();
    if (wait > 0) await sleep(wait);
    const conversation = conversations[n % conversations.length]!;
    if (pending.has(uuid(conversation))) continue;
    const sentAt = performance.now();
    pending.set(uuid(conversation), { from: known.get(uuid(conversation)) ?? 0, sentAt });
    const headers = { 'idempotency-key': crypto.randomUUID() };
    posts.push(
      client.send('POST', `/v1/conversations/${conversation}/messages`, body, headers).then(
        ({ status }) => {
          answers.push(performance.now() - sentAt);
          if (status !== 201) failures.push(`status ${status}`);
        },
        (error: Error) => {
          failures.push(error.message);
        },
      ),
    );
  }
  await Promise.all(posts);
  over = true;
  await watching;
  client.close();
  await watcher.end();
  if (failures.length > 0) throw new Error(`${failures.length} posts failed, the first with ${failures[0]}`);
  return {
    samples,
    answers,
    unseen,
    resolutionMs: looks.reduce((sum, one) => sum + one, 0) / Math.max(1, looks.length),
  };
}

function uuid(id: string): string {
  return id.slice(id.indexOf('_') + 1);
}
