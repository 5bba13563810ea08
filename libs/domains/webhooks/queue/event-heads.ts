import type { EventCodec } from '../../../platform/event-codec/event-codec.js';
import type { StoredEvent } from '../../../platform/event-log/event-log.js';
import type { Feed } from '../../../platform/feed/feed.js';

/** Which event a row of the queue is about: rows have its position alone. */
export interface EventHead {
  id: string;
  type: string;
  stream: string;
}

const MOST_BYTES_AT_ONCE = 4 * 1024 * 1024;

/** The events at positions, by them. Throws where the feed ends before one. */
export async function eventHeads(
  feed: Pick<Feed, 'at'>,
  codec: Pick<EventCodec, 'decode'>,
  positions: Iterable<number>,
): Promise<Map<number, EventHead>> {
  const wanted = [...new Set(positions)].sort((a, b) => a - b);
  const heads = new Map<number, EventHead>();
  for (let from = 0; from < wanted.length; ) {
    const stored: StoredEvent[] = await feed.at(wanted.slice(from), MOST_BYTES_AT_ONCE);
    if (stored.length === 0) break;
    for (const { position, fingerprint, payload } of stored) {
      const { type, meta } = codec.decode(fingerprint, payload);
      heads.set(position, { id: meta.id, type, stream: meta.stream });
    }
    from = wanted.indexOf(stored.at(-1)!.position) + 1;
  }
  return heads;
}
