import type { SealedEvent } from '../event-codec/sealed-event.js';
import type { ScannedEvent, StreamHistory } from '../feed/stream-history.js';
import { notReached, type Past } from './past-query.js';

import { ReadMeter } from './read-meter.js';

export interface PastReading {
  workspace: string;
  stream: string;
  /** Null: all that is there. */
  past: Past | null;
  /** Whether an event of this type may be opened; all may where it is left out. */
  opens?: (type: string) => boolean;
  /** Only events of these types. */
  types?: readonly string[];
  /** Nothing up to and with this seq. */
  after?: number;
  /** Takes from the caller's quota; throws `rate_limited`. */
  charge?: ((units: number) => void) | undefined;
}

/**
 * The events that made a stream's past, in the order of `seq`, a page at a time. A page that is empty of them is given
 * too. Throws `not_found` for a stream that is not there, and for a `seq` that it has not reached.
 */
export async function* pastEvents(
  history: Pick<StreamHistory, 'scan'>,
  { workspace, stream, past, opens, types, after = 0, charge }: PastReading,
): AsyncGenerator<ScannedEvent[]> {
  // Where it ends at one that was recorded later, all are looked at.
  const filter = past?.kind === 'recorded_at' ? undefined : types;
  const meter = new ReadMeter(charge);
  let ended = false;
  let last = after;
  const pages = history.scan(workspace, stream, {
    after,
    ...(filter === undefined ? {} : { types: filter }),
    ...(past?.kind === 'seq' ? { upTo: past.seq } : {}),
    wants: (event) => {
      // The store had the later ones later, whatever the clocks of its processes said.
      ended ||= past?.kind === 'recorded_at' && event.meta.recorded_at > past.time;
      last = event.meta.seq;
      return !ended && happened(event, past) && (types === undefined || types.includes(event.type));
    },
    ...(opens === undefined ? {} : { opens }),
    onRead: (events, bytes) => meter.read(events, bytes),
  });
  for await (const page of pages) {
    yield page;
    if (ended) return;
  }
  if (past?.kind === 'seq' && types === undefined && last < past.seq) throw notReached(stream, past.seq, last);
}

function happened({ meta }: SealedEvent, past: Past | null): boolean {
  return past?.kind !== 'at' || meta.occurred_at <= past.time;
}
