import type { LiveReader, ReaderPlace } from './live-reader.js';

/** What one reads, from where, and as whom: from its history to what happens now. */
export interface Reading {
  workspace: string;
  /** The key that it is read with. */
  key: string;
  /** The place after which it begins, as its source counts them. */
  after: number;
  /** The public cursor of that place; null for the beginning. */
  cursor: string | null;
  /** Only events of these types; null for all, and where the source has seen to it. */
  types: ReadonlySet<string> | null;
  source: ReadingSource;
  /** Takes from the caller's quota for what is read of the history; throws `rate_limited`. */
  charge?: ((units: number) => void) | undefined;
}

/** Where a reading comes from. Its places are numbers that ascend: positions, or the seqs of one stream. */
export interface ReadingSource {
  placeOf(last: ReaderPlace): number;
  /** Joins what happens: sets the reader's `after`, the position up to which its history goes. */
  join(reader: LiveReader): Promise<void>;
  leave(reader: LiveReader): void;
  /** Up to this position all readers have been given what is theirs. */
  delivered(): number;
  /** Gives a page of history after a place, nothing beyond the reader's `after`; resolves once it is read. */
  givePage(reader: LiveReader, after: number): Promise<GivenPage>;
}

export interface GivenPage {
  /** The place after which its history goes on; null where that was all. */
  next: number | null;
  /** The place up to which it has all; null where that has not changed. */
  last: number | null;
  /** How many events were read. */
  read: number;
  /** Resolves once it was taken, or the reader is closed. */
  taken: Promise<void>;
}
