/** So many failures in a row, of whatever messages, say that it is the endpoint that fails. */
const OPENS_AFTER = 10;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 300_000;

/**
 * closed ── 10 failures in a row ──► open ── its pause is over ──► half open: one attempt
 * half open ── success ──► closed; ── failure ──► open, for twice as long, up to 5 minutes
 *
 * While it is open nothing is attempted, and nothing that waits loses an attempt by it (Nygard, Release It!, "Circuit Breaker").
 */
export class Breaker {
  private failures = 0;
  private pauseMs = 0;
  private opensAt = 0;
  private isProbed = false;

  /** Whether an attempt may be made now. */
  allows(now: number): boolean {
    return this.pauseMs === 0 || (!this.isProbed && now >= this.opensAt);
  }

  /** When one may be, as far as this is concerned; null while a probe is under way. */
  allowsAt(): number | null {
    return this.pauseMs === 0 ? 0 : this.isProbed ? null : this.opensAt;
  }

  get isOpen(): boolean {
    return this.pauseMs > 0;
  }

  attempted(): void {
    if (this.pauseMs > 0) this.isProbed = true;
  }

  /** An attempt came to nothing, for a reason that is not the endpoint's. */
  unused(): void {
    this.isProbed = false;
  }

  succeeded(): void {
    this.failures = 0;
    this.pauseMs = 0;
    this.isProbed = false;
  }

  /** `random` gives 0 to 1. */
  failed(now: number, random: () => number): void {
    this.failures++;
    // What was under way when it opened says nothing new.
    if (this.pauseMs > 0 && !this.isProbed) return;
    if (this.pauseMs === 0 && this.failures < OPENS_AFTER) return;
    this.isProbed = false;
    this.pauseMs = Math.min(LONGEST_PAUSE_MS, this.pauseMs === 0 ? FIRST_PAUSE_MS : this.pauseMs * 2);
    this.opensAt = now + this.pauseMs * (1 + 0.2 * random());
  }
}
