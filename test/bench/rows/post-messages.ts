import { type Bench, settle, startProduct } from '../bench.js';
import { type Figure, median, milliseconds, perSecond, times } from '../figures.js';
import { FLOOR_POOLS, FloorProcess, type FloorStyle } from '../floor-process.js';
import { type FloorStore, openFloorStore } from '../floor-store.js';
import { messageBody, openStore, POSTED_CONVERSATIONS, postLoad } from '../store.js';
import { type WrkResult, wrk } from '../wrk.js';

const CONNECTIONS = 64;
const TARGET_RATIO = 4;
/** Until the compiler has done its work: of the server's some 2 MB of code it takes 10 s, of the floor's handler one. */
const WARM_UP_SECONDS = 10;

/** Row 1: messages posted over REST, beside the same endpoint by hand. */
export async function postMessages(bench: Bench): Promise<Figure[]> {
  const server = await startProduct(bench, 'post');
  const floor = await openFloorStore(bench, 'post_floor', POSTED_CONVERSATIONS);
  try {
    const store = await openStore(bench, server, POSTED_CONVERSATIONS);
    await wrk(postLoad(store, store.posted, CONNECTIONS, WARM_UP_SECONDS));
    await settle(server);
    const pool = await bestPool(bench, floor);
    const product: WrkResult[] = [];
    const byStyle: Record<FloorStyle, WrkResult[]> = { transaction: [], statement: [] };
    let behind = 0;
    for (let round = 1; round <= bench.rounds; round++) {
      product.push(await wrk(postLoad(store, store.posted, CONNECTIONS, bench.seconds)));
      behind = Math.max(behind, await settle(server));
      for (const style of ['transaction', 'statement'] as const) {
        byStyle[style].push(await measureFloor(floor, pool, style, bench.seconds));
      }
      bench.log(`post, round ${round}: ${perSecond(product.at(-1)!.rate)}, floor \
${perSecond(byStyle.transaction.at(-1)!.rate)}, in one statement ${perSecond(byStyle.statement.at(-1)!.rate)}`);
    }
    return figuresOf(product, byStyle, pool, behind);
  } finally {
    await server.end();
  }
}

async function measureFloor(floor: FloorStore, pool: number, style: FloorStyle, seconds: number): Promise<WrkResult> {
  const process = await FloorProcess.start(floor.url, pool, style);
  try {
    const load = {
      port: process.port,
      connections: CONNECTIONS,
      method: 'POST' as const,
      paths: floor.conversations.map((id) => `/v1/conversations/${id}/messages`),
      headers: {},
      body: messageBody('cus_0198f2a07c3e7b5d9a1e4f60718293a4'),
      uniqueKeys: true,
    };
    await wrk({ ...load, seconds: 1 });
    return await wrk({ ...load, seconds });
  } finally {
    await process.end();
  }
}

async function bestPool(bench: Bench, floor: FloorStore): Promise<number> {
  let best = { pool: 0, rate: 0 };
  for (const pool of FLOOR_POOLS) {
    const { rate } = await measureFloor(floor, pool, 'transaction', Math.max(2, Math.ceil(bench.seconds / 2)));
    bench.log(`post, floor with ${pool} connections: ${perSecond(rate)}`);
    if (rate > best.rate) best = { pool, rate };
  }
  return best.pool;
}

function figuresOf(
  product: WrkResult[],
  byStyle: Record<FloorStyle, WrkResult[]>,
  pool: number,
  behind: number,
): Figure[] {
  const of = (results: WrkResult[], name: 'rate' | 'p50Ms' | 'p99Ms') => median(results.map((result) => result[name]));
  const failed = product.reduce((sum, result) => sum + result.failed, 0);
  const [rate, p99] = [of(product, 'rate'), of(product, 'p99Ms')];
  const [floorRate, floorP99] = [of(byStyle.transaction, 'rate'), of(byStyle.transaction, 'p99Ms')];
  const [hardRate, hardP99] = [of(byStyle.statement, 'rate'), of(byStyle.statement, 'p99Ms')];
  const what = '64 connections, 1,000 conversations, 200 bytes';
  return [
    {
      row: 'post messages',
      what,
      value: `${perSecond(rate)} = ${times(rate / floorRate)}${failed > 0 ? `, ${failed} failed` : ''}`,
      floor: `${perSecond(floorRate)} (a transaction each, pool of ${pool})`,
      target: `≥ ${TARGET_RATIO} ×`,
      met: rate >= TARGET_RATIO * floorRate && failed === 0,
      numbers: { rate, floor_rate: floorRate, ratio: rate / floorRate, pool, failed },
    },
    {
      row: 'post messages',
      what: 'p99 (and p50)',
      value: `${milliseconds(p99)} (${milliseconds(of(product, 'p50Ms'))})`,
      floor: `${milliseconds(floorP99)} (${milliseconds(of(byStyle.transaction, 'p50Ms'))})`,
      target: 'no worse',
      met: p99 <= floorP99,
      numbers: { p99_ms: p99, p50_ms: of(product, 'p50Ms'), floor_p99_ms: floorP99 },
    },
    {
      row: 'post messages',
      what: 'beside the floor refined to one statement',
      value: times(rate / hardRate),
      floor: `${perSecond(hardRate)}, p99 ${milliseconds(hardP99)}`,
      target: '–',
      met: null,
      numbers: { ratio: rate / hardRate, floor_rate: hardRate, floor_p99_ms: hardP99 },
    },
    {
      row: 'post messages',
      what: 'until the server was idle again after a round, at most',
      value: `${behind.toFixed(1)} s`,
      floor: '–',
      target: '–',
      met: null,
      numbers: { idle_after_s: behind },
    },
  ];
}
