import { z } from 'zod';
import { invalid } from './invalid.js';

/** A header's name (RFC 9110, section 5.6.2). */
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/;
/** What any receiver reads the same: visible ASCII, with spaces between. */
const VALUE = /^[!-~]([ -~]{0,998}[!-~])?$/;
const MOST_HEADERS = 20;

/** What each attempt says by itself, or what its connection needs. */
const TAKEN: ReadonlySet<string> = new Set([
  'host',
  'content-length',
  'content-type',
  'content-encoding',
  'transfer-encoding',
  'connection',
  'keep-alive',
  'upgrade',
  'te',
  'trailer',
  'expect',
  'user-agent',
  'accept-encoding',
]);
const TAKEN_BEGINNINGS = ['webhook-', 'heddle-', 'proxy-'];

export const headerNameField = z.string().regex(NAME, "is not a header's name of 100 characters at most (RFC 9110)");

export const headerValueField = z.string().regex(VALUE, "is not a header's value: visible ASCII, 1 to 1000 characters");

/** Headers of an endpoint's own as a request has them, by name; where values may be null, those of that name are taken away. */
export function headersField<Value extends z.ZodType>(value: Value) {
  return z
    .record(headerNameField, value)
    .refine((headers) => Object.keys(headers).length <= MOST_HEADERS, `has more than ${MOST_HEADERS} headers`)
    .meta({ maxProperties: MOST_HEADERS });
}

type Headers = readonly (readonly [name: string, value: string])[];

/** Throws `invalid_value` where a header of that name is not for an endpoint to have. */
export function requireFreeName(name: string, pointer: string): void {
  const lower = name.toLowerCase();
  if (!TAKEN.has(lower) && !TAKEN_BEGINNINGS.some((beginning) => lower.startsWith(beginning))) return;
  throw invalid(pointer, `names ${name}, a header that Heddle sets itself`);
}

/**
 * By JSON Merge Patch (RFC 7396), whatever the case of names; null takes all away. Throws `invalid_value` for a name that is given
 * twice or is not free, and where they would be too many.
 */
export function patchedHeaders(headers: Headers, patch: Readonly<Record<string, string | null>> | null): Headers {
  if (patch === null) return [];
  const named = new Set<string>();
  for (const name of Object.keys(patch)) {
    requireFreeName(name, '/body/headers');
    if (named.has(name.toLowerCase())) throw invalid('/body/headers', `names ${name} twice`);
    named.add(name.toLowerCase());
  }
  const kept = headers.filter(([name]) => !named.has(name.toLowerCase()));
  const told = Object.entries(patch).flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]));
  if (kept.length + told.length <= MOST_HEADERS) return [...kept, ...told];
  throw invalid('/body/headers', `would be more than ${MOST_HEADERS} headers with those that are there`);
}

export function isSameHeaders(some: Headers, others: Headers): boolean {
  const sorted = (headers: Headers) => JSON.stringify([...headers].sort(([a], [b]) => (a < b ? -1 : 1)));
  return sorted(some) === sorted(others);
}
