import type { Answer } from '../sending/exchange.js';

/** Of an answer's body, bytes that are kept. */
export const MOST_KEPT = 4096;

/** What is kept of a request and its answer beside the columns of an attempt. */
export interface KeptText {
  /** What `webhook-timestamp` said. */
  timestamp: number;
  detail: string | null;
  headers: readonly (readonly [name: string, value: string])[];
  /** The beginning of the body, as UTF-8. */
  body: string;
  /** How long the body was, as far as it was read. */
  bytes: number;
}

/** `said`: what may be kept of the answer's body. */
export function keptText(timestamp: number, { detail, headers, body }: Answer, said: string): string {
  return JSON.stringify({ timestamp, detail, headers, body: said, bytes: body.length } satisfies KeptText);
}

export function readKeptText(kept: Buffer): KeptText {
  return JSON.parse(kept.toString('utf8')) as KeptText;
}
