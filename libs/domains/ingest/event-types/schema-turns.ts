import { setTimeout as sleep } from 'node:timers/promises';
import { Problem } from '../../../platform/kernel/problem.js';
import { Turns } from '../../../platform/kernel/turns.js';

/** Of one workspace's, beside the one whose turn it is. */
const MOST_WAITING = 20;

/**
 * To read, compile and compare schemas takes up to some tenths of a second, in which nothing else is done. One is done at a time, and
 * after it the process has as long for everything else.
 */
export class SchemaTurns {
  private readonly turns = new Turns(1, 1);
  private readonly waitingOf = new Map<string, number>();

  /** Throws what the work throws, and `rate_limited` where too many of the workspace's wait. */
  async take<Result>(workspace: string, work: () => Result): Promise<Result> {
    const waiting = this.waitingOf.get(workspace) ?? 0;
    if (waiting > MOST_WAITING) throw tooManyWait();
    this.waitingOf.set(workspace, waiting + 1);
    const end = await this.turns.take(workspace);
    const left = this.waitingOf.get(workspace)! - 1;
    if (left === 0) this.waitingOf.delete(workspace);
    else this.waitingOf.set(workspace, left);
    const from = performance.now();
    try {
      return work();
    } finally {
      void sleep(performance.now() - from).then(end);
    }
  }
}

function tooManyWait(): Problem {
  const detail = `This workspace has ${MOST_WAITING} schemas under way in this process. Send fewer beside each other.`;
  return new Problem('rate_limited', detail, { retryAfter: 1 });
}
