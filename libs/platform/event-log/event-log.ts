/** An event as the log keeps it: bare Avro and the fingerprint of the schema it was written with. */
export interface StoredEvent {
  position: number;
  fingerprint: Buffer;
  payload: Buffer;
}

export interface ReadOptions {
  /** The most events to return. */
  limit: number;
  /** Only these types; all when left out. */
  types?: readonly string[];
  /** Nothing after this position. */
  upTo?: number;
}

export interface LogPage {
  events: StoredEvent[];
  /** All positions up to this one have been looked at: the next page starts after it. */
  scannedTo: number;
}

/**
 * The log as every reader sees it. Positions of one store are dense and in the order of commit; a page never has a
 * hole, and an event that was read once is read again the same for ever.
 */
export interface EventLog {
  /** Events after a position, in order. An empty page whose `scannedTo` equals `after` means the end. */
  read(after: number, options: ReadOptions): Promise<LogPage>;
  /** The last position, 0 for an empty log. */
  end(): Promise<number>;
  /**
   * Calls back soon after events were appended, by this process or another; it may call for nothing, and a caller
   * must still look from time to time. Returns the way to stop it.
   */
  onAppend(listener: () => void): () => void;
}
