import { REDACTED } from '../../../platform/event-codec/event-codec.js';
import type { EventMeta } from '../../../platform/kernel/event.js';
import {
  arraysOf,
  type Columns,
  count,
  flag,
  real,
  text,
  time,
  unnest,
  uuid,
} from '../../../platform/projections/column.js';
import type { ProjectedEvent, Projection } from '../../../platform/projections/projection.js';
import type { ConversationEvent, MessageCreated } from '../conversation.events.js';
import { personalJson } from './personal-json.js';

type Creation = MessageCreated & ProjectedEvent;
type Change = Extract<ConversationEvent, { data: { message_seq: number } }> & { meta: EventMeta };

/** A batch's events of one message, folded. */
interface Changes {
  conversation: string;
  seq: number;
  editedAt: number | null;
  text: string | null;
  blocks: string | null;
  mentions: string;
  redactedAt: number | null;
  /** An array, as Postgres writes it. */
  laterSeqs: string;
}

const PLAIN: Columns<Creation> = {
  conversation: uuid(({ meta }) => meta.stream),
  seq: count(({ meta }) => meta.seq),
  workspace: uuid(({ meta }) => meta.workspace),
  message: uuid(({ data }) => data.message_id),
  author_type: text(({ data }) => data.author.type),
  author: text(({ data }) => data.author.id),
  channel: text(({ data }) => data.channel),
  type: text(({ data }) => data.type),
  text: text(({ data }) => data.text),
  external_id: text(({ data }) => data.external_id),
  occurred_at: time(({ meta }) => meta.occurred_at),
  recorded_at: time(({ meta }) => meta.recorded_at),
};

const WITH_MORE: Columns<Creation> = {
  ...PLAIN,
  more: flag(() => true),
  blocks: text(({ data }) => personalJson(data.blocks)),
  mentions: text(({ data }) => arrayOf(data.mentions)),
  channel_message_id: text(({ data }) => data.channel_message_id),
  in_reply_to: uuid(({ data }) => data.in_reply_to),
  draft: uuid(({ data }) => data.draft_id),
  ai_model: text(({ data }) => data.ai_model),
  ai_confidence: real(({ data }) => data.ai_confidence),
  ai_sources: text(({ data }) => personalJson(data.ai_sources)),
  ai_read_through_seq: count(({ data }) => data.ai_read_through_seq),
};

const CHANGES: Columns<Changes> = {
  conversation: uuid(({ conversation }) => conversation),
  seq: count(({ seq }) => seq),
  edited_at: time(({ editedAt }) => editedAt),
  text: text((changes) => changes.text),
  blocks: text(({ blocks }) => blocks),
  mentions: text(({ mentions }) => mentions),
  redacted_at: time(({ redactedAt }) => redactedAt),
  later_seqs: text(({ laterSeqs }) => laterSeqs),
};

const INSERT_PLAIN = `(${Object.keys(PLAIN).join(', ')}) select * from ${unnest(PLAIN)}`;
const INSERT_WITH_MORE = `(${Object.keys(WITH_MORE).join(', ')})
  select ${Object.keys(WITH_MORE)
    .map((name) => (name === 'mentions' ? 'mentions::text[]' : name))
    .join(', ')} from ${unnest(WITH_MORE)}`;

const isRedacted = 'coalesce(e.redacted_at, r.redacted_at) is not null';
const UPDATE = `set more = true,
    text = case when ${isRedacted} then '${REDACTED}' when e.edited_at is not null then e.text else r.text end,
    blocks = case when ${isRedacted} then null when e.edited_at is not null then e.blocks else r.blocks end,
    mentions = case when e.edited_at is not null then e.mentions::text[] else r.mentions end,
    external_id = case when ${isRedacted} and r.external_id is not null then '${REDACTED}' else r.external_id end,
    channel_message_id = case when ${isRedacted} and r.channel_message_id is not null then '${REDACTED}'
                              else r.channel_message_id end,
    ai_sources = case when ${isRedacted} then null else r.ai_sources end,
    edited_at = coalesce(e.edited_at, r.edited_at),
    redacted_at = coalesce(e.redacted_at, r.redacted_at),
    later_seqs = r.later_seqs || e.later_seqs::integer[]
  from ${unnest(CHANGES)} where r.conversation = e.conversation and r.seq = e.seq`;

