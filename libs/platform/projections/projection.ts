import type { DomainEvent, EventMeta } from '../kernel/event.js';
import type { SqlStatement } from '../postgres/connection.js';

/** What a projection sees of an event. */
export interface ProjectedEvent extends DomainEvent {
  meta: EventMeta;
  /** Its place in the store, from 1, for projections that ask for `places`. An inline one runs too early to know it. */
  position?: number;
}

/** Gives the qualified name to write to for one of a projection's tables. */
export type TableName = (name: string) => string;

/**
 * A read model and the code that keeps it. `project` is pure: it folds a batch of events in memory into a few
 * multi-row statements. Inline, they run in the append's own transaction; followed, in one transaction with the
 * cursor; rebuilt, against other tables from the log alone. So the rows must follow from the events only, and the
 * same batch cut at other places must give the same rows. A followed one must also give the same rows where an event
 * comes after later ones of its stream, for a dead letter may be re-driven.
 */
export interface Projection {
  /** Unique in the installation; `heddle projection rebuild NAME`. */
  name: string;
  /** The service that owns it: its Postgres schema and role. */
  service: string;
  /** Whether it is kept in the append's own transaction, and not by following the log. */
  inline: boolean;
  /** Followed: events may come together for GATHERS_MS first, for its readers need not see each at once. */
  gathers?: boolean;
  /** Followed: whether it wants the events' positions. One that has none, as its record on Kafka lacks it, is set aside. */
  places?: boolean;
  /** Whether it reads personal fields. If not, they come as they are stored: sealed. */
  personal: boolean;
  /** Its tables' names in the service's schema, each with a primary key. */
  tables: readonly string[];
  /** The .sql files that make exactly these tables, relative to the package's root: run again where one was dropped. */
  definition: readonly string[];
  /** The event types it wants; others are passed over unread. */
  types: readonly string[];
  /**
   * Followed: whether it wants events of types, too, that only a newer version knows. It stops before them, as before a
   * newer version of a type, where another would pass them over and never have them.
   */
  whole?: boolean;
  /**
   * The statements for a batch, which holds wanted types only, in the order of the log. `table` gives the qualified
   * name to write to for one of `tables`; it must be part of a statement's `name` where one is given.
   */
  project(events: readonly ProjectedEvent[], table: TableName): SqlStatement[];
}

/** For so long a projection that gathers lets events come together, ms. */
export const GATHERS_MS = 250;

/** What cursors and dead letters are kept under. */
export type ProjectionName = Pick<Projection, 'service' | 'name'>;

/** The tables that requests read. */
export function liveTables({ service }: ProjectionName): TableName {
  return (name) => `${service}.${name}`;
}
