import { type FieldError, Problem, type ProblemCode } from '../../../platform/kernel/problem.js';
import { seal, unseal } from '../../../platform/keys/aes-gcm.js';
import { BrokenKeyError } from '../../../platform/keys/key-errors.js';
import type { WorkspaceKey } from '../../../platform/keys/workspace-key.js';
import type { ActivityOutcome } from '../activity-input.js';

interface KeptProblem {
  code: ProblemCode;
  detail: string;
  errors?: FieldError[];
}

/**
 * Outcomes as they are kept for a request that is sent again, without positions, which come with the commit. Why a row was refused may
 * name whom it was about, and names of its data: they are sealed with a key of the workspace's. `request` is the idempotency key.
 */
export function keptOutcomes(outcomes: readonly ActivityOutcome[], key: WorkspaceKey, request: string): Buffer {
  const told = outcomes.map((outcome) => {
    if (outcome.status !== 'refused') return outcome;
    const { code, detail, more } = outcome.problem;
    return { status: 'refused', problem: { code, detail, ...more } };
  });
  return seal(key.answering, JSON.stringify(told), boundTo(request));
}

/** What `keptOutcomes` kept. */
export function outcomesOf(kept: Buffer, key: WorkspaceKey, request: string): ActivityOutcome[] {
  const plain = unseal(key.answering, kept, boundTo(request));
  if (plain === null) throw new BrokenKeyError(request);
  const outcomes = JSON.parse(plain.toString('utf8')) as (
    | ActivityOutcome
    | { status: 'refused'; problem: KeptProblem }
  )[];
  return outcomes.map((outcome) => {
    if (outcome.status !== 'refused') return outcome;
    const { code, detail, ...more } = outcome.problem as KeptProblem;
    return { status: 'refused', problem: new Problem(code, detail, more) };
  });
}

function boundTo(request: string): Buffer {
  return Buffer.from(`the outcomes of ${request}`);
}
