import type { Decider } from '../kernel/decider.js';
import type { DomainEvent } from '../kernel/event.js';
import type { IdPrefix } from '../kernel/id.js';
import type { Caller } from '../operations/caller.js';

/** One kind of stream, as the write shell needs to know it. */
export interface Aggregate<Command, State extends object, Event extends DomainEvent> {
  /** The stream's type, such as `conversation`. */
  type: string;
  prefix: IdPrefix;
  decider: Decider<Command, State, Event>;
  /** The person whose key seals what the stream says of people; null where it says nothing of any. */
  subjectOf(state: State, stream: string): string | null;
  /** Whether the folded state itself names a person, and is sealed where it is kept. */
  personalState?: boolean;
  /**
   * The names that an event's stream has had since it: the same that its command claimed, for what only the log has kept.
   * Left out where its commands claim none.
   */
  claimsOf?(event: Event, stream: string): readonly Claim[];
  /** The numbers of those events of its own stream that an event withholds: nobody reads their personal fields any more. */
  withholds?(event: Event): readonly number[];
  /**
   * The names that an event's stream gives up, so that another may take them. An aggregate that has this takes and gives
   * up what its events say and nothing else, in their order: `claims` and `stream` of its requests only name what has to be
   * looked up, all that the events take among it.
   */
  releasesOf?(event: Event, stream: string): readonly Claim[];
}

/** Any aggregate: what restores streams treats all alike. */
// biome-ignore lint/suspicious/noExplicitAny: each is consistent in itself, and a list holds all kinds.
export type AnyAggregate = Aggregate<any, any, DomainEvent<any, any>>;

/** A name that may be given once in its scope (the workspace, or a stream), such as an external id. */
export interface Claim {
  kind: string;
  scope?: string;
  value: string;
  /** Of a claim that an event makes: whose name it is, where that is not the event's own stream. */
  stream?: string;
}

/** What the shell found before it decides. */
export interface Resolution {
  stream: string;
  /** The claims of the request that another command took before, by their index; with the stream that has them. */
  taken: ReadonlyMap<number, string>;
}

export interface CommandRequest<Command, State extends object, Event extends DomainEvent> {
  aggregate: Aggregate<Command, State, Event>;
  caller: Caller;
  /** Whose stream it is; null where the stream is a workspace itself. */
  workspace: string | null;
  /**
   * The stream's id; or the claim that leads to it, the others that do where that one is free, in their order, and the id
   * that it gets where there is none yet.
   */
  stream: string | { claim: Claim; or?: readonly Claim[]; orNew: string };
  command: Command | ((resolution: Resolution) => Command);
  /** Names that the command takes. One that is taken refuses it, unless `toleratesTaken`. */
  claims?: readonly Claim[];
  toleratesTaken?: boolean;
  /** Whose key seals the events of a new stream that is not a person's own; they must be among the references. */
  subject?: string;
  /** Ids of other streams of the workspace that must exist. */
  references?: readonly string[];
  /** The answer to an accepted command: no personal data, for it is kept for retries as it is. */
  respond(accepted: Accepted<State>): { status: number; body: object };
  /** The answer holds a secret: it is sealed where it is kept. */
  secretResponse?: boolean;
}

export interface Accepted<State> {
  stream: string;
  /** The stream's version after the command. */
  seq: number;
  state: State;
  /** Whether this command made the stream. */
  created: boolean;
  /** How many events it appended. */
  events: number;
}
