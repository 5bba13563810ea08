/**
 * Room for so many things at once, shared in the order of asking. Whoever asks for more than there is gets all of it,
 * when nobody else has any.
 */
export class Turnstile {
  private taken = 0;
  private readonly waiting: { size: number; enter: () => void }[] = [];

  constructor(private readonly size: number) {}

  /** Runs the work when there is room for it. */
  async within<Result>(wanted: number, work: () => Promise<Result>): Promise<Result> {
    const size = Math.min(wanted, this.size);
    if (this.waiting.length > 0 || this.taken + size > this.size) {
      await new Promise<void>((enter) => this.waiting.push({ size, enter }));
    } else {
      this.taken += size;
    }
    try {
      return await work();
    } finally {
      this.taken -= size;
      this.letIn();
    }
  }

  private letIn(): void {
    for (let first = this.waiting[0]; first !== undefined; first = this.waiting[0]) {
      if (this.taken + first.size > this.size) return;
      this.taken += first.size;
      this.waiting.shift();
      first.enter();
    }
  }
}
