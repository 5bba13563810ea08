import type { SealedEvent } from '../event-codec/sealed-event.js';
import type { StoredEvent } from '../event-log/event-log.js';
import type { KeyDatabase } from '../keys/key-database.js';
import type { SqlStatement } from '../postgres/connection.js';
import type { EventOpener } from './event-opener.js';
import { blamingEvents } from './poison.js';
import type { ProjectedEvent, Projection, TableName } from './projection.js';

/** Makes the statements of events, in the order of the log. */
export interface Fold {
  /**
   * How many of the events, from the first on, are for one transaction; all where it is left out. For a fold whose statements can be
   * many times more than its events. Throws as `statements` does.
   */
  atOnce?(events: readonly StoredEvent[]): Promise<number>;
  /** Throws what `isPoison` knows where one of the events is at fault. */
  statements(events: readonly StoredEvent[], table: TableName): Promise<SqlStatement[]>;
  /** What is known of an event that fails; null where it could not be decoded. */
  decoded(event: StoredEvent): SealedEvent | null;
  /** Before an event is tried again: nothing of the first try may stand in its way. */
  forget(event: StoredEvent): void;
  /**
   * The place was taken from the row anew, as it is before each time that this member begins to lead: what it keeps in memory of
   * its own rows may be another member's by now.
   */
  began?(): Promise<void>;
}

/** The fold of a projection: decode, open what it may see, project. */
export class ProjectionFold implements Fold {
  /** `keyDatabase` is a session that may read keys. */
  constructor(
    private readonly projection: Projection,
    private readonly opener: EventOpener,
    private readonly keyDatabase: KeyDatabase,
  ) {}

  statements(events: readonly StoredEvent[], table: TableName): Promise<SqlStatement[]> {
    return blamingEvents(async () => {
      const sealed = events.map((event) => this.opener.decode(event));
      const opened = await this.opener.open(this.projection, this.keyDatabase, sealed);
      const wantsPlaces = this.projection.places === true;
      return this.projection.project(wantsPlaces ? withPlaces(opened, events) : opened, table);
    });
  }

  decoded(event: StoredEvent): SealedEvent | null {
    return this.opener.decoded(event);
  }

  forget(event: StoredEvent): void {
    this.opener.forget(event);
  }
}

function withPlaces(events: readonly ProjectedEvent[], stored: readonly StoredEvent[]): ProjectedEvent[] {
  return events.map((event, i) => {
    const { storePosition: position } = stored[i]!;
    if (position === 0) throw new Error('The record does not say where in the store its event is.');
    return { ...event, position };
  });
}
