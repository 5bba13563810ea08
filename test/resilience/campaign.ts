import { setTimeout as sleep } from 'node:timers/promises';
import { check, type Finding, type Verdict, withFindings } from './checker.js';
import { Ledger } from './ledger.js';
import { Load } from './load.js';
import { readBack } from './read-back.js';
import { makeWorkspace, type Workspace } from './workspace.js';

export interface Outcome {
  tries: number;
  ledger: Ledger;
  verdict: Verdict;
  worstRecoveryMs: number;
  /** What went wrong besides what the checker counts: a slow recovery, an answer that no fault excuses. */
  problems: string[];
}

export interface Skipped {
  skipped: string;
  /** A program that can be installed, so that CI must have it; or a right that not everybody has. */
  lacks: 'program' | 'right';
}

export interface Campaign {
  ports: number[];
  rootKey: string;
  /** Asked for at the end: the database may have moved meanwhile. */
  databaseUrl: () => string;
  tries: number;
  random: () => number;
  /**
   * One fault. Calls `begun` at the moment from which recovery counts: the strike, or the end of the cause. May resolve
   * to a recovery of its own, in ms, such as that of one server of several.
   */
  fault: (n: number, begun: () => void, ledger: Ledger, workspace: Workspace) => Promise<number | undefined>;
  /** From there to the acknowledgement of a request that began later, or to what `recovered` waits for. */
  recoverWithinMs: number;
  /** Resolves, with the time, when all works again; where it is left out, a request that began later is acknowledged. */
  recovered?: (since: number, ledger: Ledger) => Promise<number>;
  /** Asked where a recovery does not come, before all is ended: keeps what tells why, and resolves to where that is. */
  evidence?: () => Promise<string>;
  /** Waits until a new key is known wherever it has to be. */
  keyMade?: (key: string) => Promise<void>;
  /** A further judge, asked after the checker. */
  judge?: (ledger: Ledger, workspace: Workspace) => Promise<Finding[]>;
  conversations?: number;
  clients?: number;
  pauseMs?: number;
}

export const RECOVER_WITHIN_MS = 10_000;

/**
 * Writes without a break while `tries` faults strike at random moments, lets every write come to its answer, and has
 * the checker hold what was promised against what there is.
 */
export async function runCampaign(campaign: Campaign): Promise<Outcome> {
  const { ports, random, tries } = campaign;
  const { rootKey, conversations = 24, keyMade } = campaign;
  const workspace = await makeWorkspace(ports[0]!, rootKey, conversations, keyMade);
  const ledger = new Ledger();
  const problems: string[] = [];
  const recovery = campaign.recovered ?? ((since: number) => ledger.firstAcknowledgementAfter(since));
  const load = new Load({
    ports,
    workspace,
    ledger,
    random,
    clients: campaign.clients ?? 16,
    pauseMs: campaign.pauseMs ?? 8,
  });
  load.start();
  let worstRecoveryMs = 0;
  let done = 0;
  try {
    await recovery(0, ledger);
    for (let n = 0; n < tries; n++) {
      await sleep(100 + 700 * random());
      let from = 0;
      let recovered: Promise<number> | null = null;
      const own = await campaign.fault(
        n,
        () => {
          from = performance.now();
          recovered = recovery(from, ledger);
          // Told where it is waited for: the fault may go on for longer.
          recovered.catch(() => undefined);
        },
        ledger,
        workspace,
      );
      const given = new AbortController();
      const late = sleep(campaign.recoverWithinMs * 3, 'late' as const, { signal: given.signal }).catch(
        () => 'late' as const,
      );
      const at = await Promise.race([recovered ?? recovery(performance.now(), ledger), late]);
      given.abort();
      if (at === 'late') {
        problems.push(`try ${n + 1}: not recovered within ${campaign.recoverWithinMs * 3} ms; stopped here`);
        problems.push(...(await kept(campaign)));
        break;
      }
      done++;
      const took = Math.max(at - from, own ?? 0);
      worstRecoveryMs = Math.max(worstRecoveryMs, took);
      if (took > campaign.recoverWithinMs) problems.push(`try ${n + 1}: took ${Math.round(took)} ms to recover`);
    }
  } finally {
    await load.stop();
  }
  for (const [what, times] of ledger.wrongAnswers) problems.push(`${times} times: ${what}`);
  const verdict = await readBack(ports.at(-1)!, workspace.key, workspace.conversations, campaign.databaseUrl()).then(
    (seen) => check(ledger.entries, seen),
    (error: Error) => {
      problems.push(`nothing could be checked, for reading back failed: ${error.message}`);
      return check([], { events: [], messages: [], facts: [], rows: null });
    },
  );
  const further = await (campaign.judge?.(ledger, workspace) ?? Promise.resolve([])).catch((error: Error) => {
    problems.push(`the further judge could not judge: ${error.message}`);
    return [];
  });
  return { tries: done, ledger, verdict: withFindings(verdict, further), worstRecoveryMs, problems };
}

async function kept({ evidence }: Campaign): Promise<string[]> {
  if (evidence === undefined) return [];
  try {
    return [`what it left is kept in ${await evidence()}`];
  } catch (error) {
    return [`what it left could not be kept: ${(error as Error).message}`];
  }
}
