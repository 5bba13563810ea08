import type { QueryResult, QueryResultRow } from 'pg';
import { FieldReads } from '../../../platform/fields/field-reads.js';
import type { Party } from '../../../platform/kernel/event.js';
import { idToBytes, toId } from '../../../platform/kernel/id.js';
import { ListCursor } from '../../../platform/reads/list-cursor.js';
import { type PageQuery, toPage } from '../../../platform/reads/page.js';
import type { ReadPool } from '../../../platform/reads/read-pool.js';
import { assigneeOf, CONVERSATION_COLUMNS, type ConversationRow, conversationJson } from '../conversation-row.js';
import { fieldTables } from '../fields/field-tables.js';
import { ConversationOrder, type Order, type Placed } from './conversation-order.js';
import { conditionWith, type DeclaredFields, declaredFor } from './field-conditions.js';
import type { Filter } from './filter.js';
import { filterSql } from './filter-sql.js';
import { type Highlight, MATCH_BEGINS, MATCH_ENDS, piecesOf } from './highlight.js';
import { isUsual, prepared } from './prepared-shapes.js';
import { searchTerms, type Term } from './search-terms.js';
import { SqlValues } from './sql-values.js';

/** Which conversations are meant. */
export interface Selection {
  filter?: Filter | undefined;
  /** What their messages or titles say, as it was typed; undefined: whatever. */
  text?: string | undefined;
  /** Whether notes are looked through, too. */
  notes: boolean;
}

export interface Search extends Selection {
  order: Order;
  /** How many places in the text to show of each conversation at most. */
  highlights: number;
}

export const GROUPS = ['status', 'priority', 'channel', 'assignee', 'team'] as const;
export type Group = (typeof GROUPS)[number];

export interface Counts {
  count: number;
  /** The largest first; null where none were asked for. */
  groups: { value: string | Party | null; count: number }[] | null;
}

interface FoundRow extends ConversationRow, Placed {
  relevance?: number;
  highlights?: { part: Highlight['part']; source: string; text: string | null }[] | null;
}

interface GroupRow {
  value: string | null;
  type: string | null;
  count: number;
  total: number;
}

const MOST_GROUPS = 1000;
/** On a page: each is a text that is read and cut anew. */
const MOST_HIGHLIGHTS = 1000;
/** Characters of a text: that takes as long as it is. */
const MOST_LOOKED_THROUGH = 20_000;
/** A few words around each place. */
const HEADLINE = `StartSel=${MATCH_BEGINS},StopSel=${MATCH_ENDS},MaxFragments=2,MinWords=8,MaxWords=24,ShortWord=0,FragmentDelimiter=" … "`;
const UNSHOWN = MATCH_BEGINS + MATCH_ENDS;

/** Finds conversations by filters and by full text; sees one workspace and never writes. */
export class ConversationSearch {
  private readonly fields: FieldReads;

  constructor(private readonly reads: ReadPool) {
    this.fields = new FieldReads(reads, fieldTables);
  }

  /**
   * A page of those that are meant, in an order, as JSON. `list` names the list and all that it was asked by: a cursor of one is none of
   * another. Throws `invalid_cursor`.
   */
  async page(
    workspace: string,
    search: Search,
    { limit, cursor }: PageQuery,
    list: ListCursor = listOf(workspace, search),
  ): Promise<string> {
    const { items, next } = await this.items(workspace, search, { limit, cursor }, list);
    return `{"data":[${items.join(',')}],"next_cursor":${JSON.stringify(next)}}`;
  }

  /** All of them as JSON, page after page, so that no more than one page is in memory. */
  async *all(workspace: string, search: Search): AsyncGenerator<string> {
    let cursor: string | undefined;
    do {
      const { items, next } = await this.items(workspace, search, { limit: 500, cursor }, listOf(workspace, search));
      yield* items;
      cursor = next ?? undefined;
    } while (cursor !== undefined);
  }

