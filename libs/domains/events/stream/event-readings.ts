import { Inject, Injectable } from '@nestjs/common';
import type { Start } from '../../../platform/feed/start.js';
import type { Encoding } from '../../../platform/live/live-event.js';
import type { LiveReader, Sink } from '../../../platform/live/live-reader.js';
import type { Reading } from '../../../platform/live/reading.js';
import { portsOf, type ServicePorts } from '../../../platform/runtime/service-ports.js';
import { EventIndex } from '../entries/event-index.js';
import { type EventFilter, keyOf } from './event-filter.js';
import { EventSource } from './event-source.js';
import { FilterGroup } from './filter-group.js';

/** What somebody wants to read. */
export interface ReadingRequest {
  workspace: string;
  /** The key that it is read with. */
  key: string;
  filter: EventFilter;
  start: Start;
  /** Takes from the caller's quota for what is read of the history; throws `rate_limited`. */
  charge?: ((units: number) => void) | undefined;
}

/** A reading that may begin: everything that can be wrong with it was looked at. */
export interface PreparedReading {
  /** Where it begins; null for the beginning of the log. */
  cursor: string | null;
  /** From its history on, until the sink closes, or the reader is closed; null where the sink has gone. */
  begin(sink: Sink, encoding: Encoding): LiveReader | null;
}

/**
 * Readings of a workspace's events, from anywhere to what happens now: for whatever transport has a sink to write to, and
 * an encoding of what is written. One for all transports: those who read the same on whichever of them are one group.
 */
@Injectable()
export class EventReadings {
  private readonly index: EventIndex;
  /** By workspace and filter. */
  private readonly groups = new Map<string, FilterGroup>();

  constructor(
    @Inject(portsOf('events')) private readonly ports: Pick<ServicePorts, 'reads' | 'follower' | 'feed' | 'live'>,
  ) {
    this.index = new EventIndex(ports);
  }

  /**
   * Throws `invalid_cursor`, `cursor_diverged`, `rate_limited` and `unavailable`, before anything is written.
   */
  async prepare(request: ReadingRequest): Promise<PreparedReading> {
    const { live } = this.ports;
    const { cursor, make } = await live.admit(request, () => this.readingOf(request));
    const isKnown = request.start.kind === 'cursor' || cursor === null;
    const begin = (sink: Sink, encoding: Encoding) => {
      // It would be in a group that it never leaves.
      if (sink.destroyed) return null;
      // One that is cut off before its first event goes on from here, and not from the now of that moment.
      if (!isKnown) sink.write(encoding.heartbeat(cursor));
      return live.attach(sink, make(), encoding);
    };
    return { cursor, begin };
  }

  private async readingOf({
    workspace,
    key,
    filter,
    start,
    charge,
  }: ReadingRequest): Promise<{ cursor: string | null; make: () => Reading }> {
    const after = await this.placeOf(workspace, start);
    const cursor =
      start.kind === 'cursor'
        ? start.cursor
        : after === 0
          ? null
          : this.ports.feed.cursorOf(workspace, { position: after });
    const make = () => {
      const source = this.sourceOf(workspace, filter, after);
      return { workspace, key, after, cursor, types: null, charge, source };
    };
    return { cursor, make };
  }

  private sourceOf(workspace: string, filter: EventFilter, after: number): EventSource {
    const name = `${workspace} ${keyOf(filter)}`;
    const tail = this.ports.live.feedTail;
    const group = this.groups.get(name) ?? new FilterGroup(workspace, filter, tail, this.index);
    this.groups.set(name, group);
    const { index } = this;
    return new EventSource({
      workspace,
      after,
      filter,
      customers: async () => (filter.customer === null ? [] : index.readAs(workspace, filter.customer)),
      index,
      feed: this.ports.feed,
      tail,
      group,
      onLeave: () => {
        if (group.isEmpty && this.groups.get(name) === group) this.groups.delete(name);
      },
    });
  }

  private async placeOf(workspace: string, start: Start): Promise<number> {
    const { feed } = this.ports;
    if (start.kind === 'beginning') return 0;
    if (start.kind === 'cursor') return feed.positionOf(workspace, start.cursor);
    const end = await feed.end();
    if (start.kind === 'now') return end;
    // What the index lacks may have been recorded then: a place that is looked up before it is there would leave that out.
    await this.index.mustReach(end);
    return this.index.before(workspace, start.ms, end);
  }
}
