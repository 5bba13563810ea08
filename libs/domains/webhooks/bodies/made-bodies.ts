import type { OpenEvent, SealedEvent } from '../../../platform/event-codec/sealed-event.js';
import type { StoredEvent } from '../../../platform/event-log/event-log.js';
import type { Keyring } from '../../../platform/keys/data-key.js';
import { type Bodies, type MadeBody, nameOf } from './bodies.js';

export interface BodyPorts {
  bodies: Pick<Bodies, 'make'>;
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

/** The bodies of events, once for each event and version, by `nameOf`. */
export async function madeBodies(
  { bodies, keyIdsOf, keyring }: BodyPorts,
  sent: readonly SentEvent[],
): Promise<Map<string, MadeBody>> {
  const made = new Map<string, MadeBody>();
  if (sent.length === 0) return made;
  const keys = await keyring(new Set(sent.flatMap(({ sealed }) => keyIdsOf(sealed))));
  for (const { event, sealed, stored, pins } of sent) {
    const { position, payload } = stored;
    for (const pin of pins) {
      const feedEvent = { ...event, position, weight: payload.length };
      made.set(nameOf({ position, pin }), bodies.make(feedEvent, sealed, pin, keys));
    }
  }
  return made;
}