  private async items(
    workspace: string,
    search: Search,
    { limit, cursor }: PageQuery,
    list: ListCursor,
  ): Promise<{ items: string[]; next: string | null }> {
    const order = new ConversationOrder(search.order);
    const place = order.placeIn(list, cursor);
    const terms = search.text === undefined ? null : searchTerms(search.text);
    if (terms !== null && !terms.some(({ kind }) => kind !== 'without')) return { items: [], next: null };
    const declared = await declaredFor(search.filter, workspace, this.fields);
    const sql = new SqlValues();
    const own = sql.add(idToBytes(workspace));
    // Nothing but the text says which they are: it finds the page by itself.
    const best = order.isOfTheBest && search.filter === undefined ? { place, most: limit + 1 } : null;
    const from = rowsOf(own, search, terms, order, declared, sql, best);
    const after = place === null ? '' : ` and ${order.after(place, sql)}`;
    const wanted = `${from}${after} order by ${order.by} limit ${sql.add(limit + 1)}`;
    const text =
      terms === null ? inOrder(own, wanted, order) : withPlaces(own, wanted, order, terms, fewer(search, limit), sql);
    const { rows } = await this.read<FoundRow>(workspace, search, text, sql, 'page');
    const { data, next_cursor } = toPage(
      rows,
      limit,
      (row) => (terms === null ? conversationJson(row) : found(row)),
      (last) => list.encode(order.placeOf(last)),
    );
    return { items: data, next: next_cursor };
  }

  /** So many of those that a filter means, at most; the last made here first. */
  async ids(workspace: string, filter: Filter, most: number): Promise<string[]> {
    const declared = await declaredFor(filter, workspace, this.fields);
    const sql = new SqlValues();
    const own = sql.add(idToBytes(workspace));
    const from = rowsOf(own, { filter, notes: false }, null, null, declared, sql);
    const text = `select c.conversation ${from} order by c.conversation desc limit ${sql.add(most)}`;
    const { rows } = await this.reads.slowly<{ conversation: string }>(workspace, { text, values: sql.values });
    return rows.map(({ conversation }) => toId('conv', conversation));
  }

  async count(workspace: string, selection: Selection, group?: Group | undefined): Promise<Counts> {
    const terms = selection.text === undefined ? null : searchTerms(selection.text);
    if (terms !== null && !terms.some(({ kind }) => kind !== 'without')) {
      return { count: 0, groups: group === undefined ? null : [] };
    }
    const declared = await declaredFor(selection.filter, workspace, this.fields);
    const sql = new SqlValues();
    const own = sql.add(idToBytes(workspace));
    const from = rowsOf(own, selection, terms, null, declared, sql);
    const query = terms === null ? '' : `with ${queryOf(own, terms, sql)}`;
    const text =
      group === undefined
        ? `${query} select count(*) as total ${from}`
        : `${query} select c.${group} as value, ${group === 'assignee' ? 'c.assignee_type' : 'null'} as type, count(*) as count,
                  (sum(count(*)) over ())::bigint as total
             ${from} group by 1, 2 order by 3 desc, 1 limit ${MOST_GROUPS}`;
    const { rows } = await this.read<GroupRow>(workspace, selection, text, sql, 'whole');
    return {
      count: rows[0]?.total ?? 0,
      groups: group === undefined ? null : rows.map((row) => ({ value: groupValue(group, row), count: row.count })),
    };
  }

  /** A page of a usual list takes about a millisecond; all else may look at everything that the workspace has. */
  private read<Row extends QueryResultRow>(
    workspace: string,
    selection: Selection,
    text: string,
    { values }: SqlValues,
    part: 'page' | 'whole',
  ): Promise<QueryResult<Row>> {
    const usual = isUsual(selection);
    const statement = usual ? prepared(text, values) : { text, values };
    return usual && part === 'page' && selection.text === undefined
      ? this.reads.query<Row>(workspace, statement)
      : this.reads.slowly<Row>(workspace, statement);
  }
}

/** A page of many conversations shows fewer places of each. */
function fewer(search: Search, limit: number): Search {
  return { ...search, highlights: Math.min(search.highlights, Math.floor(MOST_HIGHLIGHTS / limit)) };
}

function listOf(workspace: string, { filter, text, notes, order }: Search): ListCursor {
  return new ListCursor('search', workspace, { filter, text, notes, order });
}

/** From where, and under which conditions, the conversations `c` that are meant come; `own` is the workspace's placeholder. */
function rowsOf(
  own: string,
  { filter, notes }: Selection,
  terms: readonly Term[] | null,
  order: ConversationOrder | null,
  declared: DeclaredFields,
  sql: SqlValues,
  best: { place: Buffer | null; most: number } | null = null,
): string {
  const activity =
    order?.sort === 'last_message_at'
      ? `join conversation.activity a on a.conversation = c.conversation and a.workspace = ${own}`
      : '';
  const matches =
    terms === null
      ? ''
      : `join conversation.search_matches((select query from q), ${sql.add(notes)}, ${bestOf(best, sql)}) m
           on m.conversation = c.conversation`;
  const meant = filter === undefined ? '' : ` and ${filterSql(filter, sql, conditionWith(declared))}`;
  return `from conversation.conversations c ${activity} ${matches} where c.workspace = ${own}${meant}`;
}

