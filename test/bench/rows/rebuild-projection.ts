import pg from 'pg';
import { BareFacts } from '../bare-facts.js';
import { type Bench, settle, startProduct } from '../bench.js';
import { rebuildFacts } from '../command-line.js';
import { type Figure, median, perSecond, times } from '../figures.js';
import { fill, openStore } from '../store.js';

const TARGET_RATIO = 0.5;
const CONVERSATIONS = 20_000;
const MESSAGES = 100_000;
/** Events that one statement of the product's replay takes in. */
const BATCH = 10_000;

/** Row 3: a projection rebuilt from the log, beside the bare multi-row upsert of the same rows in the same batches. */
export async function rebuildProjection(bench: Bench): Promise<Figure[]> {
  const server = await startProduct(bench, 'rebuild');
  try {
    const store = await openStore(bench, server, CONVERSATIONS);
    await fill(store, store.workspace.conversations, MESSAGES);
    await settle(server);
    const rates: number[] = [];
    const floors: number[] = [];
    let events = 0;
    for (let round = 1; round <= bench.rounds; round++) {
      const rebuilt = await rebuildFacts(server);
      events = rebuilt.events;
      rates.push(rebuilt.events / rebuilt.seconds);
      const floor = await bareUpsert(server.databaseUrl);
      floors.push(floor.events / floor.seconds);
      bench.log(`rebuild, round ${round}: ${perSecond(rates.at(-1)!)}, floor ${perSecond(floors.at(-1)!)}`);
    }
    const [rate, floorRate] = [median(rates), median(floors)];
    return [
      {
        row: 'rebuild a projection',
        what: `conversation_facts, ${events.toLocaleString('en-US')} events of 20,000 conversations`,
        value: `${perSecond(rate)} = ${times(rate / floorRate)}`,
        floor: `${perSecond(floorRate)} (upsert of the rows of ${BATCH.toLocaleString('en-US')} events each)`,
        target: `≥ ${TARGET_RATIO} ×`,
        met: rate >= TARGET_RATIO * floorRate,
        numbers: { events_per_s: rate, floor_events_per_s: floorRate, ratio: rate / floorRate, events },
      },
    ];
  } finally {
    await server.end();
  }
}

/**
 * Upserts, for every batch of events, the rows that it touches into an equal table: one statement and one commit a
 * batch, the values at hand. Neither reading the log nor decoding nor folding is in it.
 */
async function bareUpsert(databaseUrl: string): Promise<{ events: number; seconds: number }> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const facts = await BareFacts.create(client);
    const { rows: log } = await client.query<{ stream: string }>(
      'select stream::text as stream from log.events where stream in (select conversation from analytics.conversation_facts) order by position',
    );
    const batches: (string | null)[][][] = [];
    for (let from = 0; from < log.length; from += BATCH) {
      batches.push(facts.valuesOf(new Set(log.slice(from, from + BATCH).map((event) => event.stream))));
    }
    const began = performance.now();
    for (const values of batches) await facts.upsert(values);
    const seconds = (performance.now() - began) / 1000;
    await facts.drop();
    return { events: log.length, seconds };
  } finally {
    await client.end();
  }
}
