import type { LogPage } from '../event-log/event-log.js';

/**
 * One projection on one partition: its cursor, and the way of a page into its rows. Whoever feeds it reads on from
 * `seek()` after a start, after an assignment, and whenever `apply` throws.
 */
export interface Lane {
  /** `heddle.conversation/7`. */
  readonly partition: string;
  /**
   * Reads the cursor: the position up to which all is applied, passed over or set aside; null where it has diverged
   * and nothing may be applied before a rebuild. Throws where the database is away.
   */
  seek(): Promise<number | null>;
  /**
   * Applies a page that was read after the lane's position, effect and cursor in one transaction. Throws where another
   * member has moved the cursor (`isOvertaken`) and where the database is away; then nothing more than the cursor says
   * has been applied.
   */
  apply(page: LogPage): Promise<void>;
  /** Where the lane stands, as far as this member knows. */
  readonly position: number;
  /** Stops the projection on this partition until it is rebuilt: the cursor is beyond the partition's end. */
  diverge(end: number): Promise<void>;
}
