/** An event as the log keeps it: bare Avro and the fingerprint of the schema it was written with. */
export interface StoredEvent {
  /**
   * Its place in its partition, from 1: in the embedded log, whose one partition is the whole store, the same as
   * `storePosition`; on Kafka the record's offset plus one.
   */
  position: number;
  /** Its place in its store's order of commit; 0 where that cannot be told. */
  storePosition: number;
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

/** A log of one partition, whose readers are woken. */
export interface WholeLog extends EventLog, LogPartition {
  /**
   * Calls back soon after events were appended, by this process or another; it may call for nothing, and a caller
   * must still look from time to time. Returns the way to stop it.
   */
  onAppend(listener: () => void): () => void;
}

/** One that is read by place, too. */
export interface PlacedLog extends WholeLog {
  /**
   * The events at these positions, in this order of them: those that are there, and of them so many, from the first on, that no
   * more than `mostBytes` of payload come before the last. Fewer than there are leave a rest to ask for.
   */
  at(positions: readonly number[], mostBytes: number, order: 'asc' | 'desc'): Promise<StoredEvent[]>;
}
