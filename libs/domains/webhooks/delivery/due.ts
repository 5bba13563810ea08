import type { DataKey } from '../../../platform/keys/data-key.js';

/** What is sent, the same for all endpoints that are shown it alike. */
export interface Message {
  /** The event's. */
  id: string;
  type: string;
  /** The event's stream, such as `conv_…`. */
  stream: string;
  body: Buffer;
  /** The keys that its personal fields are sealed with on the log; null where one is gone, or the event was redacted. */
  people: readonly DataKey[] | null;
  /** Whether these bytes are kept for every further attempt. */
  isKept: boolean;
  /** When it was made or read, ms on the clock of the lines: later its people may have been erased. */
  readAt: number;
}

/** The run of what happens now. */
export const LIVE = 0;

/** A message that an endpoint is yet to have. */
export interface Due {
  /** `LIVE`, or the number of one of the endpoint's replays or redrives. */
  readonly run: number;
  /** The event's, in the store. */
  readonly position: number;
  /** The stream's uuid in 32 hex digits. */
  readonly lane: string;
  /** The version that its body is pinned to; empty for the newest that there was. */
  readonly pin: string;
  /** Attempts that were made. */
  attempts: number;
  /** Which table its row is in. */
  table: 'fresh' | 'waiting';
  /** Null where it is to be read again. */
  message: Message | null;
  /** It was taken, and its row is about to go. */
  isTaken: boolean;
  /** What is to become of its row, while that is yet to be written. */
  change: Change | null;
}

/** As it is when its row was read, or has just been added. */
export function newDue(
  { run, position, lane, pin }: Pick<Due, 'run' | 'position' | 'lane' | 'pin'>,
  table: Due['table'],
  attempts: number,
  message: Message | null = null,
): Due {
  return { run, position, lane, pin, attempts, table, message, isTaken: false, change: null };
}

/** By which an endpoint's rows are written: what was decided under one token is written under no other. */
export interface Lease {
  readonly endpoint: string;
  readonly token: number;
}

/** What is written of a row: the last word of what was decided since the last writing. */
export interface Change {
  endpoint: string;
  lease: Lease;
  due: Due;
  /** `retry`, after `inMs`. `parked` and `given_up` wait for somebody to tell of it. */
  to: 'gone' | 'retry' | 'behind' | 'parked' | 'given_up';
  inMs: number;
}

/** What becomes of rows, in the order in which it was decided; the dispatcher makes it durable. */
export interface Effects {
  /** It was taken. */
  done(due: Due): void;
  /** It waits for its next attempt. */
  retry(due: Due, inMs: number): void;
  /** It waits behind another one of its lane. */
  behind(due: Due): void;
  /** It has had all its attempts, and its lane waits for somebody. */
  park(due: Due): void;
  /** It has had all its attempts. */
  giveUp(due: Due): void;
}

/** How an attempt ended, as far as it decides what becomes of the message. */
export type Outcome =
  | { taken: true }
  | {
      taken: false;
      /** Somebody was there and answered. */
      answered: boolean;
      /** The receiver asked for so much time, ms. */
      retryAfterMs: number | null;
      /** It asked for it as an endpoint (429, 503), and not for this message. */
      overloaded: boolean;
    };

/** What a line has yet to read of its rows. */
export type Load =
  | { kind: 'fresh'; run: number; after: number; limit: number }
  /** The earliest first. */
  | { kind: 'retries'; limit: number }
  | { kind: 'lane'; run: number; lane: string; limit: number };

export interface Retry {
  due: Due;
  /** On the line's clock, ms. */
  at: number;
}
