import { type FieldError, Problem, type ProblemCode } from '../../../platform/kernel/problem.js';
import type { ActivityOutcome } from '../activity-input.js';

interface KeptProblem {
  code: ProblemCode;
  detail: string;
  errors?: FieldError[];
}

/** Outcomes as they are kept for a request that is sent again: no personal data, and no positions, which come with the commit. */
export function keptOutcomes(outcomes: readonly ActivityOutcome[]): Buffer {
  return Buffer.from(
    JSON.stringify(
      outcomes.map((outcome) => {
        if (outcome.status !== 'refused') return outcome;
        const { code, detail, more } = outcome.problem;
        return { status: 'refused', problem: { code, detail, ...more } };
      }),
    ),
  );
}

/** What `keptOutcomes` kept. */
export function outcomesOf(kept: Buffer): ActivityOutcome[] {
  const outcomes = JSON.parse(kept.toString('utf8')) as (
    | ActivityOutcome
    | { status: 'refused'; problem: KeptProblem }
  )[];
  return outcomes.map((outcome) => {
    if (outcome.status !== 'refused') return outcome;
    const { code, detail, ...more } = outcome.problem as KeptProblem;
    return { status: 'refused', problem: new Problem(code, detail, more) };
  });
}
