import { actorOf, type StreamHistory, toResource } from '../../../platform/feed/stream-history.js';
import type { RecordedEvent } from '../../../platform/kernel/event.js';
import { Problem } from '../../../platform/kernel/problem.js';
import type { Caller } from '../../../platform/operations/caller.js';
import { pastEvents } from '../../../platform/past/past-events.js';
import { notBegun, notReached, type Past } from '../../../platform/past/past-query.js';
import { ReadMeter } from '../../../platform/past/read-meter.js';
import { ListCursor } from '../../../platform/reads/list-cursor.js';
import type { PageQuery } from '../../../platform/reads/page.js';
import { conversationAfter } from './conversation-fold.js';
import type { CustomerActivities, FoundActivity } from './customer-activities.js';
import { Difference } from './difference.js';
import { type Conversation, type EntryKind, kindOf, TYPES_THAT_CHANGE, typesOfEntries } from './event-kinds.js';
import { type FoldedEvent, LastMessages, MessagesAfter } from './message-windows.js';
import { TimelinePage } from './timeline-page.js';
import { decodePlace, encodePlace } from './timeline-place.js';

/** Whose quota pays for what is read, and whose workspace is seen. */
export interface Reader {
  workspace: string;
  charge?: ((units: number) => void) | undefined;
}

export function readerOf({ workspace, charge }: Caller): Reader {
  return { workspace: workspace!, charge };
}

const MOST_MESSAGES_OF_A_DIFFERENCE = 1000;

const isOfMessages = (type: string) => type.startsWith('message.');

/** Conversations as they were, folded from their events (docs/decisions/0020). */
export class PastConversations {
  constructor(
    private readonly history: StreamHistory,
    private readonly activities: CustomerActivities,
  ) {}

  /** With so many of its last messages, the newest last. Throws `not_found`, also for a past in which it was not. */
  async conversation(
    reader: Reader,
    id: string,
    past: Past,
    messages: number,
  ): Promise<{ body: object; version: number }> {
    if (messages === 0 && past.kind === 'seq') return this.fieldsAfter(reader, id, past);
    const window = new LastMessages(messages);
    let conversation: Conversation | null = null;
    for await (const page of this.events(reader, id, past)) {
      for (const event of page) {
        conversation = conversationAfter(conversation, event);
        if (messages > 0) window.show(event);
      }
    }
    if (conversation === null) throw notBegun(id, past);
    const body = messages === 0 ? conversation : { ...conversation, messages: window.messages };
    return { body, version: conversation.seq };
  }

  /** A page of its messages as they were. Throws `not_found`, `invalid_cursor`. */
  async messages(reader: Reader, id: string, past: Past, { limit, cursor }: PageQuery): Promise<object> {
    const list = new ListCursor('messages', reader.workspace, { id, past });
    const window = new MessagesAfter(placeOf(list, cursor), limit);
    let hasBegun = false;
    for await (const page of this.events(reader, id, past)) {
      for (const event of page) {
        hasBegun ||= event.type === 'conversation.created';
        window.show(event);
      }
    }
    if (!hasBegun) throw notBegun(id, past);
    const data = window.messages;
    return { data, next_cursor: window.more ? list.encodeNumber(data.at(-1)!.seq) : null };
  }

  /**
   * A page of what happened in it, and of what the workspace's own systems told of it and of its customer. Its events are
   * in the order of `seq`; an activity stands before the first of them that happened later. Past or present, an entry
   * says what its event said: an edit stands beside the message that it edits. Throws `not_found`, `invalid_cursor`.
   */
  async timeline(
    reader: Reader,
    id: string,
    past: Past | null,
    kinds: readonly EntryKind[] | null,
    { limit, cursor }: PageQuery,
  ): Promise<object> {
    const list = new ListCursor('timeline', reader.workspace, { id, past, kinds });
    const after = decodePlace(list, cursor);
    if (past !== null) await this.requireBegun(reader, id, past);
    const types = kinds === null ? undefined : typesOfEntries(kinds);
    const found =
      kinds === null || kinds.includes('activity')
        ? await this.activities.after(reader.workspace, id, past, after.activity, limit + 1)
        : [];
    const page = new TimelinePage(found, after, limit);
    const more = { after: after.seq, ...(types === undefined ? {} : { types }) };
    for await (const events of this.events(reader, id, past, more)) {
      for (const event of events) if (!page.isFull) page.add(event);
      if (page.isFull) break;
    }
    page.addRest();
    const told = await this.read(reader, page.activities);
    const data = page.entries.map((entry) => {
      if ('meta' in entry) return { kind: kindOf(entry.type).entry, ...toResource(entry.position, entry) };
      const activity = told.get(entry.position)!;
      return { kind: 'activity', ...toResource(entry.position, activity) };
    });
    return { data, next_cursor: page.isFull ? encodePlace(list, page.place) : null };
  }

