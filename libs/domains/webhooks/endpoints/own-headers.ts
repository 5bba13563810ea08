import { z } from 'zod';

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

function isFree(name: string): boolean {
  const lower = name.toLowerCase();
  return !TAKEN.has(lower) && !TAKEN_BEGINNINGS.some((beginning) => lower.startsWith(beginning));
}

export const headerNameField = z
  .string()
  .regex(NAME, "is not a header's name (RFC 9110) of 100 characters at most")
  .refine(isFree, 'is a header that Heddle sets itself');

export const headerValueField = z.string().regex(VALUE, "is not a header's value: visible ASCII, 1 to 1000 characters");

/** Headers of an endpoint's own as a request has them, by name; where values may be null, those of that name are taken away. */
export function headersField<Value extends z.ZodType>(value: Value) {
  return z
    .record(headerNameField, value)
    .refine((headers) => Object.keys(headers).length <= MOST_HEADERS, `has more than ${MOST_HEADERS} headers`)
    .refine(
      (headers) => new Set(Object.keys(headers).map((name) => name.toLowerCase())).size === Object.keys(headers).length,
      'names a header twice',
    )
    .meta({ maxProperties: MOST_HEADERS });
}

type Headers = readonly (readonly [name: string, value: string])[];

/** By JSON Merge Patch (RFC 7396), whatever the case of names; null takes all away. Null where they would be too many. */
export function patchedHeaders(
  headers: Headers,
  patch: Readonly<Record<string, string | null>> | null,
): Headers | null {
  if (patch === null) return [];
  const named = new Map(Object.entries(patch).map(([name, value]) => [name.toLowerCase(), { name, value }]));
  const kept = headers.filter(([name]) => !named.has(name.toLowerCase()));
  const told = [...named.values()].flatMap(({ name, value }) => (value === null ? [] : [[name, value] as const]));
  const all = [...kept, ...told];
  return all.length > MOST_HEADERS ? null : all;
}

export function isSameHeaders(some: Headers, others: Headers): boolean {
  const sorted = (headers: Headers) => JSON.stringify([...headers].sort(([a], [b]) => (a < b ? -1 : 1)));
  return sorted(some) === sorted(others);
}
