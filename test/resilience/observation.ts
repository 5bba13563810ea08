/** What the product says it holds, read back from outside. Ids as the API writes them; positions null where unknown. */
export interface ObservedEvent {
  stream: string;
  seq: number;
  type: string;
  position: number | null;
  /** Of `message.created` only. */
  messageId: string | null;
  text: string | null;
}

export interface ObservedMessage {
  stream: string;
  id: string;
  seq: number;
  text: string;
}

/** A row of the store's event table. `stream` is the uuid in 32 hex digits. */
export interface StoredRow {
  position: number;
  stream: string;
  seq: number;
  type: string;
}

/** The counts that analytics keeps of a conversation; null where a figure is not published. */
export interface ObservedFacts {
  stream: string;
  messages: number | null;
  closed: number | null;
  reopened: number | null;
}

export interface Observation {
  events: ObservedEvent[];
  messages: ObservedMessage[];
  facts: ObservedFacts[];
  /** Null where the checker was given no database. */
  rows: StoredRow[] | null;
}