  /** What lies between two places; `to` null is the present. Throws `not_found`, `reversed_range`. */
  async difference(reader: Reader, id: string, from: number, to: number | null): Promise<object> {
    if (to !== null && to < from) {
      throw new Problem('reversed_range', `to_seq ${to} is before from_seq ${from}. Exchange the two.`);
    }
    const difference = new Difference(from, MOST_MESSAGES_OF_A_DIFFERENCE);
    const past: Past | null = to === null ? null : { kind: 'seq', seq: to };
    let last = 0;
    for await (const page of this.events(reader, id, past, { opens: (type) => !isOfMessages(type) })) {
      for (const event of page) {
        difference.add(event);
        last = event.meta.seq;
      }
    }
    if (last < from) throw notReached(id, from, last);
    const traced = <Item extends { actor: Parameters<typeof actorOf>[0] }>(item: Item) => ({
      ...item,
      actor: actorOf(item.actor),
    });
    return {
      conversation_id: id,
      from_seq: from,
      to_seq: last,
      fields: difference.fields.map(traced),
      messages: difference.messages.map(traced),
      more_messages: difference.moreMessages,
    };
  }

  /** Most of a conversation's events change none of its fields, and where its `seq` is known need not be read. */
  private async fieldsAfter(reader: Reader, id: string, past: Past & { kind: 'seq' }) {
    await this.requireBegun(reader, id, past);
    let conversation: Conversation | null = null;
    for await (const page of this.events(reader, id, past, { types: TYPES_THAT_CHANGE })) {
      for (const event of page) conversation = conversationAfter(conversation, event);
    }
    if (conversation === null) throw notBegun(id, past);
    return { body: { ...conversation, seq: past.seq }, version: past.seq };
  }

  private async requireBegun({ workspace }: Reader, id: string, past: Past): Promise<void> {
    if (past.kind === 'seq') {
      const version = await this.history.versionOf(workspace, id);
      if (version !== null && version < past.seq) throw notReached(id, past.seq, version);
      return;
    }
    const first = { types: ['conversation.created'], opens: () => false };
    for await (const page of this.events({ workspace }, id, past, first)) if (page.length > 0) return;
    throw notBegun(id, past);
  }

  /** Activities as they stand on the log, opened, by their positions. */
  private async read({ workspace, charge }: Reader, found: readonly FoundActivity[]) {
    if (found.length === 0) return new Map<number, RecordedEvent>();
    const bytes = found.reduce((sum, one) => sum + one.bytes, 0);
    new ReadMeter(charge).read(found.length, bytes);
    const positions = found.map(({ position }) => position);
    const events = await this.history.eventsAtPositions(workspace, positions);
    return new Map(events.map((event) => [event.position, event]));
  }

  private events(
    { workspace, charge }: Reader,
    stream: string,
    past: Past | null,
    more: { opens?: (type: string) => boolean; types?: readonly string[]; after?: number } = {},
  ): AsyncGenerator<(FoldedEvent & { position: number })[]> {
    const events = pastEvents(this.history, { workspace, stream, past, charge, ...more });
    return events as AsyncGenerator<(FoldedEvent & { position: number })[]>;
  }
}

function placeOf(list: ListCursor, cursor: string | undefined): number {
  return list.decodeNumber(cursor) ?? 0;
}
