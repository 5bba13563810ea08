import { setTimeout as sleep } from 'node:timers/promises';
import { Problem } from '../kernel/problem.js';

export interface Patience {
  /** How long it is tried again. */
  forMs: number;
  /** Ends the waiting at once. */
  signal?: AbortSignal;
  /** Told of each failure before the next try; throws what no further try would change. */
  onFailure?: (error: unknown) => Promise<void> | void;
}

const FIRST_WAIT_MS = 50;
const MOST_WAIT_MS = 1000;

/** Tries until it succeeds; when the patience is over, the problem `unavailable` is thrown, with the last cause. */
export async function patiently<Answer>(
  attempt: () => Promise<Answer>,
  { forMs, signal, onFailure = () => undefined }: Patience,
): Promise<Answer> {
  const giveUpAt = Date.now() + forMs;
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(2 * wait, MOST_WAIT_MS)) {
    if (signal?.aborted) throw away(new Error('The reader was closed.'));
    try {
      return await attempt();
    } catch (error) {
      await onFailure(error);
      if (Date.now() + wait > giveUpAt) throw away(error);
      await sleep(wait, undefined, { signal }).catch(() => undefined);
    }
  }
}

function away(cause: unknown): Problem {
  const problem = new Problem('unavailable', 'The log on Kafka cannot be read now. It is tried again.', {
    retryAfter: 1,
  });
  problem.cause = cause;
  return problem;
}