function bestOf(best: { place: Buffer | null; most: number } | null, sql: SqlValues): string {
  if (best === null) return 'null, null, null';
  const { relevance = null, conversation = null } = best.place === null ? {} : ConversationOrder.bestAfter(best.place);
  return `${sql.add(relevance)}::real, ${sql.add(conversation)}::uuid, ${sql.add(best.most)}::integer`;
}

/** What is looked for, as the table `q`: as it was typed, and as a workspace's documents have it. */
function queryOf(own: string, terms: readonly Term[], sql: SqlValues): string {
  const kinds = sql.add(terms.map(({ kind }) => kind));
  const texts = sql.add(terms.map(({ text }) => text));
  return `q as materialized (select query, conversation.query_of(${own}::uuid, query) as own
                   from conversation.search_query(${kinds}::text[], ${texts}::text[]) as query)`;
}

/** A page of what an index has in this order. */
function inOrder(own: string, wanted: string, order: ConversationOrder): string {
  return `
  select ${CONVERSATION_COLUMNS}, c.sort_key
    from (select c.*, ${order.sortKey} as sort_key ${wanted}) c
    join log.streams s on s.stream = c.conversation and s.workspace = ${own}
   order by ${order.byOf('c')}`;
}

/** A page of what full text finds: the texts are looked at, and cut, of what is on the page alone. */
function withPlaces(
  own: string,
  wanted: string,
  order: ConversationOrder,
  terms: readonly Term[],
  search: Search,
  sql: SqlValues,
): string {
  const places = search.highlights === 0 ? null : placesOf(search, sql);
  return `
  with ${queryOf(own, terms, sql)},
       page as materialized (select c.conversation, m.relevance, ${order.sortKey} as sort_key ${wanted})
  select ${CONVERSATION_COLUMNS}, p.sort_key, p.relevance, ${places === null ? 'null' : 'f.highlights'} as highlights
    from page p join conversation.conversations c on c.conversation = p.conversation and c.workspace = ${own}
                join log.streams s on s.stream = p.conversation and s.workspace = ${own}
                ${places === null ? '' : `cross join q left join lateral (${places}) f on true`}
   order by ${order.byOf('p')}`;
}

/** The best places of the conversation `c`, as JSON. */
function placesOf({ notes, highlights }: Search, sql: SqlValues): string {
  return `
    select json_agg(json_build_object('part', h.kind, 'source', h.source, 'text',
             ts_headline(h.language::regconfig,
                         translate(left(case h.kind when 'title' then c.title else x.text end, ${MOST_LOOKED_THROUGH}),
                                   ${sql.add(UNSHOWN)}, ''),
                         q.query, ${sql.add(HEADLINE)})) order by h.rank desc, h.source) as highlights
      from (select t.kind, t.source, t.language, t.message_seq, ts_rank(t.document, q.own, 1) as rank
              from conversation.search_texts t
             where t.conversation = c.conversation and t.document @@ q.own and t.kind is not null
               and (${sql.add(notes)} or t.kind <> 'note')
             order by rank desc, t.source limit ${sql.add(highlights)}) h
      left join conversation.messages x on x.conversation = c.conversation and x.seq = h.message_seq`;
}

function found(row: FoundRow): string {
  const { relevance = 0, highlights: places } = row;
  const highlights = (places ?? []).flatMap(({ part, source, text }): Highlight[] => {
    if (text === null) return [];
    return [{ part, message_id: part === 'title' ? null : toId('msg', source), pieces: piecesOf(text) }];
  });
  return `${conversationJson(row).slice(0, -1)},"relevance":${relevance},"highlights":${JSON.stringify(highlights)}}`;
}

function groupValue(group: Group, { value, type }: GroupRow): string | Party | null {
  if (value === null) return null;
  if (group === 'team') return toId('team', value);
  return group === 'assignee' ? assigneeOf({ assignee: value, assignee_type: type }) : value;
}
