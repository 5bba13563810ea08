import { z } from 'zod';
import type { IdPrefix } from '../kernel/id.js';

/** An id of one kind. */
export function idField(prefix: IdPrefix) {
  return z
    .string()
    .regex(new RegExp(`^${prefix}_[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}$`), `is not a ${prefix}_… id`);
}

/**
 * Text that Postgres and UTF-8 can hold: no NUL (SQLSTATE 22021 would abort a whole group of commands) and no lone
 * surrogate (which would be stored as another character). Its length is in characters (code points), as JSON Schema's
 * minLength and maxLength are: zod's own count UTF-16 units, and would refuse half of a text of emoji.
 */
export function textField(min: number, max: number) {
  return (
    z
      .string()
      .refine((text) => hasCharacters(text, min, max), `is not ${min} to ${max} characters long`)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: NUL is what it looks for.
      .regex(/^[^\u0000]*$/, 'holds a NUL character')
      .refine((text) => text.isWellFormed(), 'holds half a surrogate pair')
      .meta({ minLength: min, maxLength: max })
  );
}

/** Counts only where the number of UTF-16 units, at most two a character, leaves it open. */
function hasCharacters(text: string, min: number, max: number): boolean {
  const { length } = text;
  if (length < min || length > 2 * max) return false;
  if (length >= 2 * min && length <= max) return true;
  let characters = 0;
  for (const _ of text) characters++;
  return characters >= min && characters <= max;
}

/** An id that another system gave. */
export const externalIdField = textField(1, 255);

/** A lower-case word with digits, dashes and underscores. */
export const slugField = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, 'is not a slug (a-z, 0-9, - and _, 1 to 64)');

/** A time as answers have it: RFC 3339, UTC, with milliseconds. */
export const timeField = z.iso.datetime({ precision: 3 });

const FIRST_MS = Date.parse('0001-01-01T00:00:00.000Z');
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');

/** A time as requests name it: RFC 3339 with any offset and any fraction of a second. Read as `timeField`, within its years. */
export const instantField = z.iso
  .datetime({ offset: true, error: 'is not a time of RFC 3339, such as 2026-11-22T08:05:10Z' })
  .overwrite((text) => {
    const ms = Date.parse(text);
    // What is none is refused, but comes by here as well.
    return Number.isNaN(ms) ? text : new Date(Math.min(Math.max(ms, FIRST_MS), LAST_MS)).toISOString();
  });

export const limitField = z.coerce.number().int().min(1).max(1000).default(50).describe('How many to return.');

export const cursorField = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[A-Za-z0-9_-]+$/, 'is not a cursor')
  .describe('`next_cursor` of the page before.');

/** The query of every list. */
export const pageQuery = { limit: limitField, cursor: cursorField.optional() };

/** The query of a list of what other systems name, too. */
export const externalIdPageQuery = z.strictObject({ external_id: externalIdField.optional(), ...pageQuery });

/** The query of a list of what can be archived. */
export const archivedQuery = {
  archived: z
    .enum(['true', 'false'])
    .optional()
    .describe('`true`: those that are archived; `false`: those in use; left out: both.'),
};

/** The answer of every list. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.strictObject({
    data: z.array(item),
    next_cursor: z.string().nullable().describe('Where the next page begins; null at the end.'),
  });
}

/** Beside the `Idempotency-Key` header, for clients that cannot send headers; every changing operation's body has it. */
export const keyed = {
  idempotency_key: textField(1, 255).optional().describe('The same as the Idempotency-Key header.'),
};
