import type { Encoding, LiveEvent } from './live-event.js';
import type { HistoryPart } from './live-reader.js';

/** About so much of a page is written before it is waited for; text. */
const PART_LENGTH = 256 * 1024;

/** Events in their order as one part; null where there are none. */
export function historyPart(events: Iterable<LiveEvent>, encoding: Encoding): HistoryPart | null {
  let text = '';
  let last: LiveEvent | null = null;
  for (const event of events) {
    text += encoding.event(event);
    last = event;
  }
  if (last === null) return null;
  const { position, seq, cursor } = last;
  return { bytes: Buffer.from(text), place: { position, seq }, cursor };
}

/** A page in parts, each of which is made when it is asked for: who goes before has none made. */
export function* historyParts(events: readonly LiveEvent[], encoding: Encoding): Generator<HistoryPart> {
  let begun: LiveEvent[] = [];
  let length = 0;
  for (const event of events) {
    begun.push(event);
    length += event.json.length;
    if (length < PART_LENGTH) continue;
    yield historyPart(begun, encoding)!;
    [begun, length] = [[], 0];
  }
  const rest = historyPart(begun, encoding);
  if (rest !== null) yield rest;
}
