import type { OpenEvent, SealedEvent } from '../../../platform/event-codec/sealed-event.js';
import type { StoredEvent } from '../../../platform/event-log/event-log.js';
import type { Keyring } from '../../../platform/keys/data-key.js';
import { type Bodies, type KeysBefore, type MadeBody, nameOf } from './bodies.js';

export interface BodyPorts {
  bodies: Pick<Bodies, 'make' | 'now'>;
  keyIdsOf(event: SealedEvent): string[];
  keyring(ids: Iterable<string>): Promise<Keyring>;
}

/** An event whose body is sent, in one version or more. */
export interface SentEvent {
  event: OpenEvent;
  /** The same as the log has it. */
  sealed: SealedEvent;
  stored: StoredEvent;
  pins: ReadonlySet<string>;
}

/**
 * To be read before the events are opened: whoever is erased after that is in their bodies by name, which are sealed with the key
 * that is gone then. Read afterwards, the key would be missing, and the name kept in the open.
 */
export async function keysBefore(
  { bodies, keyIdsOf, keyring }: BodyPorts,
  events: readonly { sealed: SealedEvent }[],
): Promise<KeysBefore> {
  const readAt = bodies.now();
  if (events.length === 0) return { keyring: new Map(), readAt };
  return { keyring: await keyring(new Set(events.flatMap(({ sealed }) => keyIdsOf(sealed)))), readAt };
}

/** The bodies of events, once for each event and version, by `nameOf`. */
export function madeBodies(
  { bodies }: Pick<BodyPorts, 'bodies'>,
  sent: readonly SentEvent[],
  keys: KeysBefore,
): Map<string, MadeBody> {
  const made = new Map<string, MadeBody>();
  for (const { event, sealed, stored, pins } of sent) {
    const { position, payload } = stored;
    for (const pin of pins) {
      const feedEvent = { ...event, position, weight: payload.length };
      made.set(nameOf({ position, pin }), bodies.make(feedEvent, sealed, pin, keys));
    }
  }
  return made;
}
