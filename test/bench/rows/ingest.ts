import { Agent, request } from 'node:http';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { ActivityBatches } from '../activity-batches.js';
import { type Bench, settle, startProduct } from '../bench.js';
import { type Figure, median, milliseconds, percentile, perSecond, times } from '../figures.js';
import { openStore } from '../store.js';

const CONNECTIONS = 8;
const ROWS = 100;
const TARGET_RATIO = 0.4;
const WARM_UP_SECONDS = 8;

interface Measured {
  rate: number;
  p50Ms: number;
  p99Ms: number;
  failed: number;
}

/** Activities in batches, each answered once it is durable, beside COPY of the same rows into one table. */
export async function ingest(bench: Bench): Promise<Figure[]> {
  const server = await startProduct(bench, 'ingest');
  const floor = await CopyFloor.open(await bench.postgres.createDatabase('ingest_floor'));
  try {
    const { workspace } = await openStore(bench, server, 1);
    const post = () => posting(server.settings.port, workspace.key);
    await measure(post, WARM_UP_SECONDS);
    await settle(server);
    const product: Measured[] = [];
    const bare: Measured[] = [];
    const keyed: Measured[] = [];
    let behind = 0;
    for (let round = 1; round <= bench.rounds; round++) {
      product.push(await measure(post, bench.seconds));
      behind = Math.max(behind, await settle(server));
      bare.push(await measure(() => floor.copying('bare'), bench.seconds));
      keyed.push(await measure(() => floor.copying('keyed'), bench.seconds));
      bench.log(`ingest, round ${round}: ${perSecond(product.at(-1)!.rate)}, floor ${perSecond(bare.at(-1)!.rate)}, \
with a primary key ${perSecond(keyed.at(-1)!.rate)}`);
    }
    return figuresOf(product, bare, keyed, behind);
  } finally {
    await server.end();
  }
}

/** Sends one batch after the other until the time is over; each of the connections has at most one under way. */
async function measure(open: () => Promise<Sender>, seconds: number): Promise<Measured> {
  const senders = await Promise.all(Array.from({ length: CONNECTIONS }, open));
  const took: number[] = [];
  let failed = 0;
  const began = performance.now();
  const end = began + seconds * 1000;
  await Promise.all(
    senders.map(async (sender) => {
      while (performance.now() < end) {
        const at = performance.now();
        if (await sender.send()) took.push(performance.now() - at);
        else failed++;
      }
    }),
  );
  const rate = (took.length * ROWS) / ((performance.now() - began) / 1000);
  await Promise.all(senders.map((sender) => sender.close()));
  return { rate, p50Ms: percentile(took, 50), p99Ms: percentile(took, 99), failed };
}

interface Sender {
  /** Whether the whole batch was taken. */
  send(): Promise<boolean>;
  close(): Promise<void>;
}

async function posting(port: number, key: string): Promise<Sender> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const batches = new ActivityBatches(ROWS);
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  return {
    send: () =>
      new Promise((resolve, reject) => {
        const body = Buffer.from(batches.body());
        const sent = request(
          {
            port,
            host: '127.0.0.1',
            method: 'POST',
            path: '/v1/events',
            agent,
            headers: { ...headers, 'content-length': body.length },
          },
          (answer) => {
            answer.resume();
            // 207: a row was refused.
            answer.once('end', () => resolve(answer.statusCode === 200));
          },
        );
        sent.once('error', reject);
        sent.end(body);
      }),
    close: async () => agent.destroy(),
  };
}

/** Tables that hold what an activity says, and nothing that follows from it. */
class CopyFloor {
  private constructor(private readonly url: string) {}

  static async open(url: string): Promise<CopyFloor> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    for (const [table, key] of [
      ['bare', ''],
      ['keyed', ', primary key (source, id)'],
    ]) {
      await client.query(`create table ${table} (id text not null, type text not null, source text not null,
        customer text not null, occurred_at timestamptz not null, data text not null${key})`);
    }
    await client.end();
    return new CopyFloor(url);
  }

  async copying(table: string): Promise<Sender> {
    const client = new pg.Client({ connectionString: this.url });
    await client.connect();
    const batches = new ActivityBatches(ROWS);
    return {
      send: () =>
        new Promise((resolve, reject) => {
          const stream = client.query(copyFrom(`copy ${table} from stdin`));
          stream.once('error', reject);
          stream.once('finish', () => resolve(true));
          stream.end(batches.copy());
        }),
      close: () => client.end(),
    };
  }
}

function figuresOf(product: Measured[], bare: Measured[], keyed: Measured[], behind: number): Figure[] {
  const of = (rounds: Measured[], name: keyof Measured) => median(rounds.map((round) => round[name]));
  const failed = product.reduce((sum, round) => sum + round.failed, 0);
  const [rate, floor, withKey] = [of(product, 'rate'), of(bare, 'rate'), of(keyed, 'rate')];
  return [
    {
      row: 'ingest',
      what: `${CONNECTIONS} connections, batches of ${ROWS}, durable, an id each`,
      value: `${perSecond(rate)} = ${times(rate / floor)}${failed > 0 ? `, ${failed} batches failed` : ''}`,
      floor: `${perSecond(floor)} (COPY into one table)`,
      target: `≥ ${TARGET_RATIO} ×`,
      met: rate >= TARGET_RATIO * floor && failed === 0,
      numbers: { rate, floor_rate: floor, ratio: rate / floor, failed },
    },
    {
      row: 'ingest',
      what: 'beside a table that refuses a second id, too',
      value: times(rate / withKey),
      floor: `${perSecond(withKey)} (COPY, primary key)`,
      target: '–',
      met: null,
      numbers: { ratio: rate / withKey, floor_rate: withKey },
    },
    {
      row: 'ingest',
      what: 'a batch, p50 (and p99)',
      value: `${milliseconds(of(product, 'p50Ms'))} (${milliseconds(of(product, 'p99Ms'))})`,
      floor: `${milliseconds(of(bare, 'p50Ms'))} (${milliseconds(of(bare, 'p99Ms'))})`,
      target: '–',
      met: null,
      numbers: { p50_ms: of(product, 'p50Ms'), p99_ms: of(product, 'p99Ms'), idle_after_s: behind },
    },
  ];
}
