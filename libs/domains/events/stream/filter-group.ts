import type { AddressedSignal, Encoding, LiveEvent } from '../../../platform/live/live-event.js';
import type { LiveReader } from '../../../platform/live/live-reader.js';
import type { LiveTail, TailReader } from '../../../platform/live/live-tail.js';
import type { EventIndex } from '../entries/event-index.js';
import { type EventFilter, matches, matchesSignal } from './event-filter.js';

interface Subjects {
  customers: Set<string>;
  conversations: Set<string>;
}

/**
 * All readers of a workspace's events with the same filter, as one: whether an event is theirs is asked once, and they are
 * given the same array of events, whose bytes are made once.
 */
export class FilterGroup implements TailReader {
  after = Number.POSITIVE_INFINITY;
  private readonly members = new Set<LiveReader>();
  /** What belongs to the filter's customer, as far as this process has heard; null where it names none. */
  private readonly subjects: Subjects | null;
  private known: Promise<void> | null = null;
  /** In which of the tail's beginnings that was asked for. */
  private knownIn = 0;
  /** The last time that it was asked for, over or not. */
  private asked: Promise<void> = Promise.resolve();

  constructor(
    private readonly workspace: string,
    private readonly filter: EventFilter,
    private readonly tail: LiveTail,
    private readonly index: EventIndex,
  ) {
    this.subjects = filter.customer === null ? null : { customers: new Set(), conversations: new Set() };
  }

  get isEmpty(): boolean {
    return this.members.size === 0;
  }

  /** Sets the reader's `after`, which is not before `begin`. Throws where the log or the index cannot be read now. */
  async join(reader: LiveReader, begin: number): Promise<void> {
    reader.after = Number.POSITIVE_INFINITY;
    this.members.add(reader);
    await this.tail.join(this.workspace, this);
    if (this.subjects !== null) await this.knowSubjects();
    // In one step: what has been given to others before is in its history.
    reader.after = Math.max(this.tail.decided, begin);
  }

  leave(reader: LiveReader): void {
    this.members.delete(reader);
    if (!this.isEmpty) return;
    this.tail.leave(this.workspace, this);
    // From here on it hears of nothing.
    this.known = null;
  }

  take(events: readonly LiveEvent[]): void {
    let mine: LiveEvent[] = [];
    for (const event of events) {
      if (this.subjects !== null && isMergeOf(this.subjects, event)) {
        // All before it was theirs as it was; from it on the index says what is.
        this.give(mine, events);
        mine = [];
        this.known = null;
        for (const reader of this.members) reader.fallBehind({ position: event.position - 1, seq: 0 });
      }
      if (this.wants(event)) mine.push(event);
    }
    this.give(mine, events);
  }

  signal(encoded: (encoding: Encoding) => Buffer, signal: AddressedSignal): void {
    if (!matchesSignal(this.filter, signal, this.subjects)) return;
    for (const reader of this.members) reader.signal(encoded);
  }

  close(reason: 'internal'): void {
    for (const reader of this.members) reader.close(reason);
  }

  /** The array as it came, where all of it is theirs. */
  private give(mine: readonly LiveEvent[], events: readonly LiveEvent[]): void {
    if (mine.length === 0) return;
    const given = mine.length === events.length ? events : mine;
    for (const reader of this.members) reader.take(given);
  }

  private wants({ event }: LiveEvent): boolean {
    const { type, meta, data } = event;
    if (this.subjects !== null && type === 'conversation.created') {
      const { customer_id } = data as { customer_id: string };
      if (this.subjects.customers.has(customer_id)) this.subjects.conversations.add(meta.stream);
    }
    return matches(this.filter, event, this.subjects);
  }

  private async knowSubjects(): Promise<void> {
    if (this.knownIn !== this.tail.beginnings) this.known = null;
    if (this.known === null) {
      this.knownIn = this.tail.beginnings;
      // One after another: an older answer must not stand beside a newer one.
      this.asked = this.asked.catch(() => undefined).then(() => this.readSubjects(this.subjects!));
      this.known = this.asked;
    }
    const { known } = this;
    try {
      await known;
    } catch (error) {
      if (this.known === known) this.known = null;
      throw error;
    }
  }

  /**
   * First who they are: from then on it hears of their merges and of their new conversations itself. A merge that it was
   * told of before, and took for a stranger's, is in the index by then, so they are asked for until they stay the same.
   * Then the conversations that they have.
   */
  private async readSubjects(subjects: Subjects): Promise<void> {
    await this.reached();
    let customers = await this.readAs();
    do {
      subjects.customers = customers;
      subjects.conversations = new Set();
      await this.reached();
      customers = await this.readAs();
    } while (!isSame(customers, subjects.customers));
    const known = await this.index.conversationsOf(this.workspace, [...customers]);
    for (const conversation of known) subjects.conversations.add(conversation);
  }

  private async readAs(): Promise<Set<string>> {
    return new Set(await this.index.readAs(this.workspace, this.filter.customer!));
  }

  /** All that was given before is in the index. */
  private reached(): Promise<void> {
    return this.index.mustReach(this.tail.decided);
  }
}

function isSame(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return one.size === other.size && [...one].every((id) => other.has(id));
}

/** With a merge, all of another's conversations come at once, or go: the index knows which. */
function isMergeOf({ customers }: Subjects, { event }: LiveEvent): boolean {
  const { type, meta, data } = event;
  if (type !== 'customer.merged' && type !== 'customer.unmerged') return false;
  const { into_id, from_id } = data as { into_id?: string; from_id?: string };
  return customers.has(meta.stream) || customers.has(into_id ?? from_id ?? '');
}
