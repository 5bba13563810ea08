import { idToBytes } from '../../../platform/kernel/id.js';
import type { SqlStatement } from '../../../platform/postgres/connection.js';
import type { EventFilter } from '../stream/event-filter.js';
import { SPAN, type WordKind } from './entries.projection.js';

/** Which positions are looked at, and how. */
export interface EntryRange {
  /** Nothing up to and with this position. */
  after: number;
  /** Nothing beyond it. */
  upTo: number;
  order: 'asc' | 'desc';
  limit: number;
  /** Recorded at this time or later, ms. */
  since?: number | undefined;
  /** Recorded before this time, ms. */
  until?: number | undefined;
}

/**
 * The positions of the entries that a filter means, in order, eight bytes each. `customers` are those who are read as the
 * filter's customer. Whatever leads to few entries leads the way: a conversation, a customer, else the spans that have an
 * activity, an actor or a type.
 */
export function entryQuery(
  workspace: string,
  filter: EventFilter,
  customers: readonly string[],
  range: EntryRange,
): SqlStatement {
  const values: unknown[] = [];
  const bind = (value: unknown) => `$${values.push(value)}`;
  const order = `order by e.position ${range.order}`;
  const limit = `limit ${bind(range.limit)}`;
  const ofWorkspace = `workspace = ${bind(idToBytes(workspace))}`;
  const conditions = [`e.${ofWorkspace}`, `e.position > ${bind(range.after)}`, `e.position <= ${bind(range.upTo)}`];
  if (range.since !== undefined) conditions.push(`e.recorded_at >= ${bind(timeOf(range.since))}`);
  if (range.until !== undefined) conditions.push(`e.recorded_at < ${bind(timeOf(range.until))}`);
  const words = wordsOf(filter);
  for (const { kind, names } of words) conditions.push(wordCondition(`e.${kind}`, names, bind));
  const leads = (...first: string[]) =>
    `select e.position from events.entries e where ${[...first, ...conditions].join(' and ')} ${order} ${limit}`;
  const each = (keys: string, statement: string) =>
    `select e.position from (${keys}) k(key) cross join lateral (${statement}) e`;
  const uuids = (ids: readonly string[]) => `${bind(ids.map((id) => idToBytes(id).toString('hex')))}::uuid[]`;

  let found: string;
  if (filter.conversation !== null) {
    const isTheirs = `e.conversation in (select c.conversation from events.conversation_customers c where c.customer = any `;
    found = leads(
      `e.conversation = ${bind(idToBytes(filter.conversation))}`,
      ...(filter.customer === null ? [] : [`${isTheirs}(${uuids(customers)}))`]),
    );
  } else if (filter.customer !== null) {
    const theirs = uuids(customers);
    found = `${each(`select unnest(${theirs})`, leads('e.customer = k.key'))}
       union all
       ${each(
         `select conversation from events.conversation_customers where customer = any (${theirs})`,
         leads('e.conversation = k.key'),
       )}`;
  } else if (words.length > 0) {
    const { kind, names } = words[0]!;
    const spans = `select w.span from events.span_words w
                    where w.${ofWorkspace} and w.kind = '${kind}' and ${wordCondition('w.word', names, bind)}
                      and w.span between ${bind(spanOf(range.after + 1))} and ${bind(spanOf(range.upTo))}
                    group by w.span order by w.span ${range.order}`;
    const within = `e.position between s.span::bigint * ${SPAN} and s.span::bigint * ${SPAN} + ${SPAN - 1}`;
    // The order of the spans is that of their positions: no more of them are looked into than have what is asked for.
    found = `select e.position from (${spans}) s cross join lateral (${leads(within)}) e
              order by s.span ${range.order}, e.position ${range.order} ${limit}`;
  } else {
    found = leads();
  }
  return {
    text: `select string_agg(int8send(e.position), ''::bytea ${order}) as positions
             from (select e.position from (${found}) e ${order} ${limit}) e`,
    values,
  };
}

interface Words {
  kind: WordKind;
  /** Those that end in a dot are beginnings. */
  names: readonly string[];
}

/** What a filter says of words, the rarest kind first. */
function wordsOf({ activities, actor, types }: EventFilter): Words[] {
  const words: Words[] = [];
  if (activities !== null) words.push({ kind: 'activity', names: [...activities] });
  if (actor !== null) words.push({ kind: 'actor', names: [actor] });
  if (types !== null) words.push({ kind: 'type', names: [...types] });
  return words;
}

function wordCondition(column: string, names: readonly string[], bind: (value: unknown) => string): string {
  const whole = names.filter((name) => !name.endsWith('.'));
  const beginnings = names.filter((name) => name.endsWith('.'));
  const begins = beginnings.map((beginning) => `starts_with(${column}, ${bind(beginning)})`);
  return `(${[`${column} = any (${bind(whole)}::text[])`, ...begins].join(' or ')})`;
}

function spanOf(position: number): number {
  return Math.floor(position / SPAN);
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}
