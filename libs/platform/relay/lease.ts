import { TokenLostError, type Turn } from './turn.js';

/** Keeps the others from trying to take over while this relay lives. What it says fences nobody (docs/decisions/0014). */
export class Lease {
  private lost: TokenLostError | null = null;
  private readonly timer: NodeJS.Timeout;

  constructor(turn: Pick<Turn, 'renew'>, leaseMs: number) {
    this.timer = setInterval(() => {
      turn.renew().catch((error: unknown) => {
        // While Postgres is away the lease runs out, and whoever reaches Postgres first has it next.
        if (error instanceof TokenLostError) this.lost = error;
      });
    }, leaseMs / 3);
    this.timer.unref();
  }

  /** Throws TokenLostError once another relay is known to have taken over. */
  check(): void {
    if (this.lost !== null) throw this.lost;
  }

  end(): void {
    clearInterval(this.timer);
  }
}
