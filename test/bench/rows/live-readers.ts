import { get, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { JsonOverHttp } from '../../resilience/json-over-http.js';
import { makeWorkspace } from '../../resilience/workspace.js';
import { type Bench, settle, startProduct } from '../bench.js';
import { type Figure, median, milliseconds, percentile } from '../figures.js';

const READERS = 500;
const PER_SECOND = 20;
const TARGET_P99_MS = 50;

/** When each of the messages reached its last reader, and how many did not reach all. */
interface Round {
  last: number[];
  answers: number[];
  unseen: number;
}

/** 500 readers of one conversation's live events while 20 messages a second are posted to it. */
export async function liveReaders(bench: Bench): Promise<Figure[]> {
  const server = await startProduct(bench, 'live');
  try {
    const { port } = server.settings;
    const { key, customer, conversations } = await makeWorkspace(port, bench.rootKey, 1);
    const path = `/v1/conversations/${conversations[0]}`;
    const seen = new Map<string, { times: number; lastAt: number }>();
    const readers = await Promise.all(
      Array.from({ length: READERS }, () => openReader(port, key, `${path}/events`, seen)),
    );
    const client = new JsonOverHttp(port, key);
    await settle(server);
    const rounds: Round[] = [];
    for (let round = 0; round <= bench.rounds; round++) {
      const result = await post(client, path, customer, bench.seconds, seen);
      if (round > 0) rounds.push(result);
      bench.log(`live, round ${round}: p99 ${milliseconds(percentile(result.last, 99))} to the last reader`);
    }
    client.close();
    for (const reader of readers) reader.destroy();
    const at = (rank: number) => median(rounds.map(({ last }) => percentile(last, rank)));
    const unseen = rounds.reduce((sum, round) => sum + round.unseen, 0);
    const answered = median(rounds.map(({ answers }) => percentile(answers, 50)));
    return [
      {
        row: 'live readers',
        what: `request sent → the last of ${READERS} readers of one conversation, ${PER_SECOND} messages/s`,
        value: `p50 ${milliseconds(at(50))}, p99 ${milliseconds(at(99))}${unseen > 0 ? `, ${unseen} not seen by all` : ''}`,
        floor: `answered after ${milliseconds(answered)}`,
        target: `p99 ≤ ${TARGET_P99_MS} ms`,
        met: at(99) <= TARGET_P99_MS && unseen === 0,
        numbers: { p50_ms: at(50), p99_ms: at(99), answer_p50_ms: answered, unseen },
      },
    ];
  } finally {
    await server.end();
  }
}

async function post(
  client: JsonOverHttp,
  path: string,
  customer: string,
  seconds: number,
  seen: Map<string, { times: number; lastAt: number }>,
): Promise<Round> {
  const sent: { id: Promise<string>; at: number }[] = [];
  const answers: number[] = [];
  const body = {
    author: { type: 'customer', id: customer },
    type: 'text',
    text: 'Where is the parcel now? '.repeat(8),
  };
  const began = performance.now();
  for (let n = 0; n < seconds * PER_SECOND; n++) {
    await sleep(Math.max(0, began + (n * 1000) / PER_SECOND - performance.now()));
    const at = performance.now();
    const id = client.must<{ id: string }>('POST', `${path}/messages`, body).then((made) => {
      answers.push(performance.now() - at);
      return made.id;
    });
    sent.push({ id, at });
  }
  const ids = await Promise.all(sent.map(({ id }) => id));
  await sleep(500);
  const last: number[] = [];
  let unseen = 0;
  for (const [i, id] of ids.entries()) {
    const by = seen.get(id);
    if (by?.times === READERS) last.push(by.lastAt - sent[i]!.at);
    else unseen++;
  }
  seen.clear();
  return { last, answers, unseen };
}

/** A reader that looks into each frame for the message that it tells of, and does nothing else. */
function openReader(
  port: number,
  key: string,
  path: string,
  seen: Map<string, { times: number; lastAt: number }>,
): Promise<IncomingMessage> {
  const headers = { authorization: `Bearer ${key}`, accept: 'text/event-stream' };
  return new Promise((resolve, reject) => {
    const asked = get({ host: '127.0.0.1', port, path, headers, agent: false }, (answer) => {
      if (answer.statusCode !== 200) {
        reject(new Error(`a live reader was answered ${answer.statusCode}`));
        return;
      }
      let rest = '';
      answer.setEncoding('utf8');
      answer.on('error', () => undefined);
      answer.on('data', (chunk: string) => {
        const frames = (rest + chunk).split('\n\n');
        rest = frames.pop()!;
        for (const frame of frames) {
          const id = /"message_id":"(msg_[0-9a-f]{32})"/.exec(frame)?.[1];
          if (id === undefined) continue;
          const by = seen.get(id);
          if (by === undefined) seen.set(id, { times: 1, lastAt: performance.now() });
          else {
            by.times++;
            by.lastAt = performance.now();
          }
        }
      });
      resolve(answer);
    });
    asked.on('error', reject);
  });
}
