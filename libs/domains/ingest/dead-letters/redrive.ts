import { Inject, Injectable } from '@nestjs/common';
import { Problem, type ProblemCode } from '../../../platform/kernel/problem.js';
import type { Caller } from '../../../platform/operations/caller.js';
import { RawRecorder } from '../raw-topics/raw-recorder.js';
import { DeadLetters } from './dead-letters.js';

export interface RedriveOutcome {
  id: string;
  status: 'recorded' | 'duplicate' | 'refused';
  event: string | null;
  code: ProblemCode | null;
  detail: string | null;
}

/** Tries dead letters again. A record is known again by its id or its place, so that one that was taken is not taken twice. */
@Injectable()
export class Redrive {
  constructor(
    @Inject(DeadLetters) private readonly letters: DeadLetters,
    @Inject(RawRecorder) private readonly recorder: RawRecorder,
  ) {}

  /** In the order of their places; what is not there is left out. `position` is that of the last event. Throws `unavailable`. */
  async all(
    caller: Caller,
    ids: readonly string[],
  ): Promise<{ outcomes: RedriveOutcome[]; position: string | undefined }> {
    const workspace = caller.workspace!;
    const letters = await this.letters.read(workspace, ids);
    const records = letters.map(({ record }) => record);
    // What was answered before is answered again by the place of the record, and needs no key.
    const outcomes = await this.recorder
      .record(workspace, records, { ...caller, idempotency: null })
      .catch(unavailable);
    const settled: { id: string; event: string }[] = [];
    const refused: { letter: (typeof letters)[number]; problem: Problem }[] = [];
    const told = outcomes.map((outcome, i): RedriveOutcome => {
      const letter = letters[i]!;
      if (outcome.status === 'refused') {
        refused.push({ letter, problem: outcome.problem });
        const { code, detail } = outcome.problem;
        return { id: letter.id, status: 'refused', event: null, code, detail };
      }
      settled.push({ id: letter.id, event: outcome.event });
      return { id: letter.id, status: outcome.status, event: outcome.event, code: null, detail: null };
    });
    await this.letters.settle(workspace, settled);
    await this.letters.refuseAgain(workspace, refused);
    const positions = outcomes.flatMap((outcome) => ('position' in outcome ? (outcome.position ?? []) : []));
    return { outcomes: told, position: positions.at(-1) };
  }
}

function unavailable(error: unknown): never {
  if (error instanceof Problem) throw error;
  throw new Problem('unavailable', `The registry cannot be asked: ${(error as Error).message}`, { retryAfter: 5 });
}
