/** How an outside receiver treats what comes to one of its paths. Times count from the first arrival there. */
export type Behaviour =
  | { kind: 'takes' }
  /** For so long it answers 500, breaks the connection, says nothing, or sends elsewhere; `by_turns` the first three in turn. */
  | { kind: 'ill'; how: IllWay | 'by_turns'; forMs: number }
  /** Of each so many messages one is answered 500 so many times. */
  | { kind: 'refuses'; oneIn: number; times: number }
  /** One in so many arrivals is read whole, and its connection broken instead of an answer. */
  | { kind: 'loses_answers'; oneIn: number }
  /** Answers 200, and closes the connection. */
  | { kind: 'closes' }
  /** Answers 200, and zeros without an end. */
  | { kind: 'floods' };

export type IllWay = 'fails' | 'resets' | 'hangs' | 'redirects';

export interface SinkPath {
  /** `whsec_…`. */
  secret: string;
  behaviour: Behaviour;
}

/** One request, as the sink saw it. */
export interface Arrival {
  /** In the order in which they came, over all paths. */
  n: number;
  path: string;
  /** The address that it was sent to. */
  address: string;
  /** Wall clock, ms: when it was there whole, and when its answer was written or its connection over; null where neither was. */
  at: number;
  endedAt: number | null;
  /** Of headers. */
  id: string;
  attempt: number;
  endpoint: string;
  /** How far its `webhook-timestamp` was ahead of the sink's clock, s. */
  aheadS: number;
  isSigned: boolean;
  /** Of the body. */
  stream: string;
  sequence: number;
  sha256: string;
  /** What it was answered; null where it was nothing. */
  status: number | null;
  /** Whether the whole answer, or of one without an end the head, was written to a connection that was there. */
  isWritten: boolean;
  /** What of its answer could be written before the connection was closed. */
  answerBytes: number;
}

export interface SinkReport {
  arrivals: Arrival[];
  /** By SHA-256. */
  bodies: Map<string, string>;
}

/** How many arrivals there were by path, and how many messages were taken, each counted once. */
export type SinkProgress = Record<string, { arrivals: number; taken: number }>;

export type SinkOrder =
  | { ask: 'expect'; paths: Record<string, SinkPath> }
  /** From now on nobody is answered, until `release`: what was read meanwhile is answered then. */
  | { ask: 'hold' }
  | { ask: 'release' }
  | { ask: 'progress' }
  | { ask: 'report'; file: string };

/** Whether the receiver said that it has it, and could say so. */
export function isTaken({ status, isWritten }: Pick<Arrival, 'status' | 'isWritten'>): boolean {
  return status !== null && status >= 200 && status < 300 && isWritten;
}
