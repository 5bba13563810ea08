import { type Attempt, type DeliveryStore, LeaseLost } from './delivery-store.js';
import type { Change, Due, Lease } from './due.js';
import type { Clock } from './real-clock.js';

export interface ResultWriterPorts<Answer> {
  store: Pick<DeliveryStore<Answer>, 'commit'>;
  clock: Clock;
  /** These are in the tables. */
  settled(changes: readonly Change[]): void;
  /** A lease is good no more: what was decided under it is not written. */
  lost(lease: Lease): void;
  /** The store cannot be written to. */
  onTrouble(error: unknown): void;
  /** Until it is tried again. */
  pause(): Promise<void>;
}

/** Results that may wait to be written. */
const MOST_UNWRITTEN = 5000;
/** Writings begin so far apart, for many results cost little more than one. */
const WRITES_APART_MS = 8;

/** Writes what became of rows and what was tried: many results at a time, one writing after the other, until each is written. */
export class ResultWriter<Answer> {
  private changes: Change[] = [];
  private attempts: Attempt<Answer>[] = [];
  private writing: Promise<void> | null = null;
  private wroteAt = Number.NEGATIVE_INFINITY;
  private isStuck = false;
  /** Counts what was decided, and how much of that is written. */
  private decided = 0;
  private writtenTo = 0;

  constructor(private readonly ports: ResultWriterPorts<Answer>) {}

  /** To be written with the next `writeSoon`, as the last word on its row. */
  change(lease: Lease, due: Due, to: Change['to'], inMs: number): void {
    this.decided++;
    if (due.change !== null) {
      due.change.to = to;
      due.change.inMs = inMs;
      return;
    }
    due.change = { endpoint: lease.endpoint, lease, due, to, inMs };
    this.changes.push(due.change);
  }

  /** To be written with the next `writeSoon`. */
  attempted(attempt: Attempt<Answer>): void {
    this.attempts.push(attempt);
  }

  /** Nothing that is not being written already is written of an endpoint. */
  forget(endpoint: string): void {
    this.changes = this.changes.filter((change) => change.endpoint !== endpoint);
    this.attempts = this.attempts.filter((attempt) => attempt.endpoint !== endpoint);
  }

  /** Whether nothing more is to be sent for now. */
  get isFull(): boolean {
    return this.isStuck || this.changes.length >= MOST_UNWRITTEN;
  }

  get hasChanges(): boolean {
    return this.changes.length > 0;
  }

  writeSoon(): void {
    if (this.writing !== null || (this.changes.length === 0 && this.attempts.length === 0)) return;
    this.writing = this.writeAll().finally(() => {
      this.writing = null;
      this.writeSoon();
    });
  }

  /** Resolves when what was decided before this moment is written; what is decided meanwhile need not be. */
  async written(): Promise<void> {
    for (const target = this.decided; this.writtenTo < target; ) {
      this.writeSoon();
      // What was left is of endpoints whose leases are others' now.
      if (this.writing === null) return;
      await this.writing;
    }
  }

  /** Resolves when the writing that is under way has ended. */
  async idle(): Promise<void> {
    await this.writing;
  }

  private async writeAll(): Promise<void> {
    const { clock } = this.ports;
    const wait = this.wroteAt + WRITES_APART_MS - clock.now();
    // What ends in this turn of the loop is written together, at least.
    await new Promise<void>((resolve) => clock.after(Math.max(0, wait), resolve));
    this.wroteAt = clock.now();
    const { changes, attempts, decided } = this;
    this.changes = [];
    this.attempts = [];
    // From here on a further word on the same row is another writing's.
    for (const { due } of changes) due.change = null;
    await this.writeUntilDone(changes, attempts);
    this.writtenTo = decided;
    for (const { due } of changes) due.table = 'waiting';
    this.ports.settled(changes);
  }

  private async writeUntilDone(changes: readonly Change[], attempts: readonly Attempt<Answer>[]): Promise<void> {
    const { store, lost, onTrouble, pause } = this.ports;
    let [left, tried] = [changes, attempts];
    while (left.length > 0 || tried.length > 0) {
      try {
        await store.commit(left, tried);
        this.isStuck = false;
        return;
      } catch (error) {
        if (error instanceof LeaseLost) {
          const leases = new Set(error.leases);
          for (const lease of leases) lost(lease);
          left = left.filter(({ lease }) => !leases.has(lease));
          tried = tried.filter(({ lease }) => !leases.has(lease));
          continue;
        }
        this.isStuck = true;
        onTrouble(error);
        await pause();
      }
    }
    this.isStuck = false;
  }
}
