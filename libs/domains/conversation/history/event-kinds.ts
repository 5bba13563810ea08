import type { z } from 'zod';
import { REDACTED } from '../../../platform/event-codec/event-codec.js';
import { withoutShownValue, withShownValue } from '../../../platform/fields/shown-values.js';
import type { EventMeta } from '../../../platform/kernel/event.js';
import type { ConversationEvent } from '../conversation.events.js';
import type { conversationResource } from '../conversation.resources.js';
import type { messageResource } from '../messages/message.resources.js';
import { personalJson } from '../messages/personal-json.js';

export type Conversation = z.output<typeof conversationResource>;
export type Message = z.output<typeof messageResource>;

export const ENTRY_KINDS = ['message', 'draft', 'change', 'link', 'activity'] as const;
/** What an event is in a timeline: somebody wrote or proposed to, something changed, conversations were tied together, or the workspace's own systems told it. */
export type EntryKind = (typeof ENTRY_KINDS)[number];

export type Recorded<Event> = Event & { meta: EventMeta };

/** What one kind of event does to the past that is folded. */
export interface EventKind<Event> {
  entry: EntryKind;
  /** The fields of the conversation that it changes; with them goes `updated_at`. */
  changes?: (event: Event, before: Conversation) => Partial<Conversation>;
  /** The message that it adds. */
  adds?: (event: Event) => Message;
  /** How it changes the message that it names; `as` is what a difference calls it. */
  edits?: { as: string; change: (message: Message, event: Event) => Message };
}

type EventOf<Type> = Recorded<Extract<ConversationEvent, { type: Type }>>;

type Author = Message['author'];

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
  'conversation.linked': { entry: 'link' },
  'conversation.unlinked': { entry: 'link' },
  'conversation.reference_added': { entry: 'link' },
  'conversation.reference_removed': { entry: 'link' },
  'conversation.merged': { entry: 'link' },
  'conversation.forked': { entry: 'link' },
  'conversation.field_set': {
    entry: 'change',
    changes: ({ data }, { fields }) => ({ fields: withShownValue(fields, data) }),
  },
  'conversation.field_cleared': {
    entry: 'change',
    changes: ({ data }, { fields }) => ({ fields: withoutShownValue(fields, data.key) }),
  },
  'message.created': { entry: 'message', adds: messageOf },
  'message.edited': {
    entry: 'change',
    edits: {
      as: 'edited',
      change: (message, { meta, data }) => ({
        ...message,
        text: data.text,
        blocks: parsed(data.blocks),
        mentions: data.mentions,
        edited_at: iso(meta.occurred_at),
      }),
    },
  },
  'message.redacted': { entry: 'change', edits: { as: 'redacted', change: redacted } },
  'message.reaction_added': {
    entry: 'change',
    edits: {
      as: 'reaction_added',
      change: (message, { data }) => ({ ...message, reactions: withReaction(message, data) }),
    },
  },
  'message.reaction_removed': {
    entry: 'change',
    edits: {
      as: 'reaction_removed',
      change: (message, { data }) => ({ ...message, reactions: otherReactions(message, data) }),
    },
  },
  'message.delivered': {
    entry: 'change',
    edits: { as: 'delivered', change: (message, event) => withReceipt(message, event, { type: 'delivered' }) },
  },
  'message.read': {
    entry: 'change',
    edits: {
      as: 'read',
      change: (message, event) => withReceipt(message, event, { type: 'read', reader: event.data.reader }),
    },
  },
  'message.delivery_failed': {
    entry: 'change',
    edits: {
      as: 'delivery_failed',
      change: (message, event) =>
        withReceipt(message, event, {
          type: 'failed',
          code: event.data.code,
          detail: event.data.detail === REDACTED ? null : event.data.detail,
        }),
    },
  },
  'message.choice_made': {
    entry: 'change',
    edits: {
      as: 'choice_made',
      change: (message, { meta, data }) => ({
        ...message,
        choices: [
          ...message.choices,
          {
            author: data.author as Author,
            choices: parsed(data.choices),
            occurred_at: iso(meta.occurred_at),
          },
        ],
      }),
    },
  },
  'message.field_set': {
    entry: 'change',
    edits: {
      as: 'field_set',
      change: (message, { data }) => ({ ...message, fields: withShownValue(message.fields, data) }),
    },
  },
  'message.field_cleared': {
    entry: 'change',
    edits: {
      as: 'field_cleared',
      change: (message, { data }) => ({ ...message, fields: withoutShownValue(message.fields, data.key) }),
    },
  },
  'draft.proposed': { entry: 'draft' },
  'draft.edited': { entry: 'draft' },
  'draft.accepted': { entry: 'draft' },
  'draft.refused': { entry: 'draft' },
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
    fields: {},
    created_at: iso(meta.occurred_at),
    updated_at: iso(meta.occurred_at),
    closed_at: null,
    seq: meta.seq,
  };
}

