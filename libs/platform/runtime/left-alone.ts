const FIRST_MS = 1000;
const MOST_MS = 60_000;
const MOST_KNOWN = 10_000;

/** What cannot be done now, and is left alone for a second; for twice as long each time that it fails again, a minute at the most. */
export class LeftAlone {
  private readonly known = new Map<string, { until: number; forMs: number }>();

  /** Those whose time has not come. */
  ids(): string[] {
    const now = performance.now();
    return [...this.known].filter(([, { until }]) => until > now).map(([id]) => id);
  }

  /** It failed. Returns for how long it is left alone, in ms. */
  leave(id: string): number {
    const forMs = Math.min(MOST_MS, 2 * (this.known.get(id)?.forMs ?? FIRST_MS / 2));
    this.known.delete(id);
    if (this.known.size >= MOST_KNOWN) this.known.delete(this.known.keys().next().value!);
    this.known.set(id, { until: performance.now() + forMs, forMs });
    return forMs;
  }

  /** It was done, or went on. */
  forget(id: string): void {
    this.known.delete(id);
  }
}
