import type { Due } from './due.js';

/** Of its messages so many bytes may be in memory; a row beyond that is there without, and its message read when it is its turn. */
const MOST_BYTES = 2 * 1024 * 1024;
/** Rows that are read at once: the more, the sooner the ones before were used up. */
const LEAST_A_PAGE = 50;
const MOST_A_PAGE = 1000;
const SOON_MS = 1000;

/**
 * What was never attempted of one run, in the order of the log: all rows of the table up to a position are here, or were
 * given away; where there is more it is read when it is its turn.
 */
export class FreshQueue {
  private rows: Due[] = [];
  private first = 0;
  private bytes = 0;
  private knownTo = 0;
  private isLoading = false;
  private page = LEAST_A_PAGE;
  private loadedAt = Number.NEGATIVE_INFINITY;
  /** Rows were offered, and not taken, since a page was asked for. */
  private hasMissed = false;

  constructor(
    readonly run: number,
    private hasMore: boolean,
  ) {}

  get length(): number {
    return this.rows.length - this.first;
  }

  /** Rows that were just added to the table, the next ones of the run. Those that find no room are read later. */
  offer(rows: readonly Due[], most: number): void {
    if (this.hasMore || this.isLoading || this.length + rows.length > most) {
      this.hasMore = true;
      this.hasMissed = true;
      return;
    }
    for (const row of rows) if (row.position > this.knownTo) this.push(row);
    this.knownTo = Math.max(this.knownTo, rows.at(-1)!.position);
  }

  /** There may be rows that were not offered. */
  hint(): void {
    this.hasMore = true;
    this.hasMissed = true;
  }

  shift(): Due {
    const row = this.rows[this.first++]!;
    this.bytes -= row.message?.body.length ?? 0;
    if (this.first >= 256 && this.first * 2 > this.rows.length) {
      this.rows = this.rows.slice(this.first);
      this.first = 0;
    }
    return row;
  }

  /** The page to read next; null where there is enough. Whoever is given one answers with `loaded` or `failed`. */
  load(now: number): { after: number; limit: number } | null {
    if (!this.hasMore || this.isLoading || this.length >= this.page) return null;
    const isSoon = now - this.loadedAt < SOON_MS;
    this.page = isSoon ? Math.min(MOST_A_PAGE, this.page * 2) : LEAST_A_PAGE;
    this.loadedAt = now;
    this.isLoading = true;
    this.hasMissed = false;
    return { after: this.knownTo, limit: this.page };
  }

  loaded(rows: readonly Due[], isAll: boolean): void {
    this.isLoading = false;
    for (const row of rows) this.push(row);
    this.knownTo = Math.max(this.knownTo, rows.at(-1)?.position ?? 0);
    this.hasMore = !isAll || this.hasMissed;
  }

  failed(): void {
    this.isLoading = false;
  }

  private push(row: Due): void {
    const size = row.message?.body.length ?? 0;
    if (this.bytes + size > MOST_BYTES) row.message = null;
    else this.bytes += size;
    this.rows.push(row);
  }

  /** Whether nothing is here, and nothing is known to be in the table. */
  get isDrained(): boolean {
    return this.length === 0 && !this.hasMore && !this.isLoading;
  }
}
