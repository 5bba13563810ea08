import { Problem } from '../kernel/problem.js';

/** Readers of a process, so that no one workspace or key takes all of it. */
export const MOST_OF_WORKSPACE = 2000;
export const MOST_OF_KEY = 1000;
const COME_AGAIN_S = 5;

export interface Share {
  workspace: string;
  key: string;
}

/** How many read for each workspace, and with each key. */
export class ReaderShares {
  private readonly counts = new Map<string, number>();

  /** One more. Throws `rate_limited` where there are as many as there may be. Whoever took it gives it back, once. */
  take({ workspace, key }: Share): () => void {
    if (this.of(key) >= MOST_OF_KEY) throw tooMany('This key', MOST_OF_KEY);
    if (this.of(workspace) >= MOST_OF_WORKSPACE) throw tooMany('This workspace', MOST_OF_WORKSPACE);
    return this.hold({ workspace, key });
  }

  /** One more, that was let in before. */
  hold({ workspace, key }: Share): () => void {
    this.add(workspace, 1);
    this.add(key, 1);
    return () => {
      this.add(workspace, -1);
      this.add(key, -1);
    };
  }

  private of(id: string): number {
    return this.counts.get(id) ?? 0;
  }

  private add(id: string, change: number): void {
    const count = this.of(id) + change;
    if (count === 0) this.counts.delete(id);
    else this.counts.set(id, count);
  }
}

function tooMany(who: string, most: number): Problem {
  return new Problem('rate_limited', `${who} reads ${most} live streams of this process already. Close one first.`, {
    retryAfter: COME_AGAIN_S,
  });
}
