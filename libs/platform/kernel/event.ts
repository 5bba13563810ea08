/** Who did something: `user`, `ai_agent`, `customer`, `system`, `api_key` or `root`, and its id. */
export interface Party {
  type: string;
  id: string;
}

/** Who called, and for whom. The author of a message is not the actor: it stands in the event's data. */
export interface Actor extends Party {
  on_behalf_of?: Party | null;
}

/** The envelope that is the first field of every event's record. Times are milliseconds since 1970, UTC. */
export interface EventMeta {
  id: string;
  workspace: string;
  stream: string;
  /** Gap-free within the stream, from 1. */
  seq: number;
  type: string;
  occurred_at: number;
  recorded_at: number;
  actor: Actor;
  correlation_id: string | null;
  causation_id: string | null;
  traceparent: string | null;
  ext: Record<string, string>;
}

/** A fact as a decider states it: what happened, with personal fields in plain text. */
export interface DomainEvent<Type extends string = string, Data = unknown> {
  type: Type;
  data: Data;
  /** When it happened, ms; where it is left out, when it was decided. */
  occurredAt?: number;
}

/** A fact with its envelope and its place in the store; personal fields are opened, or read `erased`. */
export interface RecordedEvent<Type extends string = string, Data = unknown> extends DomainEvent<Type, Data> {
  meta: EventMeta;
  /** Its place in the store: dense, in the order of commit. */
  position: number;
}
