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
  private held = 0;

  /** `what` they are counted by, as whoever has too many is told: `live streams`. */
  constructor(private readonly what: string) {}

  /** How many there are in all. */
  get size(): number {
    return this.held;
  }

  /** One more. Throws `rate_limited` where there are as many as there may be. Whoever took it gives it back, once. */
  take({ workspace, key }: Share): () => void {
    if (this.of(key) >= MOST_OF_KEY) throw this.tooMany('This key', MOST_OF_KEY);
    if (this.of(workspace) >= MOST_OF_WORKSPACE) throw this.tooMany('This workspace', MOST_OF_WORKSPACE);
    return this.hold({ workspace, key });
  }

  /** One more, that was let in before. */
  hold({ workspace, key }: Share): () => void {
    this.held++;
    this.add(workspace, 1);
    this.add(key, 1);
    return () => {
      this.held--;
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

  private tooMany(who: string, most: number): Problem {
    return new Problem('rate_limited', `${who} has ${most} ${this.what} of this process already. Close one first.`, {
      retryAfter: COME_AGAIN_S,
    });
  }
}
