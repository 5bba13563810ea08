import type { SqlStatement } from '../../../platform/postgres/connection.js';
import { arraysOf, type Columns, count, flag, text, time, unnest, uuid } from '../../../platform/projections/column.js';
import type { Projection } from '../../../platform/projections/projection.js';
import { type ActivityPart, foldSearch, type TextPart } from './search.fold.js';

/** What is found by full text, and when each conversation heard something last. Follows the log: no append waits for it. */
export const searchProjection: Projection = {
  name: 'search',
  service: 'conversation',
  inline: false,
  gathers: true,
  personal: true,
  tables: ['search_texts', 'activity'],
  definition: ['libs/domains/conversation/migrations/0020_search.sql'],
  types: [
    'conversation.created',
    'conversation.title_changed',
    'message.created',
    'message.edited',
    'message.redacted',
  ],
  project(events, table) {
    const { texts, activity } = foldSearch(events);
    return [
      ...(texts.length > 0 ? [addTexts(texts, table('search_texts'))] : []),
      ...(activity.length > 0 ? [addActivity(activity, table('activity'))] : []),
    ];
  },
};

const TEXTS: Columns<TextPart> = {
  source: uuid(({ source }) => source),
  workspace: uuid(({ workspace }) => workspace),
  conversation: uuid(({ conversation }) => conversation),
  kind: text(({ kind }) => kind),
  message_seq: count(({ messageSeq }) => messageSeq),
  seq: count(({ seq }) => seq),
  redacted: flag(({ redacted }) => redacted),
  language: text(({ language }) => language),
  text: text((part) => part.text),
};

/** Stems to find other forms of a word by, and the words as they stand for names, prefixes and languages not recognized. */
const WORDS = `to_tsvector('simple', e.text)
  || case e.language when 'simple' then '' else to_tsvector(e.language::regconfig, e.text) end`;

/** A title weighs more than a message. */
const DOCUMENT = `case when not e.redacted and e.text is not null then
    conversation.words_of(e.workspace, setweight(${WORDS}, case e.kind when 'title' then 'A'::"char" else 'B' end)) end`;

const latest = (column: string) => `case when excluded.seq > t.seq then excluded.${column} else t.${column} end`;

function addTexts(parts: readonly TextPart[], target: string): SqlStatement {
  return {
    name: `add_to_${target}`,
    text: `insert into ${target} as t
             (source, workspace, conversation, kind, message_seq, seq, redacted, language, document)
           select e.source, e.workspace, e.conversation, e.kind, e.message_seq, e.seq, e.redacted,
                  case when not e.redacted then e.language end, ${DOCUMENT}
             from ${unnest(TEXTS)} order by e.source
           on conflict (source) do update set
             kind = coalesce(t.kind, excluded.kind),
             message_seq = coalesce(t.message_seq, excluded.message_seq),
             redacted = t.redacted or excluded.redacted,
             language = case when not (t.redacted or excluded.redacted) then ${latest('language')} end,
             document = case when not (t.redacted or excluded.redacted) then ${latest('document')} end,
             seq = greatest(t.seq, excluded.seq)`,
    values: arraysOf(TEXTS, parts),
  };
}

const ACTIVITY: Columns<ActivityPart> = {
  conversation: uuid(({ conversation }) => conversation),
  workspace: uuid(({ workspace }) => workspace),
  last_message_at: time(({ lastMessageAt }) => lastMessageAt),
};

function addActivity(parts: readonly ActivityPart[], target: string): SqlStatement {
  return {
    name: `add_to_${target}`,
    text: `insert into ${target} as t (${Object.keys(ACTIVITY).join(', ')})
           select * from ${unnest(ACTIVITY)} order by 1
           on conflict (conversation) do update set
             last_message_at = greatest(t.last_message_at, excluded.last_message_at)`,
    values: arraysOf(ACTIVITY, parts),
  };
}
