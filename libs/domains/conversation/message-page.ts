import { PAGE_BYTES } from '../../platform/reads/page.js';

/** What a page of messages is read as: the messages are JSON already. */
export interface MessagePageRow {
  /** Message resources with commas between them, in the order of `seq`; null for none. */
  items: string | null;
  /** The greatest `seq` among them. */
  last: number | null;
  /** Whether the statement found one that the page does not hold. */
  more: boolean | null;
}

/** SQL that makes the JSON of a column. Sessions speak UTC: RFC 3339 with milliseconds. */
const time = (column: string) => `'"' || to_char(${column}, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '"'`;
const id = (prefix: string, column: string) => `'"${prefix}_' || replace(${column}::text, '-', '') || '"'`;
const text = (column: string) => `to_json(${column})`;

/** A message resource: joined, for `json_build_object` takes a third longer. */
const ITEM = `'{"id":' || ${id('msg', 'message')}
  || ',"conversation_id":' || ${id('conv', 'conversation')}
  || ',"seq":' || seq
  || ',"author":{"type":' || ${text('author_type')} || ',"id":' || ${text('author')} || '}'
  || ',"channel":' || ${text('channel')}
  || ',"type":' || ${text('type')}
  || ',"text":' || ${text('text')}
  || ',"external_id":' || coalesce(${text('external_id')}::text, 'null')
  || ',"occurred_at":' || ${time('occurred_at')}
  || ',"recorded_at":' || ${time('recorded_at')} || '}'`;

/**
 * The SQL of a `MessagePageRow`: the messages that meet a condition, in this order of their `seq`, until there are
 * `limit` of them or their texts weigh PAGE_BYTES. Postgres makes the JSON: fifty messages take 0.3 ms of one of its
 * processes, where rows that become objects and then text take as long of the one thread that serves all requests.
 */
export function messagePage(condition: string, order: 'asc' | 'desc', limit: string): string {
  return `
  select string_agg(${ITEM}, ',' order by seq) filter (where kept) as items,
         max(seq) filter (where kept) as last,
         bool_or(not kept) as more
    from (
      select *,
             row_number() over place <= ${limit}
               and coalesce(sum(octet_length(text)) over (place rows between unbounded preceding and 1 preceding), 0)
                   < ${PAGE_BYTES} as kept
        from (select * from conversation.messages where ${condition} order by seq ${order} limit ${limit} + 1) as found
      window place as (order by seq ${order})) as placed`;
}
