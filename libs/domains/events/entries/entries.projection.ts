import type { EventData } from '../../../contract/generated/event-data.js';
import { EVENT_SCHEMAS } from '../../../contract/generated/event-schemas.js';
import { prefixOf } from '../../../platform/kernel/id.js';
import type { SqlStatement } from '../../../platform/postgres/connection.js';
import {
  arraysOf,
  type Columns,
  count,
  flag,
  int8,
  text,
  time,
  unnest,
  uuid,
} from '../../../platform/projections/column.js';
import type { ProjectedEvent, Projection } from '../../../platform/projections/projection.js';

/** So many positions are a span. */
export const SPAN = 4096;

interface Span {
  workspace: string;
  span: number;
  first: number;
  last: number;
}

/** A word that entries of a span have, and that they can be looked for by. */
interface SpanWord {
  workspace: string;
  kind: WordKind;
  word: string;
  span: number;
}

export type WordKind = 'type' | 'actor' | 'activity';

interface Merge {
  customer: string;
  into: string;
  workspace: string;
  isMerged: boolean;
  seq: number;
}

const ENTRIES: Columns<ProjectedEvent> = {
  position: int8(({ position }) => position!),
  workspace: uuid(({ meta }) => meta.workspace),
  type: text(({ type }) => type),
  conversation: uuid((event) => subjectOf(event, 'conv')),
  customer: uuid((event) => subjectOf(event, 'cus')),
  actor: text(({ meta }) => meta.actor.id),
  activity: text(activityOf),
  recorded_at: time(({ meta }) => meta.recorded_at),
};

const ACTIVITY = 'activity.recorded';

type Activity = EventData['activity.recorded'];
type Created = ProjectedEvent & { data: EventData['conversation.created'] };

const BELONGING: Columns<Created> = {
  conversation: uuid(({ meta }) => meta.stream),
  workspace: uuid(({ meta }) => meta.workspace),
  customer: uuid(({ data }) => data.customer_id),
};

const MERGES: Columns<Merge> = {
  customer: uuid(({ customer }) => customer),
  into_customer: uuid(({ into }) => into),
  workspace: uuid(({ workspace }) => workspace),
  is_merged: flag(({ isMerged }) => isMerged),
  seq: count(({ seq }) => seq),
};

const SPANS: Columns<Span> = {
  workspace: uuid(({ workspace }) => workspace),
  span: count(({ span }) => span),
  first_recorded_at: time(({ first }) => first),
  last_recorded_at: time(({ last }) => last),
};

const SPAN_WORDS: Columns<SpanWord> = {
  workspace: uuid(({ workspace }) => workspace),
  kind: text(({ kind }) => kind),
  word: text(({ word }) => word),
  span: count(({ span }) => span),
};

/**
 * Where the log has the events of whom and what: the index that lists and streams of events are read by. What a row needs
 * of another stream is not in it, but looked up by whoever reads: on Kafka streams come each at their own pace.
 */
export const entriesProjection: Projection = {
  name: 'entries',
  service: 'events',
  inline: false,
  gathers: true,
  places: true,
  personal: false,
  tables: ['entries', 'conversation_customers', 'merged_customers', 'spans', 'span_words'],
  definition: ['libs/domains/events/migrations/0001_entries.sql'],
  types: [...new Set(EVENT_SCHEMAS.map(({ type }) => type))],
  whole: true,
  project(events, table) {
    const statements = [
      insert(table('entries'), ENTRIES, events, 'on conflict do nothing'),
      insert(table('spans'), SPANS, spansOf(events), WIDER),
      insert(table('span_words'), SPAN_WORDS, spanWordsOf(events), 'on conflict do nothing'),
    ];
    const created = events.filter(({ type }) => type === 'conversation.created') as Created[];
    if (created.length > 0) {
      statements.push(insert(table('conversation_customers'), BELONGING, created, 'on conflict do nothing'));
    }
    const merges = mergesOf(events);
    if (merges.length > 0) statements.push(insert(table('merged_customers'), MERGES, merges, LAST_WORD));
    return statements;
  },
};

const WIDER = `
  on conflict (workspace, span) do update
    set first_recorded_at = least(t.first_recorded_at, excluded.first_recorded_at),
        last_recorded_at = greatest(t.last_recorded_at, excluded.last_recorded_at)
    where excluded.first_recorded_at < t.first_recorded_at or excluded.last_recorded_at > t.last_recorded_at`;
const LAST_WORD = `
  on conflict (customer, into_customer) do update set is_merged = excluded.is_merged, seq = excluded.seq
    where excluded.seq > t.seq`;

/** In the order of its key, so that no two transactions wait for each other. */
function insert<Row>(target: string, columns: Columns<Row>, rows: readonly Row[], onConflict: string): SqlStatement {
  return {
    name: `insert ${target}`,
    text: `insert into ${target} as t (${Object.keys(columns).join(', ')})
           select * from ${unnest(columns)} order by ${Object.keys(columns)
             .slice(0, 4)
             .map((_, i) => i + 1)} ${onConflict}`,
    values: arraysOf(columns, rows),
  };
}

/** Whose stream it is on, or whom or what it is about, where that is of this kind. */
function subjectOf({ type, meta, data }: ProjectedEvent, prefix: string): string | null {
  const subject = type === ACTIVITY ? (data as Activity).subject_id : meta.stream;
  return prefixOf(subject) === prefix ? subject : null;
}

function activityOf({ type, data }: ProjectedEvent): string | null {
  return type === ACTIVITY ? (data as Activity).activity_type : null;
}

function spanWordsOf(events: readonly ProjectedEvent[]): SpanWord[] {
  const words = new Map<string, SpanWord>();
  for (const event of events) {
    const { workspace, actor } = event.meta;
    const span = Math.floor(event.position! / SPAN);
    const add = (kind: WordKind, word: string | null): void => {
      if (word !== null) words.set(`${kind} ${span} ${workspace} ${word}`, { workspace, kind, word, span });
    };
    add('type', event.type);
    add('actor', actor.id);
    add('activity', activityOf(event));
  }
  return [...words.values()];
}

function spansOf(events: readonly ProjectedEvent[]): Span[] {
  const spans = new Map<string, Span>();
  for (const { meta, position } of events) {
    const { workspace, recorded_at: at } = meta;
    const span = Math.floor(position! / SPAN);
    const key = `${workspace} ${span}`;
    const known = spans.get(key);
    if (known === undefined) spans.set(key, { workspace, span, first: at, last: at });
    else [known.first, known.last] = [Math.min(known.first, at), Math.max(known.last, at)];
  }
  return [...spans.values()];
}

/** The last word of the batch on each two customers. */
function mergesOf(events: readonly ProjectedEvent[]): Merge[] {
  const merges = new Map<string, Merge>();
  for (const { type, meta, data } of events) {
    if (type !== 'customer.merged' && type !== 'customer.unmerged') continue;
    const isMerged = type === 'customer.merged';
    const into = isMerged
      ? (data as EventData['customer.merged']).into_id
      : (data as EventData['customer.unmerged']).from_id;
    const { stream: customer, workspace, seq } = meta;
    const known = merges.get(`${customer} ${into}`);
    if (known === undefined || known.seq < seq) {
      merges.set(`${customer} ${into}`, { customer, into, workspace, isMerged, seq });
    }
  }
  return [...merges.values()];
}
