import type { Filter } from '../filter/filter.js';

export type SignatureKind = 'v1' | 'v1a';

export type DisabledReason = 'request' | 'gone' | 'failing';

/** An endpoint, folded. It is kept in the open: no secret is in it. */
export interface EndpointState {
  url: string;
  description: string | null;
  /** Null: enabled. */
  disabled: { reason: DisabledReason } | null;
  deleted: boolean;
  /** A type, a group such as `conversation.updated`, `<noun>.*`, or `*`. */
  types: readonly string[];
  filter: Filter | null;
  /** As `Pins` reads it; the empty text pins nothing. */
  pin: string;
  /** Stays as it was made. */
  ordered: boolean;
  /** Attempts at a time. */
  concurrency: number;
  /** Attempts a second; null for no bound. */
  rateLimit: number | null;
  /** Seconds before each further attempt. */
  retrySchedule: readonly number[];
  signatures: readonly SignatureKind[];
  /** The header that has the hex HMAC-SHA256 of the body, keyed by the secret's text as it is shown; null for none. */
  bodySignatureHeader: string | null;
  /** Its secrets as `sealSecrets` leaves them, in base64. */
  sealed: string;
  /** The secrets before a rotation, which sign as well until then (ms); null where there are none. */
  previous: { sealed: string; until: number } | null;
}

/** Thirteen attempts over 5.4 days. */
export const DEFAULT_SCHEDULE: readonly number[] = [
  10, 30, 120, 300, 900, 3600, 10_800, 21_600, 43_200, 86_400, 129_600, 172_800,
];
