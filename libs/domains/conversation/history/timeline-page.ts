import { PAGE_BYTES } from '../../../platform/reads/page.js';
import type { FoundActivity } from './customer-activities.js';
import type { FoldedEvent } from './message-windows.js';
import type { TimelinePlace } from './timeline-place.js';

type StreamEvent = FoldedEvent & { position: number };

/**
 * One page of a timeline, fed with the conversation's events by `seq`. Of the activities, which were found before and are
 * in the order of when they happened, each goes before the first event that happened later than it.
 */
export class TimelinePage {
  readonly entries: (StreamEvent | FoundActivity)[] = [];
  /** Those of the entries. */
  readonly activities: FoundActivity[] = [];
  /** Whether there is more than it holds. */
  isFull = false;
  place: TimelinePlace;
  private next = 0;
  private weight = 0;

  constructor(
    private readonly found: readonly FoundActivity[],
    after: TimelinePlace,
    private readonly limit: number,
  ) {
    this.place = after;
  }

  add(event: StreamEvent): void {
    this.addActivities(event.meta.occurred_at);
    if (this.isFull || !this.hasRoom()) return;
    this.entries.push(event);
    this.place = { ...this.place, seq: event.meta.seq };
    this.weight += event.bytes ?? 0;
  }

  /** After the last event. */
  addRest(): void {
    if (!this.isFull) this.addActivities(Number.POSITIVE_INFINITY);
  }

  private addActivities(before: number): void {
    for (; this.next < this.found.length; this.next++) {
      const activity = this.found[this.next]!;
      if (activity.occurredAt >= before || !this.hasRoom()) return;
      this.entries.push(activity);
      this.activities.push(activity);
      const { occurredAt, position } = activity;
      this.place = { ...this.place, activity: { occurredAt, position } };
      this.weight += activity.bytes;
    }
  }

  private hasRoom(): boolean {
    this.isFull = this.entries.length === this.limit || this.weight >= PAGE_BYTES;
    return !this.isFull;
  }
}
