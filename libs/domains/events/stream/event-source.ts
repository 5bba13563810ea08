import { setTimeout as sleep } from 'node:timers/promises';
import type { StoredEvent } from '../../../platform/event-log/event-log.js';
import { weightOf } from '../../../platform/event-log/event-weight.js';
import type { Feed, FeedEvent } from '../../../platform/feed/feed.js';
import { historyPart } from '../../../platform/live/history-parts.js';
import { type Encoding, LiveEvent } from '../../../platform/live/live-event.js';
import type { HistoryPart, LiveReader, ReaderPlace } from '../../../platform/live/live-reader.js';
import type { LiveTail } from '../../../platform/live/live-tail.js';
import type { GivenPage, ReadingSource } from '../../../platform/live/reading.js';
import { isUnavailable } from '../../../platform/postgres/connection.js';
import type { EventIndex } from '../entries/event-index.js';
import type { EventFilter } from './event-filter.js';
import type { FilterGroup } from './filter-group.js';

/** A page of history weighs so much on the log at the most, and one event; as text it may be twice that. */
const PAGE_BYTES = 256 * 1024;
/** How many positions are asked for at a time, and how many events. */
const POSITIONS = 4000;
const FEWEST = 100;
const MOST = 2000;
/** One that takes the page before only later is read again then: what waits long is not kept. */
const AHEAD_KEPT_MS = 500;
const REACHED_WITHIN_MS = 1000;
const TRY_AGAIN_MS = 200;

/** As the store keeps it: what waits for its turn weighs no more than that. */
interface Page {
  stored: StoredEvent[];
  scannedTo: number;
  rest: Found;
}

/** Positions that were found, and not read yet; `to`: up to there they are all that there is. */
interface Found {
  positions: readonly number[];
  to: number;
}

interface EncodedPage {
  /** Null where it has no event. */
  part: HistoryPart | null;
  /** How far it goes without another event. */
  reached: { place: ReaderPlace; cursor: string } | null;
}

export interface EventSourceOptions {
  workspace: string;
  /** Nothing up to and with this position, though it may not have come back from Kafka yet. */
  after: number;
  filter: EventFilter;
  /** Those who are read as the filter's customer; asked again for each history. */
  customers: () => Promise<readonly string[]>;
  index: EventIndex;
  feed: Feed;
  tail: LiveTail;
  group: FilterGroup;
  onLeave: () => void;
}

/**
 * The events of a workspace that a filter means: by the index up to where its group goes on, a page read ahead while one
 * is written. Waits where the index is behind, and while the store is away. Its places are positions.
 */
export class EventSource implements ReadingSource {
  /** Those of this history; null before they were asked for. */
  private customers: readonly string[] | null = null;
  private hasBegun = false;
  /** Up to here the index and the feed have been waited for. */
  private reachedTo = 0;
  private atOnce = FEWEST;
  private ahead: { after: number; upTo: number; page: Promise<Page> } | null = null;
  /** What the last page that was given left. */
  private rest: Found = { positions: [], to: 0 };

  constructor(private readonly options: EventSourceOptions) {}

  placeOf({ position }: ReaderPlace): number {
    return position;
  }

  async join(reader: LiveReader): Promise<void> {
    // It may wait long for its first page, too, and hears meanwhile that the connection lives.
    if (!this.hasBegun) reader.reachedInHistory({ position: this.options.after, seq: 0 }, reader.cursor);
    this.hasBegun = true;
    this.ahead = null;
    this.customers = null;
    await untilDone(reader, async () => {
      await this.options.group.join(reader, this.options.after);
      return true;
    });
  }

  leave(reader: LiveReader): void {
    this.ahead = null;
    this.options.group.leave(reader);
    this.options.onLeave();
  }

  delivered(): number {
    return this.options.tail.delivered;
  }

