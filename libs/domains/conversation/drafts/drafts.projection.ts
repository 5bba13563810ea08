import { REDACTED } from '../../../platform/event-codec/event-codec.js';
import type { EventMeta } from '../../../platform/kernel/event.js';
import { arraysOf, type Columns, count, real, text, time, unnest, uuid } from '../../../platform/projections/column.js';
import type { Projection } from '../../../platform/projections/projection.js';
import type { ConversationEvent } from '../conversation.events.js';
import { personalJson } from '../messages/personal-json.js';

type Of<Type> = Extract<ConversationEvent, { type: Type }> & { meta: EventMeta };
type Proposal = Of<'draft.proposed'>;
type Change = Of<'draft.edited'> | Of<'draft.accepted'> | Of<'draft.refused'>;
type Redaction = Of<'message.redacted'>;

/** A batch's events of one draft, folded. */
interface Changes {
  draft: string;
  at: number;
  text: string | null;
  blocks: string | null;
  status: string | null;
  message: string | null;
  byType: string | null;
  by: string | null;
  reason: string | null;
  seqs: number[];
}

const PROPOSED: Columns<Proposal> = {
  draft: uuid(({ data }) => data.draft_id),
  workspace: uuid(({ meta }) => meta.workspace),
  conversation: uuid(({ meta }) => meta.stream),
  author_type: text(({ data }) => data.author.type),
  author: text(({ data }) => data.author.id),
  channel: text(({ data }) => data.channel),
  type: text(({ data }) => data.type),
  text: text(({ data }) => data.text),
  blocks: text(({ data }) => personalJson(data.blocks)),
  in_reply_to: uuid(({ data }) => data.in_reply_to),
  ai_model: text(({ data }) => data.ai_model),
  ai_confidence: real(({ data }) => data.ai_confidence),
  ai_sources: text(({ data }) => personalJson(data.ai_sources)),
  ai_read_through_seq: count(({ data }) => data.ai_read_through_seq),
  seqs: text(({ meta }) => `{${meta.seq}}`),
  created_at: time(({ meta }) => meta.occurred_at),
  updated_at: time(({ meta }) => meta.occurred_at),
};

const CHANGED: Columns<Changes> = {
  draft: uuid(({ draft }) => draft),
  at: time(({ at }) => at),
  text: text((changes) => changes.text),
  blocks: text(({ blocks }) => blocks),
  status: text(({ status }) => status),
  message: uuid(({ message }) => message),
  by_type: text(({ byType }) => byType),
  by: text(({ by }) => by),
  reason: text(({ reason }) => reason),
  seqs: text(({ seqs }) => `{${seqs.join(',')}}`),
};

const REDACTED_ONES: Columns<Redaction> = { message: uuid(({ data }) => data.message_id) };

const INSERT = `(${Object.keys(PROPOSED).join(', ')})
  select ${Object.keys(PROPOSED)
    .map((name) => (name === 'seqs' ? 'seqs::integer[]' : name))
    .join(', ')} from ${unnest(PROPOSED)}`;

const UPDATE = `set
    text = coalesce(e.text, r.text),
    blocks = case when e.text is null then r.blocks else e.blocks end,
    status = coalesce(e.status, r.status),
    message = coalesce(e.message, r.message),
    settled_by_type = coalesce(e.by_type, r.settled_by_type),
    settled_by = coalesce(e.by, r.settled_by),
    reason = coalesce(e.reason, r.reason),
    seqs = r.seqs || e.seqs::integer[],
    updated_at = e.at
  from ${unnest(CHANGED)} where r.draft = e.draft`;

/** The drafts of a conversation and what became of them, kept in the append's own transaction. */
export const draftsProjection: Projection = {
  name: 'drafts',
  service: 'conversation',
  inline: true,
  personal: true,
  tables: ['drafts'],
  definition: ['libs/domains/conversation/migrations/0014_drafts.sql'],
  types: ['draft.proposed', 'draft.edited', 'draft.accepted', 'draft.refused', 'message.redacted'],
  project(events, table) {
    const target = table('drafts');
    const proposals: Proposal[] = [];
    const redactions: Redaction[] = [];
    const changes = new Map<string, Changes>();
    for (const event of events as readonly (Proposal | Change | Redaction)[]) {
      if (event.type === 'draft.proposed') proposals.push(event);
      else if (event.type === 'message.redacted') redactions.push(event);
      else fold(changes, event);
    }
    return [
      { text: `insert into ${target} ${INSERT}`, values: arraysOf(PROPOSED, proposals) },
      { text: `update ${target} r ${UPDATE}`, values: arraysOf(CHANGED, [...changes.values()]) },
      {
        text: `update ${target} r set text = '${REDACTED}', blocks = null, ai_sources = null
                 from ${unnest(REDACTED_ONES)} where r.message = e.message
                  and r.conversation = any ($2::uuid[])`,
        values: [...arraysOf(REDACTED_ONES, redactions), streamsOf(redactions)],
      },
    ].filter((_, i) => [proposals.length, changes.size, redactions.length][i]! > 0);
  },
};

/** Drafts are found by their conversation. */
function streamsOf(redactions: readonly Redaction[]): Buffer {
  return uuid<Redaction>(({ meta }) => meta.stream).encode(redactions);
}

function fold(all: Map<string, Changes>, event: Change): void {
  const { draft_id: draft } = event.data;
  let changes = all.get(draft);
  if (changes === undefined) {
    changes = {
      draft,
      at: 0,
      text: null,
      blocks: null,
      status: null,
      message: null,
      byType: null,
      by: null,
      reason: null,
      seqs: [],
    };
    all.set(draft, changes);
  }
  changes.at = event.meta.occurred_at;
  switch (event.type) {
    case 'draft.edited':
      changes.text = event.data.text;
      changes.blocks = personalJson(event.data.blocks);
      changes.seqs.push(event.meta.seq);
      return;
    case 'draft.accepted':
      settle(changes, 'accepted', event);
      changes.message = event.data.message_id;
      return;
    case 'draft.refused':
      settle(changes, 'refused', event);
      changes.reason = event.data.reason;
      if (event.data.reason !== null) changes.seqs.push(event.meta.seq);
      return;
    default:
      event satisfies never;
  }
}

function settle(changes: Changes, status: string, { data }: Of<'draft.accepted'> | Of<'draft.refused'>): void {
  changes.status = status;
  changes.byType = data.by.type;
  changes.by = data.by.id;
}
