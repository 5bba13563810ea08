/** With so many attempts at a time an endpoint begins, and begins again after it was not there. */
const BEGINS_WITH = 4;
/** Tokens of so long are saved up at most, and one: for steps of timers, and not for a burst beside the rate. */
const SAVES_UP_S = 0.05;

/**
 * How fast an endpoint may be sent to: so many attempts at a time, so many a second (a bucket of 50 ms' tokens), and not
 * before a time that it named itself. The number at a time grows by one with each success and is halved by each attempt that
 * nobody took: one that hangs holds a few of the process's sockets, and not all that it may have.
 */
export class Pace {
  private begun = 0;
  private window = BEGINS_WITH;
  private tokens = 0;
  private filledAt = 0;
  private pausedUntil = 0;

  /** `rate` a second; null is no bound. */
  constructor(
    private concurrency: number,
    private rate: number | null,
  ) {
    this.tokens = rate === null ? 0 : mostSaved(rate);
  }

  configure(concurrency: number, rate: number | null): void {
    this.concurrency = concurrency;
    this.rate = rate;
    this.tokens = rate === null ? 0 : Math.min(this.tokens, mostSaved(rate));
  }

  /** How many attempts are under way. */
  get underWay(): number {
    return this.begun;
  }

  /** When the next attempt may be made: 0 for at once, a time in ms, or null where one of those under way has to end first. */
  allowsAt(now: number): number | null {
    if (this.begun >= Math.min(this.concurrency, this.window)) return null;
    if (this.pausedUntil > now) return this.pausedUntil;
    if (this.rate === null) return 0;
    this.fill(now, this.rate);
    return this.tokens >= 1 ? 0 : this.filledAt + ((1 - this.tokens) * 1000) / this.rate;
  }

  attempted(): void {
    this.begun++;
    if (this.rate !== null) this.tokens--;
  }

  ended(wasTaken: boolean): void {
    this.begun--;
    if (wasTaken) this.window = Math.min(this.concurrency, this.window + 1);
    else this.window = Math.max(1, this.window >> 1);
  }

  /** An attempt came to nothing, for a reason that is not the endpoint's. */
  unused(): void {
    this.begun--;
  }

  /** The endpoint asked for a pause. */
  pause(until: number): void {
    this.pausedUntil = Math.max(this.pausedUntil, until);
  }

  private fill(now: number, rate: number): void {
    this.tokens = Math.min(mostSaved(rate), this.tokens + ((now - this.filledAt) * rate) / 1000);
    this.filledAt = now;
  }
}

function mostSaved(rate: number): number {
  return Math.max(1, rate * SAVES_UP_S);
}
