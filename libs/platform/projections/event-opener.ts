import type { OpenEvent, SealedEvent } from '../event-codec/sealed-event.js';
import type { StoredEvent } from '../event-log/event-log.js';
import type { Keyring } from '../keys/data-key.js';
import type { KeyDatabase } from '../keys/key-database.js';
import type { ProjectedEvent, Projection } from './projection.js';

/** What the projections need of the event codec. */
export interface EventDecoder {
  /** Throws where the bytes are not an event of that schema, or the schema is not known. */
  decode(fingerprint: Buffer, payload: Buffer): SealedEvent;
  /** The ids of the keys that its personal fields were sealed with, in hex. */
  keyIdsOf(event: SealedEvent): Iterable<string>;
  open(event: SealedEvent, keyring: Keyring): OpenEvent;
}

/** What the projections need of the key store. */
export interface KeyLoader {
  loadByIds(db: KeyDatabase, ids: Iterable<string>): Promise<Keyring>;
}

/**
 * Turns what the log keeps into what projections see. Each event is decoded once for all that follow the log with the
 * same opener, as long as they are given the same object.
 */
export class EventOpener {
  private readonly events = new WeakMap<StoredEvent, SealedEvent>();

  constructor(
    private readonly decoder: EventDecoder,
    private readonly keys: KeyLoader,
  ) {}

  /** Throws where the event does not decode. */
  decode(stored: StoredEvent): SealedEvent {
    let event = this.events.get(stored);
    if (event === undefined) {
      event = this.decoder.decode(stored.fingerprint, stored.payload);
      this.events.set(stored, event);
    }
    return event;
  }

  /** What is known of an event; null where it was not decoded, or could not be. */
  decoded(stored: StoredEvent): SealedEvent | null {
    return this.events.get(stored) ?? null;
  }

  /** Before an event is tried again: nothing of the first try may stand in its way. */
  forget(stored: StoredEvent): void {
    this.events.delete(stored);
  }

  /** Opens the personal fields, where the projection wants them. `db` is a session that may read keys. */
  async open(projection: Projection, db: KeyDatabase, events: readonly SealedEvent[]): Promise<ProjectedEvent[]> {
    if (!projection.personal) return [...events];
    const ids = new Set<string>();
    for (const event of events) for (const id of this.decoder.keyIdsOf(event)) ids.add(id);
    const keyring = await this.keys.loadByIds(db, ids);
    return events.map((event) => this.decoder.open(event, keyring));
  }
}
