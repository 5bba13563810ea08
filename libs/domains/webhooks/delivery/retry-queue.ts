import type { Due, Retry } from './due.js';

const A_PAGE = 200;
/** Beyond so many the latest are left to the table. */
const MOST = 1000;

/**
 * What waits for its next attempt, the earliest first: all rows of the table up to a moment are here or under way, and later
 * ones are read when these are used up. A row is here once, however often it is read.
 */
export class RetryQueue {
  private entries: Retry[] = [];
  /** Here or under way: a page that was read meanwhile may have them, too. */
  private readonly held = new Set<string>();
  private knownTo = Number.NEGATIVE_INFINITY;
  private isLoading = false;
  private isMissing = false;
  /** Gone from the table while a page was being read, which may have them still. */
  private letGo: string[] = [];

  /** Empty where the table has none. */
  constructor(mayHaveSome: boolean) {
    if (!mayHaveSome) this.knownTo = Number.POSITIVE_INFINITY;
  }

  add(due: Due, at: number): void {
    this.held.add(keyOf(due));
    if (at > this.knownTo && !this.isLoading) {
      this.held.delete(keyOf(due));
      return;
    }
    this.insert({ due, at });
    if (this.entries.length > MOST) this.leaveLatest();
  }

  /** The earliest, if its time has come. */
  take(now: number): Due | null {
    const first = this.entries[0];
    if (first === undefined || first.at > now) return null;
    this.entries.shift();
    return first.due;
  }

  /** When the earliest is due; null where none is here. */
  nextAt(): number | null {
    return this.entries[0]?.at ?? null;
  }

  /** Its row is gone from the table. */
  forget(due: Due): void {
    if (this.isLoading) this.letGo.push(keyOf(due));
    else this.held.delete(keyOf(due));
  }

  /** There may be rows that nobody told of, at any time. */
  hint(): void {
    this.knownTo = Number.NEGATIVE_INFINITY;
    this.isMissing = this.isLoading;
  }

  /**
   * The earliest rows of the table, so many more than may be under way. Not those after a moment: the table's clock may be moved, and the
   * line's stand still.
   */
  load(): { limit: number } | null {
    const isEnough = this.knownTo === Number.POSITIVE_INFINITY;
    if (isEnough || this.isLoading || (this.entries.length > 0 && this.knownTo !== Number.NEGATIVE_INFINITY))
      return null;
    this.isLoading = true;
    return { limit: A_PAGE + this.held.size };
  }

  loaded(rows: readonly Retry[], isAll: boolean): void {
    for (const retry of rows.filter(({ due }) => !this.held.has(keyOf(due)))) {
      this.held.add(keyOf(retry.due));
      this.insert(retry);
    }
    this.knownTo = isAll ? Number.POSITIVE_INFINITY : rows.at(-1)!.at;
    if (this.isMissing) this.knownTo = Number.NEGATIVE_INFINITY;
    this.loadEnded();
  }

  failed(): void {
    this.loadEnded();
  }

  private loadEnded(): void {
    this.isLoading = false;
    this.isMissing = false;
    for (const key of this.letGo) this.held.delete(key);
    this.letGo = [];
  }

  private insert(entry: Retry): void {
    let low = 0;
    let high = this.entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.entries[middle]!.at <= entry.at) low = middle + 1;
      else high = middle;
    }
    this.entries.splice(low, 0, entry);
  }

  private leaveLatest(): void {
    const left = this.entries.splice(MOST >> 1);
    for (const { due } of left) this.held.delete(keyOf(due));
    this.knownTo = Math.min(this.knownTo, this.entries.at(-1)!.at);
  }
}

function keyOf({ run, position }: Due): string {
  return `${run} ${position}`;
}
