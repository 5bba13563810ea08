import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const LOOK_EVERY_MS = 5000;
const WORTH_IT = 1000;

/**
 * Gives memory back after a burst: V8 leaves its heap as large as the busiest moment made it while nothing allocates.
 * A collection of about 50 ms runs when no command has come for five seconds, once after each burst.
 */
export class IdleCollection {
  private readonly collect: () => void;
  private timer: NodeJS.Timeout | undefined;
  private seen = 0;
  private collectedAt = 0;

  /** `commands` counts all commands since the start. */
  constructor(private readonly commands: () => number) {
    setFlagsFromString('--expose-gc');
    this.collect = runInNewContext('gc') as () => void;
  }

  start(): void {
    this.timer = setInterval(() => this.look(), LOOK_EVERY_MS);
    this.timer.unref();
  }

  close(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    const now = this.commands();
    const isIdle = now === this.seen;
    this.seen = now;
    if (!isIdle || now - this.collectedAt < WORTH_IT) return;
    this.collectedAt = now;
    this.collect();
  }
}
