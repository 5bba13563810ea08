import type pg from 'pg';
import type { EventCodec } from '../event-codec/event-codec.js';
import type { EventLog, WholeLog } from '../event-log/event-log.js';
import type { DataKey } from '../keys/data-key.js';
import type { Follower } from '../projections/follower.js';
import type { Projection } from '../projections/projection.js';
import type { ReplayOptions } from '../projections/replay-session.js';
import type { MadeEvent } from './made-events.js';

/** What one engine can and another cannot: a case that needs it is skipped where it is not declared. */
export const CAPABILITIES = {
  'wakes its readers': 'who waits at the end of the log is called when something was appended',
  'dense positions': 'positions are 1, 2, 3 … without a hole, and an empty partition ends at 0',
  'several partitions': 'streams are spread over partitions, which are followed independently of each other',
  'a topic a domain': 'where a type lies follows from its schema, so that a type without one is refused',
  'a feed of its own': 'the order of the store is put together again from the partitions',
} as const;

export type Capability = keyof typeof CAPABILITIES;

/** An engine of the log, as the conformance suite sees it. */
export interface EngineUnderTest {
  readonly name: string;
  readonly capabilities: ReadonlySet<Capability>;
  /** A new, empty installation. */
  open(): Promise<Installation>;
}

/** A store whose log is kept by the engine, a service with tables, and everything that was opened on them. */
export interface Installation {
  /** Of the store and the service, as their owner. */
  readonly url: string;
  readonly admin: pg.Client;
  readonly codec: EventCodec;
  /** The key that every personal field is sealed with. */
  readonly key: DataKey;
  readonly workspace: string;
  readonly log: EventLog;
  /** The events in the store's order, where readers by the public cursor find them. */
  feed(): Promise<WholeLog>;
  /** What rebuild and verify take. */
  readonly replaying: ReplayOptions;
  /** How long a case waits for what must come, ms. */
  readonly patienceMs: number;
  /** The log as another process sees it. */
  anotherLog(): Promise<EventLog>;
  /** Appends the events as one group; resolves when they can be read, with their positions in the store. */
  append(events: readonly MadeEvent[]): Promise<number[]>;
  /** A writer beside, whose appends resolve when they are committed. */
  anotherWriter(): Promise<AnotherWriter>;
  /** One more process that keeps the projections. It has been started. */
  follow(...projections: Projection[]): Promise<Member>;
  close(): Promise<void>;
}

export interface AnotherWriter {
  append(events: readonly MadeEvent[]): Promise<number[]>;
  /** Draws positions for the events and writes them, and then rolls back. */
  abort(events: readonly MadeEvent[]): Promise<void>;
}

/** A process that keeps projections. */
export interface Member extends Follower {
  /**
   * The process stands still from its next page on, after reading it and before writing anything, and says nothing to
   * anybody meanwhile, as under SIGSTOP.
   */
  freeze(): Frozen;
  /** As `kill -9` does: all its connections end at once, and it does nothing any more. */
  kill(): void;
  /** Postgres cannot be reached by this process any more, and can again. */
  losePostgres(): void;
  findPostgres(): void;
}

export interface Frozen {
  /** Resolves when it stands still. */
  readonly still: Promise<void>;
  thaw(): void;
}