/** The types of events that make a conversation or change its fields. */
export const TYPES_THAT_CHANGE: readonly string[] = [
  'conversation.created',
  ...Object.entries(KINDS).flatMap(([type, { changes }]) => (changes === undefined ? [] : [type])),
];

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

function messageOf({ meta, data }: EventOf<'message.created'>): Message {
  return {
    id: data.message_id,
    conversation_id: meta.stream,
    seq: meta.seq,
    author: data.author as Author,
    channel: data.channel,
    type: data.type as Message['type'],
    text: data.text,
    external_id: data.external_id,
    blocks: parsed(data.blocks),
    mentions: data.mentions,
    channel_message_id: data.channel_message_id,
    in_reply_to: data.in_reply_to,
    draft_id: data.draft_id,
    ai:
      data.ai_model === null
        ? null
        : {
            model: data.ai_model,
            confidence: data.ai_confidence,
            sources: parsed(data.ai_sources),
            read_through_seq: data.ai_read_through_seq,
          },
    reactions: [],
    receipts: [],
    choices: [],
    fields: {},
    edited_at: null,
    redacted_at: null,
    occurred_at: iso(meta.occurred_at),
    recorded_at: iso(meta.recorded_at),
  };
}

/** JSON that was sealed, as the resource has it; null for what is not to be read any more. */
function parsed<Value>(json: string | null): Value | null {
  const shown = personalJson(json);
  return shown === null ? null : (JSON.parse(shown) as Value);
}

/** Also where the fold is fed with events that say what they said before. */
function redacted(message: Message, { meta }: EventOf<'message.redacted'>): Message {
  const hidden = (text: string | null) => (text === null ? null : REDACTED);
  return {
    ...message,
    text: REDACTED,
    blocks: null,
    external_id: hidden(message.external_id),
    channel_message_id: hidden(message.channel_message_id),
    ai: message.ai === null ? null : { ...message.ai, sources: null },
    receipts: message.receipts.map((receipt) => ({ ...receipt, detail: null })),
    choices: message.choices.map((choice) => ({ ...choice, choices: null })),
    fields: {},
    redacted_at: iso(meta.occurred_at),
  };
}

interface Reaction {
  author: { type: string; id: string };
  emoji: string;
}

function reactionKey({ author, emoji }: Reaction): string {
  return `${author.type} ${author.id} ${emoji}`;
}

function otherReactions({ reactions }: Message, reaction: Reaction): Message['reactions'] {
  const its = reactionKey(reaction);
  return reactions.filter((one) => reactionKey(one) !== its);
}

/** In its place: Postgres orders texts by their bytes under the collation "C". */
function withReaction(message: Message, { author, emoji }: Reaction): Message['reactions'] {
  const reactions = otherReactions(message, { author, emoji });
  const bytesOf = (reaction: Reaction) => Buffer.from(reactionKey(reaction));
  const its = bytesOf({ author, emoji });
  let [low, high] = [0, reactions.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (bytesOf(reactions[middle]!).compare(its) < 0) low = middle + 1;
    else high = middle;
  }
  return reactions.toSpliced(low, 0, { author: author as Author, emoji });
}

function withReceipt(
  message: Message,
  { meta, data }: { meta: EventMeta; data: { channel: string } },
  its: Partial<Message['receipts'][number]> & Pick<Message['receipts'][number], 'type'>,
): Message {
  const receipt = {
    channel: data.channel,
    reader: null,
    code: null,
    detail: null,
    occurred_at: iso(meta.occurred_at),
    ...its,
  };
  return { ...message, receipts: [...message.receipts, receipt] };
}
