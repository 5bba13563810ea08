import { idToBytes, toId } from '../../../platform/kernel/id.js';
import { type ListCursor, notOfThisList } from '../../../platform/reads/list-cursor.js';
import { PRIORITIES } from '../conversation.commands.js';
import type { SqlValues } from './sql-values.js';

/** What any list of conversations goes by. `id`: the order in which they were made here. */
export const LIST_SORTS = ['id', 'created_at', 'updated_at', 'last_message_at', 'priority'] as const;
export const SORTS = [...LIST_SORTS, 'relevance'] as const;
export type Sort = (typeof SORTS)[number];
export const DIRECTIONS = ['asc', 'desc'] as const;
export type Direction = (typeof DIRECTIONS)[number];

export interface Order {
  sort: Sort;
  direction: Direction;
}

/** By urgency: the most urgent is the greatest. The index has the same text. */
const URGENCY = `(case c.priority ${PRIORITIES.map((priority, i) => `when '${priority}' then ${PRIORITIES.length - 1 - i}`).join(' ')} end)`;

/** What a column of each type can hold of what a cursor says. */
const HOLDS = {
  // RFC 3339 has the years from 1 to 9999.
  timestamptz: (ms: number) => ms >= Date.parse('0001-01-01T00:00:00Z') && ms <= Date.parse('9999-12-31T23:59:59.999Z'),
  integer: (number: number) => Number.isInteger(number) && Math.abs(number) < 2 ** 31,
  real: (number: number) => Number.isFinite(Math.fround(number)) && (number === 0 || Math.fround(number) !== 0),
} as const;

interface Key {
  sql: string;
  type: keyof typeof HOLDS;
}

/** What a list is ordered by before the conversation's id, and the type of that; none where the id alone says it. */
const KEYS: Readonly<Record<Sort, Key | null>> = {
  id: null,
  created_at: { sql: 'c.created_at', type: 'timestamptz' },
  updated_at: { sql: 'c.updated_at', type: 'timestamptz' },
  last_message_at: { sql: 'a.last_message_at', type: 'timestamptz' },
  priority: { sql: URGENCY, type: 'integer' },
  relevance: { sql: 'm.relevance', type: 'real' },
};

/** What a row must have to be a place in an ordered list: times as RFC 3339. */
export interface Placed {
  conversation: string;
  sort_key: string | number | null;
}

/** How a list of conversations is ordered, and where in it a page ends. */
export class ConversationOrder {
  readonly sort: Sort;
  private readonly direction: Direction;
  private readonly key: Key | null;

  constructor({ sort, direction }: Order) {
    this.sort = sort;
    this.direction = direction;
    this.key = KEYS[sort];
  }

  /** SQL of `sort_key`. */
  get sortKey(): string {
    return this.key?.sql ?? 'null';
  }

  get by(): string {
    const { direction, key } = this;
    return `${key === null ? '' : `${key.sql} ${direction}, `}c.conversation ${direction}`;
  }

  /** The same order, of rows that have been selected under another name. */
  byOf(row: string): string {
    const { direction, key } = this;
    return `${key === null ? '' : `${row}.sort_key ${direction}, `}${row}.conversation ${direction}`;
  }

  /** Where a page goes on; null for no cursor. Throws `invalid_cursor`. */
  placeIn(list: ListCursor, cursor: string | undefined): Buffer | null {
    const { key } = this;
    const place = list.decode(cursor, key === null ? 16 : 24);
    if (place !== null && key !== null && !HOLDS[key.type](place.readDoubleBE(0))) throw notOfThisList();
    return place;
  }

  placeOf({ conversation, sort_key: key }: Placed): Buffer {
    const id = idToBytes(toId('conv', conversation));
    if (this.key === null) return id;
    const place = Buffer.alloc(8);
    place.writeDoubleBE(typeof key === 'string' ? Date.parse(key) : (key ?? 0));
    return Buffer.concat([place, id]);
  }

  /** Whether the best come first, and nothing but how well a text is found says which they are. */
  get isOfTheBest(): boolean {
    return this.sort === 'relevance' && this.direction === 'desc';
  }

  /** Where a page of the best goes on. */
  static bestAfter(place: Buffer): { relevance: string; conversation: Buffer } {
    return { relevance: String(place.readDoubleBE(0)), conversation: place.subarray(-16) };
  }

  /** The condition of what comes after a place. */
  after(place: Buffer, sql: SqlValues): string {
    const beyond = this.direction === 'asc' ? '>' : '<';
    const id = sql.add(place.subarray(-16));
    if (this.key === null) return `c.conversation ${beyond} ${id}`;
    const number = place.readDoubleBE(0);
    const key = this.key.type === 'timestamptz' ? new Date(number).toISOString() : String(number);
    return `(${this.key.sql}, c.conversation) ${beyond} (${sql.add(key)}::${this.key.type}, ${id}::uuid)`;
  }
}

/** The order that was asked for, or the usual one. Without a text nothing is relevant. */
export function orderOf(sort: Sort | undefined, direction: Direction, hasText: boolean): Order {
  const wanted = sort ?? (hasText ? 'relevance' : 'id');
  return { sort: wanted === 'relevance' && !hasText ? 'id' : wanted, direction };
}
