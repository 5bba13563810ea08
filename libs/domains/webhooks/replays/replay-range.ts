import type { EventCodec } from '../../../platform/event-codec/event-codec.js';
import type { LogPartition } from '../../../platform/event-log/event-log.js';
import type { Feed } from '../../../platform/feed/feed.js';
import { parseStart } from '../../../platform/feed/start.js';
import { Problem } from '../../../platform/kernel/problem.js';

/** A part of the log: its first position and its last. It is empty where the last is the one before the first. */
export interface ReplayRange {
  from: number;
  to: number;
}

export interface RangePorts {
  feed: Pick<Feed, 'end' | 'positionOf' | 'waitFor'>;
  log: Pick<LogPartition, 'read'>;
  codec: Pick<EventCodec, 'decode'>;
}

const READABLE_WITHIN_MS = 5000;

/**
 * The range that a request names: `from` the first event where nothing is said, `to` the last there is now. A time is where the
 * first event lies that was recorded then or later. Throws `invalid_value`, `invalid_cursor`, `cursor_diverged`, `reversed_range`,
 * and `unavailable` where the feed is more than 5 s behind.
 */
export async function replayRange(
  ports: RangePorts,
  workspace: string,
  asked: { from: string | undefined; to: string | undefined },
  now: number,
): Promise<ReplayRange> {
  const end = await ports.feed.end();
  const before = (text: string | undefined, pointer: string) => placeBefore(ports, workspace, text, pointer, end, now);
  const from = (await before(asked.from ?? 'beginning', '/body/from')) + 1;
  const to = await before(asked.to, '/body/to');
  if (to >= from - 1) return { from, to };
  throw new Problem('reversed_range', '/body/to is before /body/from. Send a range that ends after it begins.');
}

/** The position that what begins there begins after. */
async function placeBefore(
  ports: RangePorts,
  workspace: string,
  text: string | undefined,
  pointer: string,
  end: number,
  now: number,
): Promise<number> {
  const start = parseStart(text, now, pointer);
  switch (start.kind) {
    case 'beginning':
      return 0;
    case 'now':
      return end;
    case 'cursor':
      return ports.feed.positionOf(workspace, start.cursor);
    case 'time':
      return beforeTime(ports, start.ms, end);
    default:
      return start satisfies never;
  }
}

/** By halves: events are recorded in their order, but for what the clocks of processes differ by. */
async function beforeTime({ feed, log, codec }: RangePorts, ms: number, end: number): Promise<number> {
  if (!(await feed.waitFor(end, READABLE_WITHIN_MS))) {
    throw new Problem('unavailable', 'The feed of events is more than 5 s behind. Try again.', { retryAfter: 1 });
  }
  let [first, beyond] = [1, end + 1];
  while (first < beyond) {
    const middle = Math.floor((first + beyond) / 2);
    const [event] = (await log.read(middle - 1, { limit: 1, upTo: beyond - 1 })).events;
    const isBefore = event !== undefined && codec.decode(event.fingerprint, event.payload).meta.recorded_at < ms;
    if (isBefore) first = event.position + 1;
    else beyond = middle;
  }
  return first - 1;
}
