import type { Outcome } from '../campaign.js';
import { check, type Finding, withFindings } from '../checker.js';
import { Ledger } from '../ledger.js';

/** The outcome of a scenario in which readers are judged, and nobody writes under faults. */
export function outcomeOf(tries: number, findings: readonly Finding[], problems: string[], worstMs = 0): Outcome {
  const nothing = check([], { events: [], messages: [], facts: [], rows: null });
  return { tries, ledger: new Ledger(), verdict: withFindings(nothing, findings), worstRecoveryMs: worstMs, problems };
}
