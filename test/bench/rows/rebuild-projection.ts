import pg from 'pg';
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
    const { rows: columns } = await client.query<{ name: string; type: string }>(
      `select attname as name, format_type(atttypid, atttypmod) as type from pg_attribute
        where attrelid = 'analytics.conversation_facts'::regclass and attnum > 0 and not attisdropped order by attnum`,
    );
    const names = columns.map((column) => column.name);
    const asText = names.map((name) => `${name}::text as ${name}`).join(', ');
    const { rows } = await client.query<Record<string, string>>(`select ${asText} from analytics.conversation_facts`);
    const rowOf = new Map(rows.map((row) => [row.conversation, row]));
    const { rows: log } = await client.query<{ stream: string }>(
      'select stream::text as stream from log.events where stream in (select conversation from analytics.conversation_facts) order by position',
    );
    await client.query('drop schema if exists bare cascade');
    await client.query('create schema bare');
    await client.query('create table bare.facts (like analytics.conversation_facts including all)');
    const text = `insert into bare.facts (${names.join(', ')})
      select * from unnest(${columns.map(({ type }, i) => `$${i + 1}::${type}[]`).join(', ')}) order by 1
      on conflict (conversation) do update set
      ${names
        .slice(1)
        .map((name) => `${name} = excluded.${name}`)
        .join(', ')}`;
    const batches: (string | null)[][][] = [];
    for (let from = 0; from < log.length; from += BATCH) {
      const streams = new Set(log.slice(from, from + BATCH).map((event) => event.stream));
      const touched = [...streams].map((stream) => rowOf.get(stream)!);
      batches.push(names.map((name) => touched.map((row) => row[name] ?? null)));
    }
    const began = performance.now();
    for (const values of batches) await client.query({ name: 'upsert', text, values });
    const seconds = (performance.now() - began) / 1000;
    await client.query('drop schema bare cascade');
    return { events: log.length, seconds };
  } finally {
    await client.end();
  }
}
