import { type Bench, settle, startProduct } from '../bench.js';
import { type Figure, median, milliseconds, perSecond, times } from '../figures.js';
import { FloorProcess } from '../floor-process.js';
import { fillFloor, openFloorStore } from '../floor-store.js';
import { fill, messageBody, openStore, POSTED_CONVERSATIONS, type Store } from '../store.js';
import { type WrkLoad, type WrkResult, wrk } from '../wrk.js';

const CONNECTIONS = 32;
const TARGET_RATIO = 0.7;
/** Enough that a random spread leaves hardly a conversation below 50. */
const MESSAGES_EACH = 75;

export function readLoad(store: Store, conversations: readonly string[], seconds: number): WrkLoad {
  return {
    port: store.server.settings.port,
    connections: CONNECTIONS,
    seconds,
    method: 'GET',
    paths: conversations.map((id) => `/v1/conversations/${id}?messages=50`),
    headers: { Authorization: `Bearer ${store.workspace.key}` },
  };
}

/** Row 2: one conversation with its last 50 messages, beside the same by hand with one query. */
export async function readConversation(bench: Bench): Promise<Figure[]> {
  const server = await startProduct(bench, 'read');
  const floor = await openFloorStore(bench, 'read_floor', POSTED_CONVERSATIONS);
  const process = await FloorProcess.start(floor.url, 8, 'transaction');
  try {
    const store = await openStore(bench, server, POSTED_CONVERSATIONS);
    await fill(store, store.posted, MESSAGES_EACH * POSTED_CONVERSATIONS);
    await fillFloor(floor, MESSAGES_EACH, messageBody('cus_0198f2a07c3e7b5d9a1e4f60718293a4'));
    await settle(server);
    const floorLoad: WrkLoad = {
      port: process.port,
      connections: CONNECTIONS,
      seconds: bench.seconds,
      method: 'GET',
      paths: floor.conversations.map((id) => `/v1/conversations/${id}?messages=50`),
      headers: {},
    };
    await wrk(readLoad(store, store.posted, 2));
    await wrk({ ...floorLoad, seconds: 2 });
    const product: WrkResult[] = [];
    const byHand: WrkResult[] = [];
    for (let round = 1; round <= bench.rounds; round++) {
      product.push(await wrk(readLoad(store, store.posted, bench.seconds)));
      byHand.push(await wrk(floorLoad));
      bench.log(`read, round ${round}: ${perSecond(product.at(-1)!.rate)}, floor ${perSecond(byHand.at(-1)!.rate)}`);
    }
    const failed = product.reduce((sum, result) => sum + result.failed, 0);
    const rate = median(product.map((result) => result.rate));
    const floorRate = median(byHand.map((result) => result.rate));
    const p99 = median(product.map((result) => result.p99Ms));
    const floorP99 = median(byHand.map((result) => result.p99Ms));
    return [
      {
        row: 'read a conversation',
        what: 'with its last 50 messages, 32 connections',
        value: `${perSecond(rate)} = ${times(rate / floorRate)}, p99 ${milliseconds(p99)}${failed > 0 ? `, ${failed} failed` : ''}`,
        floor: `${perSecond(floorRate)}, p99 ${milliseconds(floorP99)} (one query)`,
        target: `≥ ${TARGET_RATIO} ×`,
        met: rate >= TARGET_RATIO * floorRate && failed === 0,
        numbers: { rate, floor_rate: floorRate, ratio: rate / floorRate, p99_ms: p99, floor_p99_ms: floorP99, failed },
      },
    ];
  } finally {
    await process.end();
    await server.end();
  }
}
