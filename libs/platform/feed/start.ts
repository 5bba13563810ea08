import { Problem } from '../kernel/problem.js';

/** From where a stream begins. */
export type Start =
  | { kind: 'beginning' }
  | { kind: 'now' }
  | { kind: 'time'; ms: number }
  | { kind: 'cursor'; cursor: string };

const AGO = /^now-(\d{1,6})([smhd])$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/i;
const MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** As a request says it; `undefined` is now. Throws `invalid_value` for what looks like a time and is none. */
export function parseStart(text: string | undefined, now: number, pointer = '/query/since'): Start {
  if (text === undefined || text === 'now') return { kind: 'now' };
  if (text === 'beginning') return { kind: 'beginning' };
  const ms = timeOf(text, now);
  if (ms !== null) return { kind: 'time', ms };
  if (/^now|[:.+]/.test(text)) {
    throw notThat(pointer, 'is none of `beginning`, `now`, `now-1m`, a time of RFC 3339 and a cursor');
  }
  return { kind: 'cursor', cursor: text };
}

/** A time as a request says it, ms. Throws `invalid_value` for what is none. */
export function parseTime(text: string, now: number, pointer: string): number {
  const ms = text === 'now' ? now : timeOf(text, now);
  if (ms === null) throw notThat(pointer, 'is none of `now`, `now-1m` and a time of RFC 3339');
  return ms;
}

function timeOf(text: string, now: number): number | null {
  const ago = AGO.exec(text);
  if (ago !== null) return Math.max(FIRST_MS, now - Number(ago[1]) * MS[ago[2] as keyof typeof MS]);
  const ms = INSTANT.test(text) ? Date.parse(text) : Number.NaN;
  // Years that Postgres and RFC 3339 both have.
  return Number.isNaN(ms) || ms < FIRST_MS || ms > LAST_MS ? null : ms;
}

const FIRST_MS = Date.parse('0001-01-01T00:00:00Z');
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');

function notThat(pointer: string, message: string): Problem {
  return new Problem('invalid_value', `${pointer} ${message}.`, { errors: [{ pointer, message }] });
}
