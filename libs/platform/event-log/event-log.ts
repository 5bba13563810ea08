/** An event as the log keeps it: bare Avro and the fingerprint of the schema it was written with. */
export interface StoredEvent {
  /**
   * Its place in its partition, from 1: in the embedded log, whose one partition is the whole store, the store's
   * position; on Kafka the record's offset plus one.
   */
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
 * A part of the log that has one order: a stream lies in one partition, whole. A page leaves out no event between two
 * that it has, and an event that was read once is read again the same for ever.
 */
export interface LogPartition {
  /** `log`, or `heddle.conversation/7`. */
  readonly name: string;
  /** Events after a position, in order. An empty page whose `scannedTo` equals `after` means the end. */
  read(after: number, options: ReadOptions): Promise<LogPage>;
  /** The last position, 0 for an empty partition. */
  end(): Promise<number>;
}

/** The log as every reader sees it, whatever it is kept in (docs/decisions/0015). */
export interface EventLog {
  /** The partitions that may hold events of these types, always in the same order. */
  partitionsOf(types: readonly string[]): Promise<readonly LogPartition[]>;
}
