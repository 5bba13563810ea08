/** What the product says it holds, read back from outside. Ids as the API writes them; positions null where unknown. */
export interface ObservedEvent {
  stream: string;
  seq: number;
  type: string;
  position: number | null;
  /** The message that was created, or that closed or reopened the conversation; null for changes made by hand. */
  messageId: string | null;
  /** Of `message.created` only. */
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
  closes: number | null;
  reopens: number | null;
}

export interface Observation {
  events: ObservedEvent[];
  messages: ObservedMessage[];
  facts: ObservedFacts[];
  /** Null where the checker was given no database. */
  rows: StoredRow[] | null;
}
