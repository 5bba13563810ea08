const WITHIN_MS = 1000;
const MOST = 10_000;

/** What was said within the last second, so that it is not said again to everybody: the last 10,000 things at most. */
export class SaidLately {
  private readonly at = new Map<string, number>();

  constructor(
    private readonly most = MOST,
    private readonly now = () => performance.now(),
  ) {}

  /** Whether it was; where it was not, it is now. */
  has(what: string): boolean {
    const now = this.now();
    for (const [first, said] of this.at) {
      if (now - said < WITHIN_MS && this.at.size < this.most) break;
      this.at.delete(first);
    }
    if (this.at.has(what)) return true;
    this.at.set(what, now);
    return false;
  }
}
