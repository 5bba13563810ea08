import { JsonOverHttp } from '../../resilience/json-over-http.js';
import { makeWorkspace } from '../../resilience/workspace.js';
import { type Bench, settle, startProduct } from '../bench.js';
import { type Figure, median, milliseconds, percentile, perSecond } from '../figures.js';
import { type HammerResult, hammer } from '../hammer.js';

const EVENTS = 500;
const CONNECTIONS = 2;
const TARGET_P95_MS = 15;

interface Told {
  seq: number;
  type: string;
  data: Record<string, unknown>;
}

/** A conversation of 500 events as it was after the 400th, beside folding as many decoded events by hand. */
export async function pastState(bench: Bench): Promise<Figure[]> {
  const server = await startProduct(bench, 'past');
  try {
    const { port } = server.settings;
    const { key, customer, users, conversations } = await makeWorkspace(port, bench.rootKey, 1);
    const path = `/v1/conversations/${conversations[0]}`;
    const client = new JsonOverHttp(port, key);
    for (let n = 2; n <= EVENTS; n++) {
      const author = n % 3 === 0 ? { type: 'user', id: users[0]! } : { type: 'customer', id: customer };
      if (n % 4 === 0) await client.must('PATCH', path, { priority: n % 8 === 0 ? 'high' : 'low' });
      else await client.must('POST', `${path}/messages`, { author, type: 'text', text: `Message ${n}, `.repeat(12) });
    }
    const told = await client.all<Told>(`${path}/events`);
    client.close();
    if (told.length !== EVENTS) throw new Error(`the conversation has ${told.length} events, and not ${EVENTS}`);
    await settle(server);
    const rounds: HammerResult[] = [];
    const floors: number[] = [];
    for (let round = 0; round <= bench.rounds; round++) {
      const result = await hammer({
        port,
        connections: CONNECTIONS,
        seconds: bench.seconds,
        headers: { authorization: `Bearer ${key}` },
        // 499 or 500: no answer is the one before.
        next: () => ({ method: 'GET', path: `${path}?seq=${EVENTS - Math.round(Math.random())}` }),
      });
      const floor = foldByHand(told);
      if (round === 0) continue;
      rounds.push(result);
      floors.push(floor);
      bench.log(`past, round ${round}: p95 ${milliseconds(result.p95Ms)}, ${perSecond(result.rate)}`);
    }
    const p95 = median(rounds.map((result) => result.p95Ms));
    const p50 = median(rounds.map((result) => result.p50Ms));
    const failed = rounds.reduce((sum, result) => sum + result.failed, 0);
    return [
      {
        row: 'a past state',
        what: `of a conversation of ${EVENTS} events, ${CONNECTIONS} connections`,
        value: `p50 ${milliseconds(p50)}, p95 ${milliseconds(p95)}${failed > 0 ? `, ${failed} failed` : ''}`,
        floor: `p95 ${median(floors).toFixed(3)} ms (the fold alone, of decoded events)`,
        target: `p95 ≤ ${TARGET_P95_MS} ms`,
        met: p95 <= TARGET_P95_MS && failed === 0,
        numbers: { p50_ms: p50, p95_ms: p95, floor_p95_ms: median(floors), failed },
      },
    ];
  } finally {
    await server.end();
  }
}

/** The 95th percentile of folding the events into a conversation, ms. */
function foldByHand(events: readonly Told[]): number {
  const took: number[] = [];
  for (let i = 0; i < 2000; i++) {
    const began = performance.now();
    const state: Record<string, unknown> = { status: 'open', priority: 'normal', messages: 0, seq: 0 };
    for (const { seq, type, data } of events) {
      if (type === 'message.created') state.messages = (state.messages as number) + 1;
      else Object.assign(state, data);
      state.seq = seq;
    }
    if (state.seq !== events.length) throw new Error('the fold by hand lost an event');
    took.push(performance.now() - began);
  }
  return percentile(took, 95);
}
