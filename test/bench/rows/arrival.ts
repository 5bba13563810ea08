import { setTimeout as sleep } from 'node:timers/promises';
import { JsonOverHttp } from '../../resilience/json-over-http.js';
import { EventReader } from '../../resilience/readers/event-reader.js';
import { makeWorkspace } from '../../resilience/workspace.js';
import { type Bench, settle, startProduct } from '../bench.js';
import { type Figure, median, milliseconds, percentile } from '../figures.js';

const PER_SECOND = 100;
const CONVERSATIONS = 100;
const TARGET = { p50: 5, p99: 25 };

/**
 * From a message's append to its event on the socket of a reader of all events. `recorded_at` is when the append begins,
 * in whole milliseconds: what is measured is up to one too long. From the request on, it is the way in, too.
 */
export async function arrival(bench: Bench): Promise<Figure[]> {
  const server = await startProduct(bench, 'arrival');
  try {
    const { port } = server.settings;
    const { key, customer, conversations } = await makeWorkspace(port, bench.rootKey, CONVERSATIONS);
    const heard = new Map<string, { at: number; sinceRecorded: number }>();
    const reader = await EventReader.open({
      url: `http://127.0.0.1:${port}`,
      key,
      transport: 'ndjson',
      since: 'now',
      onEvent: ({ line }) => {
        const at = performance.now();
        const { data, recorded_at } = JSON.parse(line);
        const sinceRecorded = performance.timeOrigin + at - Date.parse(recorded_at);
        if (data.message_id !== undefined) heard.set(data.message_id, { at, sinceRecorded });
      },
    });
    const client = new JsonOverHttp(port, key);
    await settle(server);
    const rounds: { waits: number[]; appends: number[]; answers: number[] }[] = [];
    for (let round = 0; round <= bench.rounds; round++) {
      const sent: Promise<{ id: string; at: number; answered: number }>[] = [];
      const began = performance.now();
      for (let n = 0; n < bench.seconds * PER_SECOND; n++) {
        await sleep(Math.max(0, began + (n * 1000) / PER_SECOND - performance.now()));
        sent.push(post(client, conversations[n % CONVERSATIONS]!, customer));
      }
      const posted = await Promise.all(sent);
      await sleep(500);
      const waits = posted.map(({ id, at }) => (heard.get(id)?.at ?? Number.POSITIVE_INFINITY) - at);
      const appends = posted.map(({ id }) => heard.get(id)?.sinceRecorded ?? Number.POSITIVE_INFINITY);
      // The first warms up.
      if (round > 0) rounds.push({ waits, appends, answers: posted.map(({ answered, at }) => answered - at) });
      bench.log(
        `arrival, round ${round}: p50 ${milliseconds(percentile(appends, 50))}, p99 ${milliseconds(percentile(appends, 99))}`,
      );
    }
    client.close();
    reader.cut();
    const at = (of: 'waits' | 'appends', rank: number) => median(rounds.map((round) => percentile(round[of], rank)));
    const [p50, p99] = [at('appends', 50), at('appends', 99)];
    const answer = median(rounds.map(({ answers }) => percentile(answers, 50)));
    return [
      {
        row: 'arrival',
        what: `append → on the socket of a reader of all events, ${PER_SECOND} events/s`,
        value: `p50 ${milliseconds(p50)}, p99 ${milliseconds(p99)}`,
        floor: `from the request on ${milliseconds(at('waits', 50))} and ${milliseconds(at('waits', 99))}; answered after ${milliseconds(answer)}`,
        target: `p50 ≤ ${TARGET.p50} ms, p99 ≤ ${TARGET.p99} ms`,
        met: p50 <= TARGET.p50 && p99 <= TARGET.p99,
        numbers: { p50_ms: p50, p99_ms: p99, request_p50_ms: at('waits', 50), answer_p50_ms: answer },
      },
    ];
  } finally {
    await server.end();
  }
}

async function post(client: JsonOverHttp, conversation: string, customer: string) {
  const body = { author: { type: 'customer', id: customer }, type: 'text', text: 'Where is the parcel now?' };
  const at = performance.now();
  const { id } = await client.must<{ id: string }>('POST', `/v1/conversations/${conversation}/messages`, body);
  return { id, at, answered: performance.now() };
}
