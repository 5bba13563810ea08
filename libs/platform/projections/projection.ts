import type { DomainEvent, EventMeta } from '../kernel/event.js';
import type { SqlStatement } from '../postgres/connection.js';

/** What a projection sees of an event: opened, without its position, which an inline projection runs too early to know. */
export interface ProjectedEvent extends DomainEvent {
  meta: EventMeta;
}

/**
 * A read model and the code that keeps it. `project` is pure: it folds a batch of events in memory into a few
 * multi-row statements. Inline, they run in the append's own transaction; followed, in one transaction with the
 * cursor; rebuilt, against other tables from the log alone. So the rows must follow from the events only, and the
 * same batch cut at other places must give the same rows.
 */
export interface Projection {
  /** Unique in the installation; `heddle projection rebuild NAME`. */
  name: string;
  /** The service that owns it: its Postgres schema and role. */
  service: string;
  /** Its tables' names in the service's schema. */
  tables: readonly string[];
  /** The event types it wants; others are passed over unread. */
  types: readonly string[];
  /**
   * The statements for a batch, which holds wanted types only, in the order of the log. `table` gives the qualified
   * name to write to for one of `tables`; it must be part of a statement's `name` where one is given.
   */
  project(events: readonly ProjectedEvent[], table: (name: string) => string): SqlStatement[];
}
