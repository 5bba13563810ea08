import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Outcome, Skipped } from './campaign.js';
import { endAllOnSignal } from './living.js';
import { printOutcomes, printOutcomesAsJson } from './report.js';
import type { Scenario } from './scenario.js';
import { diskFull } from './scenarios/disk-full.js';
import { killPostgres } from './scenarios/kill-postgres.js';
import { killServer } from './scenarios/kill-server.js';
import { launcherChain } from './scenarios/launcher-chain.js';
import { postgresStopped } from './scenarios/postgres-stopped.js';
import { threeServers } from './scenarios/three-servers.js';
import { seededRandom } from './seeded-random.js';

const SCENARIOS: Scenario[] = [killServer, killPostgres, threeServers, postgresStopped, diskFull, launcherChain];
const USAGE = `Usage: npm run faults -- [--tries N] [--only NAME]… [--seed N] [--json]
Names: ${SCENARIOS.map((scenario) => scenario.name).join(', ')}`;

interface Arguments {
  tries: number;
  seed: number;
  json: boolean;
  scenarios: Scenario[];
}

function readArguments(): Arguments {
  const { values } = parseArgs({
    options: {
      tries: { type: 'string', default: process.env.CI === 'true' ? '3' : '50' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
      only: { type: 'string', multiple: true, default: [] },
      json: { type: 'boolean', default: false },
    },
  });
  const [tries, seed] = [Number(values.tries), Number(values.seed)];
  if (!Number.isInteger(tries) || tries < 1)
    throw new Error(`--tries is "${values.tries}": give a whole number from 1`);
  if (!Number.isInteger(seed)) throw new Error(`--seed is "${values.seed}": give a whole number`);
  const unknown = values.only.find((name) => !SCENARIOS.some((scenario) => scenario.name === name));
  if (unknown !== undefined) throw new Error(`--only is "${unknown}": there is no such scenario`);
  const scenarios = SCENARIOS.filter(({ name }) => values.only.length === 0 || values.only.includes(name));
  return { tries, seed, json: values.json, scenarios };
}

async function runScenario(scenario: Scenario, { tries, seed }: Arguments): Promise<Outcome | Skipped> {
  const folder = mkdtempSync(join(tmpdir(), `heddle-faults-${scenario.name}-`));
  try {
    const rootKey = `root-${crypto.randomUUID()}`;
    return await scenario.run({ tries, random: seededRandom(seed), folder, rootKey });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

endAllOnSignal();
try {
  const args = readArguments();
  console.error(`seed ${args.seed}, ${args.tries} tries each`);
  const outcomes: [Scenario, Outcome | Skipped][] = [];
  let brokeOff = false;
  for (const scenario of args.scenarios) {
    const began = performance.now();
    console.error(`${scenario.name}: ${scenario.title} …`);
    try {
      outcomes.push([scenario, await runScenario(scenario, args)]);
    } catch (error) {
      // What the others found is shown all the same.
      brokeOff = true;
      console.error(`${scenario.name}: broke off: ${(error as Error).message}`);
      continue;
    }
    console.error(`${scenario.name}: done in ${Math.round((performance.now() - began) / 1000)} s`);
  }
  const sound = (args.json ? printOutcomesAsJson : printOutcomes)(outcomes);
  process.exitCode = sound && !brokeOff ? 0 : 1;
} catch (error) {
  console.error((error as Error).message);
  if ((error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS') || String(error).includes('--'))
    console.error(USAGE);
  process.exitCode = 1;
}