/** The messages of a conversation in their order, as they are now, kept in the append's own transaction. */
export const messagesProjection: Projection = {
  name: 'messages',
  service: 'conversation',
  inline: true,
  personal: true,
  tables: ['messages'],
  definition: [
    'libs/domains/conversation/migrations/0002_messages.sql',
    'libs/domains/conversation/migrations/0004_messages_unsampled.sql',
    'libs/domains/conversation/migrations/0009_message_contents.sql',
  ],
  types: [
    'message.created',
    'message.edited',
    'message.redacted',
    'message.reaction_added',
    'message.reaction_removed',
    'message.delivered',
    'message.read',
    'message.delivery_failed',
    'message.choice_made',
    'message.field_set',
    'message.field_cleared',
  ],
  project(events, table) {
    const target = table('messages');
    const plain: Creation[] = [];
    const withMore: Creation[] = [];
    const changes = new Map<string, Changes>();
    for (const event of events as readonly (Creation | Change)[]) {
      if (event.type === 'message.created') (hasMore(event) ? withMore : plain).push(event as Creation);
      else fold(changesOf(event, changes), event);
    }
    return [
      ...(plain.length === 0
        ? []
        : [
            { name: `insert ${target}`, text: `insert into ${target} ${INSERT_PLAIN}`, values: arraysOf(PLAIN, plain) },
          ]),
      ...(withMore.length === 0
        ? []
        : [{ text: `insert into ${target} ${INSERT_WITH_MORE}`, values: arraysOf(WITH_MORE, withMore) }]),
      ...(changes.size === 0
        ? []
        : [{ text: `update ${target} r ${UPDATE}`, values: arraysOf(CHANGES, [...changes.values()]) }]),
    ];
  },
};

function hasMore({ data }: MessageCreated): boolean {
  return (
    data.blocks !== null ||
    data.mentions.length > 0 ||
    data.channel_message_id !== null ||
    data.in_reply_to !== null ||
    data.draft_id !== null ||
    data.ai_model !== null
  );
}

function changesOf({ meta, data }: Change, all: Map<string, Changes>): Changes {
  const key = `${meta.stream}/${data.message_seq}`;
  let changes = all.get(key);
  if (changes === undefined) {
    changes = {
      conversation: meta.stream,
      seq: data.message_seq,
      editedAt: null,
      text: null,
      blocks: null,
      mentions: '{}',
      redactedAt: null,
      laterSeqs: '{}',
    };
    all.set(key, changes);
  }
  return changes;
}

function fold(changes: Changes, event: Change): void {
  switch (event.type) {
    case 'message.edited':
      changes.editedAt = event.meta.occurred_at;
      changes.text = event.data.text;
      changes.blocks = personalJson(event.data.blocks);
      changes.mentions = arrayOf(event.data.mentions);
      changes.laterSeqs = appended(changes.laterSeqs, event.meta.seq);
      return;
    case 'message.redacted':
      changes.redactedAt = event.meta.occurred_at;
      return;
    case 'message.choice_made':
    case 'message.delivery_failed':
      changes.laterSeqs = appended(changes.laterSeqs, event.meta.seq);
      return;
    case 'message.field_set':
      if (event.data.personal_value !== null) changes.laterSeqs = appended(changes.laterSeqs, event.meta.seq);
      return;
    case 'message.reaction_added':
    case 'message.reaction_removed':
    case 'message.delivered':
    case 'message.read':
    case 'message.field_cleared':
      return;
    default:
      event satisfies never;
  }
}

/** Of ids, which need no quoting. */
function arrayOf(ids: readonly string[]): string {
  return `{${ids.join(',')}}`;
}

function appended(array: string, seq: number): string {
  return array === '{}' ? `{${seq}}` : `${array.slice(0, -1)},${seq}}`;
}
