import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Outcome, Skipped } from './campaign.js';
import { inParallel } from './in-parallel.js';
import { brokerGone } from './kafka/scenarios/broker-gone.js';
import { brokerDiskFull } from './kafka/scenarios/disk-full.js';
import { killBroker } from './kafka/scenarios/kill-broker.js';
import { killConsumer } from './kafka/scenarios/kill-consumer.js';
import { killConversation } from './kafka/scenarios/kill-conversation.js';
import { killRelay } from './kafka/scenarios/kill-relay.js';
import { poison } from './kafka/scenarios/poison.js';
import { rawTopic } from './kafka/scenarios/raw-topic.js';
import { rebalances } from './kafka/scenarios/rebalances.js';
import { registryGone } from './kafka/scenarios/registry-gone.js';
import { relayStopped } from './kafka/scenarios/relay-stopped.js';
import { relaysAtOnce } from './kafka/scenarios/relays-at-once.js';
import { webhooks as kafkaWebhooks } from './kafka/scenarios/webhooks.js';
import { endAllOnSignal } from './living.js';
import { printOutcomes, printOutcomesAsJson, summaryOf } from './report.js';
import type { Scenario } from './scenario.js';
import { diskFull } from './scenarios/disk-full.js';
import { killActivities } from './scenarios/kill-activities.js';
import { killPostgres } from './scenarios/kill-postgres.js';
import { killServer } from './scenarios/kill-server.js';
import { launcherChain } from './scenarios/launcher-chain.js';
import { postgresStopped } from './scenarios/postgres-stopped.js';
import { readersCut } from './scenarios/readers-cut.js';
import { readersKillServer } from './scenarios/readers-kill-server.js';
import { readersSlow } from './scenarios/readers-slow.js';
import { readersThousand } from './scenarios/readers-thousand.js';
import { threeServers } from './scenarios/three-servers.js';
import { webhooksClock } from './scenarios/webhooks-clock.js';
import { webhooksKill } from './scenarios/webhooks-kill.js';
import { webhooksPostgres } from './scenarios/webhooks-postgres.js';
import { webhooksReceivers } from './scenarios/webhooks-receivers.js';
import { webhooksTwoProcesses } from './scenarios/webhooks-two-processes.js';
import { seededRandom } from './seeded-random.js';

const SCENARIOS: Scenario[] = [
  ...[killServer, killActivities, killPostgres, threeServers, postgresStopped, diskFull, launcherChain],
  ...[readersCut, readersSlow, readersThousand, readersKillServer],
  ...[webhooksKill, webhooksPostgres, webhooksReceivers, webhooksClock, webhooksTwoProcesses],
  ...[killRelay, relaysAtOnce, relayStopped, killConsumer, rebalances, killConversation],
  ...[killBroker, brokerGone, brokerDiskFull, registryGone, poison, rawTopic, kafkaWebhooks],
];
const USAGE = `Usage: npm run faults -- [--tries N] [--only NAME]… [--except NAME]… [--at-once N] [--registry-gone SECONDS] [--seed N] [--json]
A name may end in *, for all that begin so; --at-once runs so many of them side by side, and slower.
With CI=true what is skipped for want of a program is a failure.
Names: ${SCENARIOS.map((scenario) => scenario.name).join(', ')}`;

interface Arguments {
  tries: number;
  seed: number;
  json: boolean;
  scenarios: Scenario[];
  atOnce: number;
  registryGoneSeconds: number | null;
}

function readArguments(): Arguments {
  const { values } = parseArgs({
    options: {
      tries: { type: 'string', default: process.env.CI === 'true' ? '3' : '50' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
      only: { type: 'string', multiple: true, default: [] },
      except: { type: 'string', multiple: true, default: [] },
      'at-once': { type: 'string', default: '1' },
      'registry-gone': { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const tries = wholeNumber('tries', values.tries, 1);
  const atOnce = wholeNumber('at-once', values['at-once'], 1);
  const seed = wholeNumber('seed', values.seed, Number.MIN_SAFE_INTEGER);
  const gone = values['registry-gone'];
  const registryGoneSeconds = gone === undefined ? null : wholeNumber('registry-gone', gone, 1);
  for (const option of ['only', 'except'] as const) {
    const unknown = values[option].find((name) => !SCENARIOS.some((scenario) => isMeant(scenario, name)));
    if (unknown !== undefined) throw new Error(`--${option} is "${unknown}": there is no such scenario`);
  }
  const { only, except } = values;
  const scenarios = SCENARIOS.filter((one) => only.length === 0 || only.some((name) => isMeant(one, name))).filter(
    (one) => !except.some((name) => isMeant(one, name)),
  );
  return { tries, seed, json: values.json, scenarios, atOnce, registryGoneSeconds };
}

function wholeNumber(option: string, text: string, least: number): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= least) return number;
  throw new Error(`--${option} is "${text}": give a whole number${least === 1 ? ' from 1' : ''}`);
}

function isMeant(scenario: Scenario, name: string): boolean {
  return name.endsWith('*') ? scenario.name.startsWith(name.slice(0, -1)) : scenario.name === name;
}

async function runScenario(
  scenario: Scenario,
  { tries, seed, registryGoneSeconds, atOnce }: Arguments,
): Promise<Outcome | Skipped> {
  const folder = mkdtempSync(join(tmpdir(), `heddle-faults-${scenario.name}-`));
  try {
    const rootKey = `root-${crypto.randomUUID()}`;
    const random = seededRandom(seed);
    return await scenario.run({ tries, random, folder, rootKey, alone: atOnce === 1, registryGoneSeconds });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

endAllOnSignal();
try {
  const args = readArguments();
  console.error(`seed ${args.seed}, ${args.tries} tries each`);
  const outcomes = new Map<Scenario, Outcome | Skipped>();
  let brokeOff = false;
  await inParallel(args.atOnce, args.scenarios, async (scenario) => {
    const began = performance.now();
    console.error(`${scenario.name}: ${scenario.title} …`);
    try {
      const outcome = await runScenario(scenario, args);
      outcomes.set(scenario, outcome);
      const seconds = Math.round((performance.now() - began) / 1000);
      console.error(`${scenario.name}: done in ${seconds} s: ${summaryOf(outcome)}`);
    } catch (error) {
      // What the others found is shown all the same.
      brokeOff = true;
      console.error(`${scenario.name}: broke off: ${(error as Error).message}`);
    }
  });
  const shown = args.scenarios.flatMap((scenario) => {
    const outcome = outcomes.get(scenario);
    return outcome === undefined ? [] : [[scenario, outcome] as [Scenario, Outcome | Skipped]];
  });
  const sound = (args.json ? printOutcomesAsJson : printOutcomes)(shown);
  process.exitCode = sound && !brokeOff ? 0 : 1;
} catch (error) {
  console.error((error as Error).message);
  if ((error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS') || String(error).includes('--'))
    console.error(USAGE);
  process.exitCode = 1;
}
