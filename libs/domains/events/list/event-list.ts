import { weightOf } from '../../../platform/event-log/event-weight.js';
import type { Pins } from '../../../platform/event-schemas/pins.js';
import { LiveEvent } from '../../../platform/live/live-event.js';
import { ReadMeter } from '../../../platform/past/read-meter.js';
import { PAGE_BYTES } from '../../../platform/reads/page.js';
import type { ServicePorts } from '../../../platform/runtime/service-ports.js';
import { EventIndex } from '../entries/event-index.js';
import type { EventFilter } from '../stream/event-filter.js';

export interface ListQuery {
  filter: EventFilter;
  /** Recorded at this time or later, ms. */
  since: number | undefined;
  /** Recorded before this time, ms. */
  until: number | undefined;
  cursor: string | undefined;
  order: 'asc' | 'desc';
  limit: number;
  /** The versions that the reader asks for. */
  pins: Pins;
}

/** The events of a workspace that a filter means, a page at a time, from the first event ever. */
export class EventList {
  private readonly index: EventIndex;

  constructor(private readonly ports: Pick<ServicePorts, 'reads' | 'follower' | 'feed'>) {
    this.index = new EventIndex(ports);
  }

  /**
   * A page as JSON. What was acknowledged before the request is in it. Throws `invalid_cursor`, `cursor_diverged`, what the
   * charge throws, and `unavailable` where the index is more than 5 s behind.
   */
  async page(workspace: string, query: ListQuery, charge: ((units: number) => void) | undefined): Promise<string> {
    const { filter, cursor, order, limit, pins } = query;
    const { feed } = this.ports;
    const [end, place] = await Promise.all([
      feed.end(),
      cursor === undefined ? null : feed.positionOf(workspace, cursor),
    ]);
    await this.index.mustReach(end);
    const { after, upTo } = await this.range(workspace, query, place, end);
    const customers = filter.customer === null ? [] : await this.index.readAs(workspace, filter.customer);
    const { positions } = await this.index.find(workspace, filter, customers, {
      after,
      upTo,
      order,
      limit: limit + 1,
      since: query.since,
      until: query.until,
    });
    const { stored, last, more } = await this.read(positions, query);
    new ReadMeter(charge).read(stored.length, weightOf(stored));
    const lines = (await feed.open(workspace, stored)).map((event) => {
      const { position, meta, weight } = event;
      const shown = pins.has(event.type) ? { ...event, data: pins.dataOf(event) as typeof event.data } : event;
      return new LiveEvent(shown, feed.cursorOf(workspace, { position, seq: meta.seq }), weight).line;
    });
    const next = more ? JSON.stringify(feed.cursorOf(workspace, last)) : 'null';
    return `{"data":[${lines.join(',')}],"next_cursor":${next}}`;
  }

  /** Where to look: after the cursor, or before it, and no further than the times say. */
  private async range(workspace: string, { since, until, order }: ListQuery, place: number | null, end: number) {
    const [first, last] = await Promise.all([
      since === undefined ? 0 : this.index.before(workspace, since, end),
      until === undefined ? end : this.index.lastBefore(workspace, until),
    ]);
    if (order === 'asc') return { after: Math.max(first, place ?? 0), upTo: Math.min(last, end) };
    return { after: first, upTo: Math.min(last, end, place === null ? end : place - 1) };
  }

  /** As many of the events as a page holds, in the list's order; and where it ends. */
  private async read(positions: readonly number[], { limit, order }: ListQuery) {
    const asked = positions.slice(0, limit);
    const end = asked.at(-1) ?? 0;
    const stored = asked.length === 0 ? [] : await this.ports.feed.at(asked, PAGE_BYTES, order);
    const last = stored.at(-1)?.position ?? end;
    const isCut = weightOf(stored) >= PAGE_BYTES && last !== end;
    // Where the last position has no event that can be read, it was looked at all the same.
    return { stored, last: { position: isCut ? last : end }, more: isCut || positions.length > asked.length };
  }
}
