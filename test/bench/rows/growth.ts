import { JsonOverHttp } from '../../resilience/json-over-http.js';
import { type Bench, settle, startProduct } from '../bench.js';
import { rebuildFacts } from '../command-line.js';
import { type Figure, median, milliseconds, percentile, perSecond, times } from '../figures.js';
import { fill, messageBody, openStore, postLoad, type Store } from '../store.js';
import { wrk } from '../wrk.js';
import { readLoad } from './read-conversation.js';
import { measure } from './request-to-analytics.js';

const WITHIN = 1.3;
const MESSAGES_EACH = 50;
const SMALL = { conversations: 1000, filled: 180 };
const LARGE = { conversations: 20_000, filled: 20_000 };
const LONG = 10_000;
const SEQUENTIAL_POSTS = 300;

/**
 * Row 5: rows 1 to 4 on a store of a million events beside one of ten thousand, and a long conversation beside empty
 * ones. Both stores are served at the same time, one of them idle; posting comes last, for it grows the small one.
 */
export async function growth(bench: Bench): Promise<Figure[]> {
  const small = await filled(bench, 'small', SMALL);
  const large = await filled(bench, 'large', LARGE);
  try {
    const figures: Figure[] = [];
    const rounds = async (what: string, unit: 'rate' | 'time', one: (store: Store) => Promise<number>) => {
      const values = { small: [] as number[], large: [] as number[] };
      for (let round = 1; round <= bench.rounds; round++) {
        values.small.push(await one(small));
        values.large.push(await one(large));
      }
      const [atSmall, atLarge] = [median(values.small), median(values.large)];
      const ratio = unit === 'rate' ? atSmall / atLarge : atLarge / atSmall;
      figures.push(compared(`${what}, 1 M events beside 10 k`, unit, atLarge, atSmall, ratio));
      bench.log(`growth, ${what}: ${times(ratio)}`);
    };
    await rounds('reading', 'rate', async (store) => {
      const conversations = store === small ? store.posted.slice(0, SMALL.filled) : store.workspace.conversations;
      return (await wrk(readLoad(store, conversations, bench.seconds))).rate;
    });
    await rounds('rebuilding', 'rate', async ({ server }) => {
      const { events, seconds } = await rebuildFacts(server);
      return events / seconds;
    });
    await rounds('request → analytics, p50', 'time', async (store) =>
      percentile((await measure(store, bench.seconds)).samples, 50),
    );
    figures.push(await longConversation(bench, large));
    await rounds('posting', 'rate', async (store) => {
      const { rate } = await wrk(postLoad(store, store.posted, 64, Math.min(3, bench.seconds)));
      await settle(store.server);
      return rate;
    });
    return figures;
  } finally {
    await small.server.end();
    await large.server.end();
  }
}

async function filled(bench: Bench, name: string, size: { conversations: number; filled: number }): Promise<Store> {
  const server = await startProduct(bench, name);
  try {
    const store = await openStore(bench, server, size.conversations);
    const began = performance.now();
    const count = await fill(store, store.workspace.conversations.slice(0, size.filled), size.filled * MESSAGES_EACH);
    await settle(server);
    bench.log(
      `growth: ${count.toLocaleString('en-US')} messages in ${Math.round((performance.now() - began) / 1000)} s`,
    );
    return store;
  } catch (error) {
    await server.end();
    throw error;
  }
}

/** One post at a time: by turns into one conversation of 10,000 messages and into conversations that have none. */
async function longConversation(bench: Bench, store: Store): Promise<Figure> {
  const { server, workspace } = store;
  const client = new JsonOverHttp(server.settings.port, workspace.key);
  const open = async () =>
    (
      await client.must<{ id: string }>('POST', '/v1/conversations', {
        customer_id: workspace.customer,
        channel: 'web',
      })
    ).id;
  const long = await open();
  await fill(store, [long], LONG);
  await settle(server);
  const body: unknown = JSON.parse(messageBody(workspace.customer));
  const took = { long: [] as number[], empty: [] as number[] };
  for (let n = 0; n < SEQUENTIAL_POSTS * bench.rounds; n++) {
    for (const [which, conversation] of [
      ['long', long],
      ['empty', await open()],
    ] as const) {
      const began = performance.now();
      await client.must('POST', `/v1/conversations/${conversation}/messages`, body, {
        'idempotency-key': crypto.randomUUID(),
      });
      took[which].push(performance.now() - began);
    }
  }
  client.close();
  const [atLong, atEmpty] = [median(took.long), median(took.empty)];
  return compared('posting to 10,000 messages beside none, p50', 'time', atLong, atEmpty, atLong / atEmpty);
}

function compared(what: string, unit: 'rate' | 'time', value: number, floor: number, ratio: number): Figure {
  const show = unit === 'rate' ? perSecond : milliseconds;
  return {
    row: 'growth',
    what,
    value: `${show(value)}, within ${times(ratio)}`,
    floor: show(floor),
    target: `within ${WITHIN} ×`,
    met: ratio <= WITHIN,
    numbers: { [`large_${unit}`]: value, [`small_${unit}`]: floor, ratio },
  };
}
