import { setTimeout as sleep } from 'node:timers/promises';

/** What a process does again and again, a pause after each round, until it ends. A round that fails is followed by the next. */
export class Rounds {
  private readonly over = new AbortController();
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly pauseMs: number,
    /** A long one looks at the signal, and ends where it was given. */
    private readonly round: (over: AbortSignal) => Promise<void>,
  ) {}

  begin(): void {
    this.running = this.run(this.over.signal);
  }

  /** Resolves when the round that is under way has ended. */
  async end(): Promise<void> {
    this.over.abort();
    await this.running;
  }

  private async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.round(signal).catch(() => undefined);
      await sleep(this.pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }
}
