import type { Outcome, Skipped } from './campaign.js';
import { FINDING_KINDS } from './checker.js';
import type { Scenario } from './scenario.js';
import { table } from './table.js';

const SHOWN_FINDINGS = 10;

/** In CI every program has to be there; what the user may not do there stays excused. */
function isExcused({ lacks }: Skipped): boolean {
  return lacks === 'right' || process.env.CI !== 'true';
}

/** One scenario in one line, for those who wait for the others. */
export function summaryOf(outcome: Outcome | Skipped): string {
  if ('skipped' in outcome) return `skipped, ${outcome.skipped}`;
  const { tries, verdict, problems, worstRecoveryMs } = outcome;
  const found = [...problems, ...verdict.findings.map(({ kind, what }) => `${kind}: ${what}`)];
  const all = `${tries} tries, ${verdict.acknowledged} acknowledged, back within ${Math.round(worstRecoveryMs)} ms`;
  return found.length === 0 ? all : `${all}; ${found.length} findings, the first: ${found[0]}`;
}

/** Prints a table, and below it a line a finding; true when there is none, and nothing was skipped that had to run. */
export function printOutcomes(outcomes: readonly [Scenario, Outcome | Skipped][]): boolean {
  const head = ['scenario', 'tries', 'writes', 'acknowledged', 'retried', '503', ...FINDING_KINDS, 'worst recovery ms'];
  const lines: string[] = [];
  let clean = true;
  const rows = outcomes.map(([scenario, outcome]) => {
    if ('skipped' in outcome) {
      lines.push(`${scenario.name}: skipped, ${outcome.skipped}`);
      clean &&= isExcused(outcome);
      return [scenario.name, 'skipped'];
    }
    const { verdict, ledger, problems } = outcome;
    const sentences = [...problems, ...verdict.findings.map((finding) => `${finding.kind}: ${finding.what}`)];
    if (sentences.length > 0) clean = false;
    lines.push(...sentences.slice(0, SHOWN_FINDINGS).map((sentence) => `${scenario.name}: ${sentence}`));
    if (sentences.length > SHOWN_FINDINGS) {
      lines.push(`${scenario.name}: … and ${sentences.length - SHOWN_FINDINGS} more`);
    }
    return [
      scenario.name,
      ...[outcome.tries, verdict.tried, verdict.acknowledged, ledger.retries, ledger.unavailable].map(String),
      ...FINDING_KINDS.map((kind) => String(verdict.count[kind])),
      String(Math.round(outcome.worstRecoveryMs)),
    ];
  });
  console.log(table([head, ...rows]));
  for (const line of lines) console.log(line);
  return clean;
}

/** One JSON line a figure: `{"scenario","figure","value"}`, skipped scenarios `{"scenario","skipped"}`. */
export function printOutcomesAsJson(outcomes: readonly [Scenario, Outcome | Skipped][]): boolean {
  let clean = true;
  for (const [{ name }, outcome] of outcomes) {
    if ('skipped' in outcome) {
      console.log(JSON.stringify({ scenario: name, skipped: outcome.skipped }));
      clean &&= isExcused(outcome);
      continue;
    }
    const { verdict, ledger, problems } = outcome;
    if (verdict.findings.length + problems.length > 0) clean = false;
    const figures = {
      tries: outcome.tries,
      writes: verdict.tried,
      acknowledged: verdict.acknowledged,
      retried: ledger.retries,
      unavailable: ledger.unavailable,
      ...verdict.count,
      worst_recovery_ms: Math.round(outcome.worstRecoveryMs),
    };
    for (const [figure, value] of Object.entries(figures))
      console.log(JSON.stringify({ scenario: name, figure, value }));
    for (const { kind, what } of verdict.findings) console.log(JSON.stringify({ scenario: name, finding: kind, what }));
    for (const what of problems) console.log(JSON.stringify({ scenario: name, problem: what }));
  }
  return clean;
}
