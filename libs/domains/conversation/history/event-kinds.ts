import type { z } from 'zod';
import type { EventMeta } from '../../../platform/kernel/event.js';
import type { ConversationEvent } from '../conversation.events.js';
import type { conversationResource, messageResource } from '../conversation.resources.js';

export type Conversation = z.output<typeof conversationResource>;
export type Message = z.output<typeof messageResource>;

export const ENTRY_KINDS = ['message', 'change', 'link'] as const;
/** What an event is in a timeline: somebody wrote, a field changed, or it was tied to another conversation. */
export type EntryKind = (typeof ENTRY_KINDS)[number];

export type Recorded<Event> = Event & { meta: EventMeta };

/** What one kind of event does to the past that is folded. */
export interface EventKind<Event> {
  entry: EntryKind;
  /** The fields of the conversation that it changes; with them goes `updated_at`. */
  changes?: (event: Event, before: Conversation) => Partial<Conversation>;
  /** The message that it adds. */
  adds?: (event: Event) => Message;
  /** The message that it changes, and how; `as` is what a difference calls it. */
  edits?: { as: string; id: (event: Event) => string; change: (message: Message, event: Event) => Message };
}

type EventOf<Type> = Recorded<Extract<ConversationEvent, { type: Type }>>;

const iso = (ms: number) => new Date(ms).toISOString();

/** A status brings its own detail, and leaves behind what belonged to the one before. */
const entered = (status: Conversation['status'], detail: string | null): Partial<Conversation> => ({
  status,
  status_detail_id: detail,
  snoozed_until: null,
  closed_at: null,
});

/** Every kind of event on a conversation's stream: one that is missing here does not compile. */
const KINDS: { readonly [Type in ConversationEvent['type']]: EventKind<EventOf<Type>> } = {
  'conversation.created': { entry: 'change' },
  'conversation.title_changed': {
    entry: 'change',
    changes: ({ data }) => ({ title: data.title }),
  },
  'conversation.priority_changed': {
    entry: 'change',
    changes: ({ data }) => ({ priority: data.priority as Conversation['priority'] }),
  },
  'conversation.snoozed': {
    entry: 'change',
    changes: ({ data }) => ({
      ...entered('snoozed', data.detail),
      snoozed_until: data.until === null ? null : iso(data.until),
    }),
  },
  'conversation.unsnoozed': { entry: 'change', changes: ({ data }) => entered('open', data.detail) },
  'conversation.closed': {
    entry: 'change',
    changes: ({ data, meta }) => ({ ...entered('closed', data.detail), closed_at: iso(meta.occurred_at) }),
  },
  'conversation.reopened': { entry: 'change', changes: ({ data }) => entered('open', data.detail) },
  'conversation.detail_changed': { entry: 'change', changes: ({ data }) => ({ status_detail_id: data.detail }) },
  'conversation.assigned': {
    entry: 'change',
    changes: ({ data }) => ({ assignee: data.assignee as Conversation['assignee'] }),
  },
  'conversation.unassigned': { entry: 'change', changes: () => ({ assignee: null }) },
  'conversation.team_assigned': { entry: 'change', changes: ({ data }) => ({ team_id: data.team_id }) },
  'conversation.team_unassigned': { entry: 'change', changes: () => ({ team_id: null }) },
  'conversation.labeled': {
    entry: 'change',
    changes: ({ data }, { label_ids }) => ({ label_ids: [...new Set([...label_ids, data.label_id])].sort() }),
  },
  'conversation.unlabeled': {
    entry: 'change',
    changes: ({ data }, { label_ids }) => ({ label_ids: label_ids.filter((label) => label !== data.label_id) }),
  },
  'conversation.locked': { entry: 'change', changes: () => ({ locked: true }) },
  'conversation.unlocked': { entry: 'change', changes: () => ({ locked: false }) },
  'message.created': {
    entry: 'message',
    adds: ({ meta, data }) => ({
      id: data.message_id,
      conversation_id: meta.stream,
      seq: meta.seq,
      author: data.author as Message['author'],
      channel: data.channel,
      type: data.type as Message['type'],
      text: data.text,
      external_id: data.external_id,
      occurred_at: iso(meta.occurred_at),
      recorded_at: iso(meta.recorded_at),
    }),
  },
};

/** The first event's resource. */
export function conversationOf({ meta, data }: EventOf<'conversation.created'>): Conversation {
  return {
    id: meta.stream,
    customer_id: data.customer_id,
    channel: data.channel,
    title: data.title,
    external_id: data.external_id,
    status: 'open',
    status_detail_id: null,
    snoozed_until: null,
    priority: 'normal',
    assignee: null,
    team_id: null,
    label_ids: [],
    locked: false,
    created_at: iso(meta.occurred_at),
    updated_at: iso(meta.occurred_at),
    closed_at: null,
    seq: meta.seq,
  };
}

/** Throws for an event that has no kind here, which only one that is not on a conversation's stream has. */
export function kindOf(type: string): EventKind<Recorded<ConversationEvent>> {
  const kind = (KINDS as Record<string, unknown>)[type];
  if (kind === undefined) throw new Error(`${type} has no kind: give it one in history/event-kinds.ts.`);
  return kind as EventKind<Recorded<ConversationEvent>>;
}

/** The types of events whose entries in a timeline are of these kinds. */
export function typesOfEntries(entries: readonly EntryKind[]): string[] {
  return Object.entries(KINDS).flatMap(([type, { entry }]) => (entries.includes(entry) ? [type] : []));
}
