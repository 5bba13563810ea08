import { type Outcome, runCampaign, type Skipped } from '../campaign.js';
import type { Finding } from '../checker.js';
import type { Ledger } from '../ledger.js';
import type { Scenario, Setting } from '../scenario.js';
import type { Workspace } from '../workspace.js';
import { appliedAgain, untilRelayed } from './applied-events.js';
import type { ServiceName } from './front.js';
import { Installation, type InstallationOptions } from './installation.js';
import { findKafkaProgram } from './java-programs.js';
import { askStranger, expectedEvents, findingsOf, findStranger } from './stranger.js';

/** What a fault works with. */
export interface Strike {
  /** Of the try, from 0. */
  n: number;
  on: Installation;
  random: () => number;
  ledger: Ledger;
  workspace: Workspace;
  /** Whether no other scenario takes the machine's time, so that times can be judged. */
  alone: boolean;
  /** To be called at the fault's end, from which recovery counts. */
  over: () => void;
  /** What went wrong besides what the judges find. */
  problem: (what: string) => void;
}

export interface KafkaScenario {
  name: string;
  title: string;
  services: readonly ServiceName[];
  /** Begins once the workspace is there. */
  beside?: (on: Installation, key: string, random: () => number) => Promise<SideLoad>;
  /** Makes what is there before the installation, such as a disk, and how to strike. */
  prepare: (setting: Setting) => Promise<PreparedFault | Skipped>;
}

/** What goes on beside the campaign's own load, and is judged with it. */
export interface SideLoad {
  /** What was acknowledged to it so far. */
  readonly acknowledged: number;
  /** Resolves when nothing is under way any more, and all of it can be judged. */
  stop(): Promise<void>;
  judge(): Promise<Finding[]>;
  /** Called last, whatever happened. */
  end?(): Promise<void>;
}

/** One try. May resolve to a recovery of its own, in ms. */
export type Fault = (strike: Strike) => Promise<number | undefined>;

export interface PreparedFault {
  fault: Fault;
  /** What the installation needs of it. */
  options: Partial<Pick<InstallationOptions, 'registryUrl' | 'segments' | 'env'>>;
  end: () => Promise<void>;
}

const RECOVER_WITHIN_MS = 30_000;
const RELAYED_WITHIN_MS = 60_000;

/**
 * A scenario on services apart with their log on Kafka. Beside the checker a stranger judges: a reader of Kafka in
 * another language with other clients, to whom every promised event must show once and every stream whole.
 */
export function onKafka(
  scenario: Omit<KafkaScenario, 'prepare'> & ({ fault: Fault } | Pick<KafkaScenario, 'prepare'>),
): Scenario {
  const { name, title, services, beside } = scenario;
  const prepare =
    'prepare' in scenario
      ? scenario.prepare
      : async () => ({ fault: scenario.fault, options: {}, end: async () => undefined });
  return { name, title, run: (setting) => run({ name, title, services, prepare, ...(beside && { beside }) }, setting) };
}

async function run(scenario: KafkaScenario, setting: Setting): ReturnType<Scenario['run']> {
  const { tries, random, folder, rootKey, alone } = setting;
  const [program, stranger] = [findKafkaProgram(), findStranger()];
  if ('missing' in program) return { skipped: program.missing, lacks: 'program' };
  if ('missing' in stranger) return { skipped: stranger.missing, lacks: 'program' };
  const prepared = await scenario.prepare(setting);
  if ('skipped' in prepared) return prepared;
  try {
    const { services } = scenario;
    const on = await Installation.start({ program, folder, rootKey, services, ...prepared.options });
    const problems: string[] = [];
    let side: SideLoad | null = null;
    try {
      const outcome = await runCampaign({
        ports: [on.port],
        rootKey,
        databaseUrl: () => on.databaseUrl,
        tries,
        random,
        conversations: 36,
        clients: 6,
        pauseMs: 50,
        recoverWithinMs: RECOVER_WITHIN_MS,
        async keyMade(key) {
          await on.untilKeyIsKnown(key);
          side = (await scenario.beside?.(on, key, random)) ?? null;
        },
        recovered: (since, ledger) => appliedAgain(on, since, ledger),
        evidence: () => on.keepEvidence(),
        fault: (n, over, ledger, workspace) =>
          prepared.fault({ n, on, random, ledger, workspace, alone, over, problem: (what) => problems.push(what) }),
        async judge(ledger, workspace) {
          await side?.stop();
          const findings = await strangersFindings(on, stranger.python, ledger, workspace);
          return [...findings, ...((await side?.judge()) ?? [])];
        },
      });
      for (const { service, process } of on.processes) {
        if (process.hasEnded && !process.ending)
          outcome.problems.push(`a process of ${service} ended by itself: ${process.lastWords}`);
      }
      outcome.problems.push(...problems);
      return withSide(outcome, side);
    } finally {
      await (side as SideLoad | null)?.stop().catch(() => undefined);
      await (side as SideLoad | null)?.end?.();
      await on.end();
    }
  } finally {
    await prepared.end();
  }
}

/** What was acknowledged beside, too. */
function withSide(outcome: Outcome, side: SideLoad | null): Outcome {
  if (side === null) return outcome;
  const { acknowledged } = side;
  if (acknowledged === 0) outcome.problems.push('nothing was acknowledged beside');
  const { verdict } = outcome;
  return {
    ...outcome,
    verdict: { ...verdict, acknowledged: verdict.acknowledged + acknowledged, tried: verdict.tried + acknowledged },
  };
}

async function strangersFindings(
  on: Installation,
  python: string,
  ledger: Ledger,
  { key, conversations }: Workspace,
): Promise<Finding[]> {
  await untilRelayed(on, RELAYED_WITHIN_MS);
  const report = await askStranger({
    python,
    brokers: on.kafka.address,
    registry: on.registryUrl,
    key: on.options.registryUrl ? null : key,
    expected: expectedEvents(ledger.entries, conversations),
    folder: on.options.folder,
  });
  const [{ stored }] = (await on.rows<{ stored: string }>('select count(*) as stored from log.events')) as [
    { stored: string },
  ];
  const findings = findingsOf(report);
  if (report.events !== Number(stored)) {
    findings.push({ kind: 'disagreeing', what: `Kafka has ${report.events} events, the store has ${stored}` });
  }
  return findings;
}
