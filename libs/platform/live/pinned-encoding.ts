import type { Pins } from '../event-schemas/pins.js';
import { type EncodableEvent, type Encoding, LiveEvent } from './live-event.js';

/** How a transport writes to a reader that pins versions: events of those types are made for it, all others are the same for all. */
export function pinnedEncoding(encoding: Encoding, pins: Pins | undefined): Encoding {
  if (pins === undefined || pins.isEmpty) return encoding;
  return {
    ...encoding,
    event: (event) => encoding.event(pins.has(event.type) ? inItsVersion(event, pins) : event),
  };
}

function inItsVersion({ event, cursor }: EncodableEvent, pins: Pins): EncodableEvent {
  const { type, meta, position } = event;
  const data = pins.dataOf(event) as Record<string, unknown>;
  return new LiveEvent({ type, meta, position, data }, cursor, 0);
}
