import type { SealedEvent } from '../event-codec/sealed-event.js';
import type { StoredEvent } from '../event-log/event-log.js';
import type { KeyDatabase } from '../keys/key-database.js';
import type { SqlStatement } from '../postgres/connection.js';
import type { EventOpener } from './event-opener.js';
import { blamingEvents } from './poison.js';
import type { Projection, TableName } from './projection.js';

/** Makes the statements of events, in the order of the log. */
export interface Fold {
  /** Throws what `isPoison` knows where one of the events is at fault. */
  statements(events: readonly StoredEvent[], table: TableName): Promise<SqlStatement[]>;
  /** What is known of an event that fails; null where it could not be decoded. */
  decoded(event: StoredEvent): SealedEvent | null;
  /** Before an event is tried again: nothing of the first try may stand in its way. */
  forget(event: StoredEvent): void;
}

/** The fold of a projection: decode, open what it may see, project. Each event is decoded once. */
export class ProjectionFold implements Fold {
  private readonly decodedEvents = new WeakMap<StoredEvent, SealedEvent>();

  /** `keyDatabase` is a session that may read keys. */
  constructor(
    private readonly projection: Projection,
    private readonly opener: EventOpener,
    private readonly keyDatabase: KeyDatabase,
  ) {}

  statements(events: readonly StoredEvent[], table: TableName): Promise<SqlStatement[]> {
    return blamingEvents(async () => {
      const sealed = events.map((event) => this.decode(event));
      return this.projection.project(await this.opener.open(this.projection, this.keyDatabase, sealed), table);
    });
  }

  decoded(event: StoredEvent): SealedEvent | null {
    return this.decodedEvents.get(event) ?? null;
  }

  forget(event: StoredEvent): void {
    this.decodedEvents.delete(event);
  }

  private decode(event: StoredEvent): SealedEvent {
    let sealed = this.decodedEvents.get(event);
    if (sealed === undefined) {
      sealed = this.opener.decode(event);
      this.decodedEvents.set(event, sealed);
    }
    return sealed;
  }
}
