import { fieldsOf } from '../../../platform/fields/field-reads.js';
import { PAGE_BYTES } from '../../../platform/reads/page.js';
import { fieldTables } from '../fields/field-tables.js';

/** What a page of messages is read as: the messages are JSON already. */
export interface MessagePageRow {
  /** Message resources with commas between them, in the order of `seq`; null for none. */
  items: string | null;
  /** The greatest `seq` among them. */
  last: number | null;
  /** Whether the statement found one that the page does not hold. */
  has_more: boolean | null;
}

/** What an item of a message's lists takes beside its texts. */
const ITEM_BYTES = 150;
const ID_BYTES = 40;

/** SQL that makes the JSON of a column. Sessions speak UTC: RFC 3339 with milliseconds. */
const time = (column: string) => `'"' || to_char(${column}, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '"'`;
const id = (prefix: string, column: string) => `'"${prefix}_' || replace(${column}::text, '-', '') || '"'`;
const text = (column: string) => `to_json(${column})`;

/** SQL that makes the JSON of a column that may be null. */
const orNull = (json: string) => `coalesce((${json})::text, 'null')`;
const party = (type: string, who: string) => `'{"type":' || ${text(type)} || ',"id":' || ${text(who)} || '}'`;

/** SQL of a JSON list: one item a row of a table that is about the message. */
const listOf = (table: string, item: string, order: string) =>
  `'[' || coalesce((select string_agg(${item}, ',' order by ${order}) from conversation.${table} o
                     where o.conversation = m.conversation and o.message_seq = m.seq), '') || ']'`;

const REACTION = `'{"author":' || ${party('o.author_type', 'o.author')} || ',"emoji":' || ${text('o.emoji')} || '}'`;
const RECEIPT = `'{"type":' || ${text('o.type')}
  || ',"channel":' || ${text('o.channel')}
  || ',"reader":' || case when o.reader is null then 'null' else ${party('o.reader_type', 'o.reader')} end
  || ',"code":' || ${orNull(text('o.code'))}
  || ',"detail":' || ${orNull(text('o.detail'))}
  || ',"occurred_at":' || ${time('o.occurred_at')} || '}'`;
const CHOICE = `'{"author":' || ${party('o.author_type', 'o.author')}
  || ',"choices":' || ${orNull('o.choices')}
  || ',"occurred_at":' || ${time('o.occurred_at')} || '}'`;
const AI = `case when ai_model is null then 'null' else '{"model":' || ${text('ai_model')}
  || ',"confidence":' || ${orNull('to_json(ai_confidence)')}
  || ',"sources":' || ${orNull('ai_sources')}
  || ',"read_through_seq":' || ${orNull('ai_read_through_seq')} || '}' end`;

/** What a message has beside its text, where it has any of it. */
const MORE = `',"blocks":' || ${orNull('blocks')}
  || ',"mentions":' || array_to_json(mentions)
  || ',"channel_message_id":' || ${orNull(text('channel_message_id'))}
  || ',"in_reply_to":' || ${orNull(id('msg', 'in_reply_to'))}
  || ',"draft_id":' || ${orNull(id('dra', 'draft'))}
  || ',"ai":' || ${AI}
  || ',"reactions":' || ${listOf('message_reactions', REACTION, `o.author_type collate "C", o.author collate "C", o.emoji collate "C"`)}
  || ',"receipts":' || ${listOf('message_receipts', RECEIPT, 'o.seq')}
  || ',"choices":' || ${listOf('message_choices', CHOICE, 'o.seq')}
  || ',"fields":' || coalesce(${fieldsOf(fieldTables, 'm.message')}::text, '{}')
  || ',"edited_at":' || ${orNull(time('edited_at'))}
  || ',"redacted_at":' || ${orNull(time('redacted_at'))}`;
const NOTHING_MORE =
  ',"blocks":null,"mentions":[],"channel_message_id":null,"in_reply_to":null,"draft_id":null,"ai":null,"reactions":[],' +
  '"receipts":[],"choices":[],"fields":{},"edited_at":null,"redacted_at":null';

/** A message resource: joined, for `json_build_object` takes a third longer. */
const ITEM = `'{"id":' || ${id('msg', 'message')}
  || ',"conversation_id":' || ${id('conv', 'conversation')}
  || ',"seq":' || seq
  || ',"author":' || ${party('author_type', 'author')}
  || ',"channel":' || ${text('channel')}
  || ',"type":' || ${text('type')}
  || ',"text":' || ${text('text')}
  || ',"external_id":' || coalesce(${text('external_id')}::text, 'null')
  || case when more then ${MORE} else '${NOTHING_MORE}' end
  || ',"occurred_at":' || ${time('occurred_at')}
  || ',"recorded_at":' || ${time('recorded_at')} || '}'`;

/** SQL of what the rows of a table that are about a message weigh; `own` is the SQL of what they hold of any length. */
const weightOf = (table: string, own: string) =>
  `(select coalesce(sum(coalesce(octet_length(${own}), 0) + ${ITEM_BYTES}), 0) from conversation.${table} o
     where o.conversation = found.conversation and o.message_seq = found.seq)`;

/** SQL of what a message weighs. */
const WEIGHT = `octet_length(text) + case when not more then 0 else
    coalesce(octet_length(blocks), 0) + coalesce(octet_length(ai_sources), 0) + cardinality(mentions) * ${ID_BYTES}
    + coalesce(octet_length(${fieldsOf(fieldTables, 'found.message')}::text), 0)
    + ${weightOf('message_reactions', 'o.emoji')}
    + ${weightOf('message_receipts', 'o.detail')}
    + ${weightOf('message_choices', 'o.choices')} end`;

/**
 * The SQL of a `MessagePageRow`: the messages that meet a condition, in this order of their `seq`, until there are
 * `limit` of them or what they say and what was said of them weighs PAGE_BYTES. Postgres makes the JSON: fifty messages take 0.3 ms of one of its
 * processes, where rows that become objects and then text take as long of the one thread that serves all requests.
 */
export function messagePage(condition: string, order: 'asc' | 'desc', limit: string): string {
  return `
  select string_agg(${ITEM}, ',' order by seq) filter (where kept) as items,
         max(seq) filter (where kept) as last,
         bool_or(not kept) as has_more
    from (
      select *,
             row_number() over place <= ${limit}
               and coalesce(sum(${WEIGHT}) over (place rows between unbounded preceding and 1 preceding), 0)
                   < ${PAGE_BYTES} as kept
        from (select * from conversation.messages where ${condition} order by seq ${order} limit ${limit} + 1) as found
      window place as (order by seq ${order})) as m`;
}
