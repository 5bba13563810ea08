import type { Filter } from '../filter/filter.js';

/** An endpoint as its events have made it. */
export interface EndpointState {
  url: string;
  description: string | null;
  /** Null: it is enabled. */
  disabled: { reason: 'request' | 'gone' | 'failing' } | null;
  deleted: boolean;
  types: readonly string[];
  filter: Filter | null;
  pin: string;
  ordered: boolean;
  concurrency: number;
  rateLimit: number | null;
  retrySchedule: readonly number[];
  signatures: readonly ('v1' | 'v1a')[];
  bodySignatureHeader: string | null;
  sealed: string;
  previous: { sealed: string; until: number } | null;
}
