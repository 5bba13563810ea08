import type { Answer } from '../sending/exchange.js';
import type { Change } from './due.js';

/** What a process of the service counts of its deliveries. */
export class DeliveryCounts {
  /** Attempts by what came of them: `taken`, `refused` for an answer that is no 2xx, or the word for why none counts. */
  readonly attempts = new Map<string, number>([
    ['taken', 0],
    ['refused', 0],
  ]);
  /** Seconds that they took together. */
  seconds = 0;
  /** Messages by what became of them: `due`, and then `taken`, `waiting` after a first failure, `parked` or `given_up`. */
  readonly messages = new Map<string, number>(
    ['due', 'taken', 'waiting', 'parked', 'given_up'].map((became) => [became, 0]),
  );

  attempted({
    taken,
    error,
    durationMs,
  }: { taken: boolean } & Pick<Answer, 'durationMs'> & { error: string | null }): void {
    increase(this.attempts, taken ? 'taken' : (error ?? 'refused'), 1);
    this.seconds += durationMs / 1000;
  }

  due(messages: number): void {
    increase(this.messages, 'due', messages);
  }

  /** What was written of rows. */
  written(changes: readonly Change[]): void {
    for (const { to, due } of changes) {
      if (to === 'gone') increase(this.messages, 'taken', 1);
      else if (to === 'parked' || to === 'given_up') increase(this.messages, to, 1);
      else if (due.table === 'fresh') increase(this.messages, 'waiting', 1);
    }
  }
}

function increase(counts: Map<string, number>, name: string, by: number): void {
  counts.set(name, (counts.get(name) ?? 0) + by);
}
