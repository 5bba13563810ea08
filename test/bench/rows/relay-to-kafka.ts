import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type Bench, settle, startProduct } from '../bench.js';
import { type Figure, median, perSecond, times } from '../figures.js';
import { bareRelay } from '../kafka/bare-relay.js';
import { kafkaEnv, sharedKafka, startProcess } from '../kafka/kafka-bench.js';
import { fill, openStore, POSTED_CONVERSATIONS } from '../store.js';

const TARGET_RATIO = 0.8;
const MESSAGES = 100_000;
const LOOK_MS = 10;

/** On Kafka, row 1: the relay carries a store's history, beside the bare loop that selects and sends the same events. */
export async function relayToKafka(bench: Bench): Promise<Figure[]> {
  const kafka = await sharedKafka(bench);
  const server = await startProduct(bench, 'relay');
  const { databaseUrl } = server;
  const store = await openStore(bench, server, POSTED_CONVERSATIONS);
  await fill(store, store.posted, MESSAGES);
  await settle(server);
  await server.end();
  const [rates, floors, fromMemory]: number[][] = [[], [], []];
  for (let round = 1; round <= bench.rounds; round++) {
    rates!.push(await relayed(bench, databaseUrl, kafkaEnv(kafka, `relay-${round}`), round));
    const bare = await bareRelay(databaseUrl, [kafka.address], `bare-${round}`);
    floors!.push(bare.fromTable);
    fromMemory!.push(bare.fromMemory);
    bench.log(`relay, round ${round}: ${perSecond(rates!.at(-1)!)}, floor ${perSecond(bare.fromTable)}`);
  }
  const [rate, floor, memory] = [median(rates!), median(floors!), median(fromMemory!)];
  return [
    {
      row: 'relay, store → Kafka',
      what: 'the history of a store of over 100,000 events, acks=all',
      value: `${perSecond(rate)} = ${times(rate / floor)}`,
      floor: `${perSecond(floor)} (select and send); fed from memory ${perSecond(memory)}`,
      target: `≥ ${TARGET_RATIO} ×`,
      met: rate >= TARGET_RATIO * floor,
      numbers: {
        events_per_s: rate,
        floor_events_per_s: floor,
        from_memory_events_per_s: memory,
        ratio: rate / floor,
        ratio_to_memory: rate / memory,
      },
    },
  ];
}

/** From the first checkpoint to the one that reaches the store's end, by what stands between the two. */
async function relayed(bench: Bench, databaseUrl: string, env: Record<string, string>, round: number): Promise<number> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  // As in a new installation: nothing of the round before.
  await client.query('delete from log.relay_partitions; delete from log.relay');
  const relay = await startProcess(bench, `relay-${round}`, databaseUrl, env, 'relay');
  try {
    const { rows: ends } = await client.query<{ end: string }>('select max(position)::text as end from log.events');
    const end = Number(ends[0]!.end);
    let first: { position: number; at: number } | null = null;
    for (;;) {
      const { rows } = await client.query<{ position: string }>('select position::text from log.relay');
      const position = Number(rows[0]?.position ?? 0);
      const at = performance.now();
      if (position > 0) first ??= { position, at };
      if (position >= end) return (position - first!.position) / ((at - first!.at) / 1000);
      await sleep(LOOK_MS);
    }
  } finally {
    await relay.end();
    await client.end();
  }
}
