import type { SealedEvent } from '../event-codec/sealed-event.js';
import type { StoredEvent } from '../event-log/event-log.js';
import type { SqlStatement } from '../postgres/connection.js';
import type { Fold } from './fold.js';
import { causeOf, isPoison, ofNewerVersion } from './poison.js';
import type { TableName } from './projection.js';

/** How often an event that fails alone is tried before it is set aside. */
export const ATTEMPTS = 3;
const RETRY_AFTER_MS = 20;

/** What a batch is applied to. `reached` is the last position that is dealt with once the statements are committed. */
export interface BatchTarget {
  table: TableName;
  /** All of the statements take effect with the cursor, or it throws and none has. */
  commit(statements: readonly SqlStatement[], reached: number): Promise<void>;
  /** Sets one event aside with its cause, and passes it over. */
  setAside(stored: StoredEvent, event: SealedEvent | null, cause: string, reached: number): Promise<void>;
}

/** Events of one page on their way into a projection. */
export class Batch {
  private prepared: SqlStatement[] | null = null;

  constructor(
    private readonly fold: Fold,
    private readonly events: readonly StoredEvent[],
    private readonly scannedTo: number,
  ) {}

  /**
   * Applies the events in order and as few commits as can be. A batch that holds a poison event is halved until the
   * event stands alone; that one is tried `ATTEMPTS` times and then set aside. Any other error is thrown, with all
   * that was committed before it in place; so is that of an event which a newer version wrote.
   */
  async applyTo(target: BatchTarget): Promise<void> {
    await this.applyRange(target, 0, this.events.length);
  }

  get size(): number {
    return this.events.length;
  }

  /** Makes the statements ahead of their turn. What is wrong with the events is left to `applyTo`. */
  async prepare(table: TableName): Promise<this> {
    try {
      this.prepared = await this.statements(table, 0, this.events.length);
    } catch (error) {
      if (!isPoison(error)) throw error;
    }
    return this;
  }

  private statements(table: TableName, from: number, to: number): Promise<SqlStatement[]> {
    return this.fold.statements(this.events.slice(from, to), table);
  }

  private async applyRange(target: BatchTarget, from: number, end: number): Promise<void> {
    for (let next = from; next < end; ) next = await this.applyPart(target, next, end);
  }

  /** As much as the fold wants in one commit; returns where the rest begins. */
  private async applyPart(target: BatchTarget, from: number, end: number): Promise<number> {
    let to = end;
    try {
      to = from + ((await this.fold.atOnce?.(this.events.slice(from, end))) ?? end - from);
      const prepared = to - from === this.events.length ? this.prepared : null;
      await target.commit(prepared ?? (await this.statements(target.table, from, to)), this.reachedAt(to));
    } catch (error) {
      if (!isPoison(error)) throw error;
      if (to - from === 1) await this.tryAloneAgain(target, from, error);
      else {
        const middle = (from + to) >> 1;
        await this.applyRange(target, from, middle);
        await this.applyRange(target, middle, to);
      }
    }
    return to;
  }

  private async tryAloneAgain(target: BatchTarget, index: number, first: unknown): Promise<void> {
    const newer = ofNewerVersion(first);
    if (newer !== null) throw newer;
    const stored = this.events[index]!;
    let last = first;
    for (let attempt = 2; attempt <= ATTEMPTS; attempt++) {
      await new Promise((resolve) => setTimeout(resolve, RETRY_AFTER_MS));
      this.fold.forget(stored);
      try {
        const statements = await this.statements(target.table, index, index + 1);
        return await target.commit(statements, this.reachedAt(index + 1));
      } catch (error) {
        if (!isPoison(error)) throw error;
        last = error;
      }
    }
    await target.setAside(stored, this.fold.decoded(stored), causeOf(last), this.reachedAt(index + 1));
  }

  /** What lies between two wanted events was looked at with the first of them. */
  private reachedAt(to: number): number {
    return to === this.events.length ? this.scannedTo : this.events[to]!.position - 1;
  }
}
