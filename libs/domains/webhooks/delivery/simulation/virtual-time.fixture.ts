interface Timer {
  at: number;
  /** Of two at one moment the one that was set first comes first. */
  order: number;
  callback: () => void;
  isOff: boolean;
}

/** Time that passes when nothing is left to do in the moment. */
export class VirtualTime {
  private timers: Timer[] = [];
  private order = 0;
  private moment = 0;

  now(): number {
    return this.moment;
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { at: this.moment + Math.max(0, ms), order: this.order++, callback, isOff: false };
    this.push(timer);
    return () => {
      timer.isOff = true;
    };
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve));
  }

  /** Runs what is set until a moment; false where nothing was left before it. */
  async runUntil(end: number): Promise<boolean> {
    for (;;) {
      await settled();
      const next = this.timers[0];
      if (next === undefined) {
        this.moment = end;
        return false;
      }
      if (next.at > end) {
        this.moment = end;
        return true;
      }
      this.pop();
      if (next.isOff) continue;
      this.moment = next.at;
      next.callback();
    }
  }

  private push(timer: Timer): void {
    const { timers } = this;
    let at = timers.push(timer) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(timer, timers[parent]!)) break;
      timers[at] = timers[parent]!;
      at = parent;
    }
    timers[at] = timer;
  }

  private pop(): void {
    const { timers } = this;
    const last = timers.pop()!;
    if (timers.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= timers.length) break;
      if (child + 1 < timers.length && isBefore(timers[child + 1]!, timers[child]!)) child++;
      if (!isBefore(timers[child]!, last)) break;
      timers[at] = timers[child]!;
      at = child;
    }
    timers[at] = last;
  }
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

/** So many promises, each called by the one before, are called in one moment; a longer chain goes on in the next. */
const CALLS_A_MOMENT = 25;

/** Lets what is resolved already be called. A turn of the event loop would do the same, and take five times as long. */
async function settled(): Promise<void> {
  for (let call = 0; call < CALLS_A_MOMENT; call++) await null;
}
