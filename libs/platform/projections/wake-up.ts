/** A bell that one sleeper waits for: a ring while nobody waits is kept, and any number of them count as one. */
export class WakeUp {
  private rung = false;
  private sleeper: (() => void) | null = null;

  ring(): void {
    if (this.sleeper === null) {
      this.rung = true;
      return;
    }
    const wake = this.sleeper;
    this.sleeper = null;
    wake();
  }

  /** Forgets a ring that nobody has heard yet: what it was for is about to be looked at. */
  silence(): void {
    this.rung = false;
  }

  wait(): Promise<void> {
    if (this.rung) {
      this.rung = false;
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      this.sleeper = resolve;
    });
  }
}