  async givePage(reader: LiveReader, after: number): Promise<GivenPage> {
    const upTo = reader.after;
    let given: GivenPage = { next: null, last: null, read: 0, taken: Promise.resolve() };
    if (after >= upTo) return given;
    await untilDone(reader, async () => {
      // Once for a history: what the feed lacks while it is made anew, it says itself.
      if (upTo > this.reachedTo && !(await this.options.index.reached(upTo, REACHED_WITHIN_MS))) return false;
      this.reachedTo = upTo;
      // Not before: a merge that the history goes beyond must be in the answer.
      this.customers ??= await this.options.customers();
      const { stored, scannedTo } = await this.page(after, upTo);
      const page = await this.encoded(reader.encoding, stored, scannedTo);
      given = { ...given, next: scannedTo < upTo ? scannedTo : null, last: scannedTo, read: stored.length };
      // While this one is written.
      if (given.next !== null) this.readAhead(given.next, upTo);
      given.taken = write(reader, page);
      return true;
    });
    return given;
  }

  /** What is written of a page, and nothing that it was made of: it may wait long for its reader. */
  private async encoded(encoding: Encoding, stored: readonly StoredEvent[], scannedTo: number): Promise<EncodedPage> {
    const { workspace, feed } = this.options;
    const events = await feed.open(workspace, stored);
    const part = historyPart(this.shown(events), encoding);
    const end = { position: scannedTo, seq: 0 };
    const isBeyond = scannedTo > (part?.place.position ?? 0);
    return { part, reached: isBeyond ? { place: end, cursor: feed.cursorOf(workspace, end) } : null };
  }

  /** One after another: what is made of one for its bytes is gone when the next comes. */
  private *shown(events: readonly FeedEvent[]): Generator<LiveEvent> {
    const { workspace, feed } = this.options;
    for (const event of events) {
      const { position, meta, weight } = event;
      yield new LiveEvent(event, feed.cursorOf(workspace, { position, seq: meta.seq }), weight);
    }
  }

  private readAhead(after: number, upTo: number): void {
    const page = this.read(after, upTo, this.rest);
    const ahead = { after, upTo, page };
    this.ahead = ahead;
    const forget = () => {
      if (this.ahead === ahead) this.ahead = null;
    };
    // Where it fails, it is read again in its turn.
    page.then(
      () => setTimeout(forget, AHEAD_KEPT_MS).unref(),
      () => undefined,
    );
  }

  private async page(after: number, upTo: number): Promise<Page> {
    const { ahead } = this;
    this.ahead = null;
    const isNext = ahead !== null && ahead.after === after && ahead.upTo === upTo;
    const page = await (isNext ? ahead.page : this.read(after, upTo, { positions: [], to: after }));
    this.rest = page.rest;
    return page;
  }

  private async read(after: number, upTo: number, left: Found): Promise<Page> {
    const { positions, to } = left.positions.length > 0 ? left : await this.find(after, upTo);
    const asked = positions.slice(0, this.atOnce);
    const stored = asked.length === 0 ? [] : await this.options.feed.at(asked, PAGE_BYTES);
    const weight = weightOf(stored);
    // Where it weighs less, nothing was cut off: a position without an event is of one that cannot be read.
    const read = weight < PAGE_BYTES ? asked.length : asked.indexOf(stored.at(-1)!.position) + 1;
    this.atOnce = Math.min(MOST, Math.max(FEWEST, weight < PAGE_BYTES ? this.atOnce * 2 : read));
    const rest = { positions: positions.slice(read), to };
    return { stored, scannedTo: rest.positions.length === 0 ? to : asked[read - 1]!, rest };
  }

  private async find(after: number, upTo: number): Promise<Found> {
    const { workspace, filter, index } = this.options;
    const range = { after, upTo, order: 'asc', limit: POSITIONS } as const;
    const { positions, scannedTo } = await index.find(workspace, filter, this.customers!, range);
    return { positions, to: scannedTo };
  }
}

async function write(reader: LiveReader, { part, reached }: EncodedPage): Promise<void> {
  if (part !== null) await reader.writeHistory([part]);
  if (reached !== null) reader.reachedInHistory(reached.place, reached.cursor);
}

/** Until it is done, or the reader has gone: what is away comes back, and the index comes on. */
async function untilDone(reader: LiveReader, work: () => Promise<boolean>): Promise<void> {
  while (!reader.closed) {
    try {
      if (await work()) return;
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      await sleep(TRY_AGAIN_MS, undefined, { ref: false });
    }
  }
}
