import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { endAllOnSignal } from '../resilience/living.js';
import { table } from '../resilience/table.js';
import { type Bench, startBench } from './bench.js';
import type { Figure } from './figures.js';
import { machineFacts } from './machine.js';
import { arrival } from './rows/arrival.js';
import { deskAtScale } from './rows/desk-at-scale.js';
import { fanOut } from './rows/fan-out.js';
import { followOnKafka } from './rows/follow-on-kafka.js';
import { growth } from './rows/growth.js';
import { ingest } from './rows/ingest.js';
import { liveReaders } from './rows/live-readers.js';
import { pastState } from './rows/past-state.js';
import { postMessages } from './rows/post-messages.js';
import { rawTopic } from './rows/raw-topic.js';
import { readConversation } from './rows/read-conversation.js';
import { readStream } from './rows/read-stream.js';
import { rebuildProjection } from './rows/rebuild-projection.js';
import { relayToKafka } from './rows/relay-to-kafka.js';
import { requestToAnalytics } from './rows/request-to-analytics.js';
import { residentMemory } from './rows/resident-memory.js';
import { webhookArrival, webhookArrivalOnKafka } from './rows/webhook-arrival.js';
import { webhookQueue } from './rows/webhook-queue.js';
import { webhookRates } from './rows/webhook-rates.js';
import { hasWrk, WRK_MISSING } from './wrk.js';

/** Every row fills its store or drives its load with wrk. */
const ROWS: Record<string, (bench: Bench) => Promise<Figure[]>> = {
  post: postMessages,
  read: readConversation,
  rebuild: rebuildProjection,
  latency: requestToAnalytics,
  growth,
  memory: residentMemory,
  desk: deskAtScale,
  past: pastState,
  live: liveReaders,
  ingest,
  arrival,
  fanout: fanOut,
  raw: rawTopic,
  relay: relayToKafka,
  kafka: followOnKafka,
  stream: readStream,
  webhooks: webhookRates,
  'webhook-arrival': webhookArrival,
  'webhook-kafka': webhookArrivalOnKafka,
  'webhook-queue': webhookQueue,
};
const USAGE = `Usage: npm run bench [-- [--only NAME]… [--rounds N] [--seconds S] [--json]]
Names: ${Object.keys(ROWS).join(', ')}`;

interface Arguments {
  rounds: number;
  seconds: number;
  json: boolean;
  only: string[];
}

function readArguments(): Arguments {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '8' },
      only: { type: 'string', multiple: true, default: [] },
      json: { type: 'boolean', default: false },
    },
  });
  const [rounds, seconds] = [Number(values.rounds), Number(values.seconds)];
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds is "${values.rounds}": give a number from 1`);
  if (!Number.isInteger(seconds) || seconds < 1)
    throw new Error(`--seconds is "${values.seconds}": give a number from 1`);
  const unknown = values.only.find((name) => !Object.hasOwn(ROWS, name));
  if (unknown !== undefined) throw new Error(`--only is "${unknown}": there is no such row`);
  return { rounds, seconds, json: values.json, only: values.only.length > 0 ? values.only : Object.keys(ROWS) };
}

function print(facts: string, figures: readonly Figure[], args: Arguments): void {
  if (args.json) {
    console.log(JSON.stringify({ machine: facts, rounds: args.rounds, seconds: args.seconds }));
    for (const { row, what, target, met, numbers } of figures) {
      console.log(JSON.stringify({ row, what, ...numbers, target, met }));
    }
    return;
  }
  const verdict = ({ met }: Figure) => (met === null ? '–' : met ? 'met' : 'falls short');
  console.log(facts);
  console.log(`median of ${args.rounds} alternating rounds of ${args.seconds} s\n`);
  console.log(
    table([
      ['row', 'what', 'Heddle', 'floor', 'target', 'verdict'],
      ...figures.map((one) => [one.row, one.what, one.value, one.floor, one.target, verdict(one)]),
    ]),
  );
}

async function run(args: Arguments): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'heddle-bench-'));
  const log = (line: string) => console.error(line);
  const bench = await startBench(folder, { rounds: args.rounds, seconds: args.seconds, log });
  try {
    const facts = await machineFacts(bench.postgres.url());
    log(facts);
    const figures: Figure[] = [];
    for (const name of args.only) {
      log(`${name} …`);
      try {
        figures.push(...(await ROWS[name]!(bench)));
      } catch (error) {
        // One row that cannot be measured does not take the others with it; it is shown, and fails the run.
        const value = (error as Error).message.split('\n')[0]!;
        figures.push({ row: name, what: 'not measured', value, floor: '–', target: '–', met: false, numbers: {} });
        process.exitCode = 1;
      }
    }
    print(facts, figures, args);
  } finally {
    await bench.postgres.destroy();
    rmSync(folder, { recursive: true, force: true });
  }
}

endAllOnSignal();
try {
  const args = readArguments();
  if (hasWrk()) await run(args);
  else console.error(WRK_MISSING);
} catch (error) {
  console.error((error as Error).message);
  if (String(error).includes('--')) console.error(USAGE);
  process.exitCode = 1;
}
