import { type FieldOption, type FieldValue, type Money, REFERENCES, type ValueRules } from './field-declaration.js';
import { decimalsOf } from './iso-4217.js';

const MOST_IN_STRING = 255;
const MOST_IN_TEXT = 10_000;
const GREATEST = 1e15;
const AMOUNT = /^(-?)(0|[1-9]\d{0,14})(?:\.(\d+))?$/;
const FULL_DATE = /^(\d{4})-(\d{2})-(\d{2})$/;

/** A value in the one form that its kind has; or what is wrong with it, as the end of a sentence that it begins. */
export type CheckedValue = { value: FieldValue } | { wrong: string };

/**
 * Holds a value against its field.
 *
 * | kind | takes | form |
 * |---|---|---|
 * | string | 1 to 255 characters on one line | as it is |
 * | text | 1 to 10,000 characters without NUL | as it is |
 * | number | a JSON number from -1e15 to 1e15 | -0 is 0 |
 * | currency | `amount` as decimal text, `currency` by ISO 4217; no more decimals than that has | all of its decimals |
 * | boolean | true or false | as it is |
 * | date | a full-date of RFC 3339, from the year 1 on | as it is |
 * | enum | one of the options | as it is |
 * | multi_enum | one or more of the options | each once, sorted |
 * | reference | an id of what it refers to; whether there is such a thing is not known here | as it is |
 *
 * Characters are Unicode code points, and no text holds half of a surrogate pair.
 */
export function checkValue({ kind, options, referenceTo }: ValueRules, value: unknown): CheckedValue {
  switch (kind) {
    case 'string':
      return line(value);
    case 'text':
      return text(value, MOST_IN_TEXT, '\u0000', 'holds a NUL character');
    case 'number':
      if (typeof value !== 'number' || !(Math.abs(value) <= GREATEST)) return wrong('is not a number within ±1e15');
      return { value: value === 0 ? 0 : value };
    case 'currency':
      return money(value);
    case 'boolean':
      return typeof value === 'boolean' ? { value } : wrong('is not true or false');
    case 'date':
      return date(value);
    case 'enum':
      return typeof value === 'string' && isOption(options, value)
        ? { value }
        : wrong(`is none of its options (${named(options)})`);
    case 'multi_enum':
      return several(options, value);
    case 'reference': {
      const prefix = REFERENCES[referenceTo!];
      const isId = new RegExp(`^${prefix}_[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}$`);
      return typeof value === 'string' && isId.test(value) ? { value } : wrong(`is not a ${prefix}_… id`);
    }
    default:
      return kind satisfies never;
  }
}

/** The text that events and read models hold of a value: JSON, the same for the same value. */
export function jsonOf(value: FieldValue): string {
  return JSON.stringify(value);
}

function wrong(sentence: string): CheckedValue {
  return { wrong: sentence };
}

function line(value: unknown): CheckedValue {
  const checked = text(value, MOST_IN_STRING, '\u0000', 'holds a NUL character');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for.
  const isLine = 'wrong' in checked || !/[\u0000-\u001f\u007f\u2028\u2029]/.test(value as string);
  return isLine ? checked : wrong('is not one line without control characters');
}

function text(value: unknown, most: number, banned: string, because: string): CheckedValue {
  if (typeof value !== 'string') return wrong('is not a text');
  // At most two UTF-16 units a character: what is far too long is not counted.
  const length = value.length > 2 * most ? most + 1 : [...value].length;
  if (length < 1 || length > most) return wrong(`is not 1 to ${most} characters long`);
  if (value.includes(banned)) return wrong(because);
  return value.isWellFormed() ? { value } : wrong('holds half a surrogate pair');
}

function money(value: unknown): CheckedValue {
  const { amount, currency } = (typeof value === 'object' && value !== null ? value : {}) as Partial<Money>;
  if (typeof amount !== 'string' || typeof currency !== 'string') {
    return wrong('is not an amount and a currency, such as {"amount":"12.50","currency":"EUR"}');
  }
  const decimals = decimalsOf(currency);
  if (decimals === undefined) return wrong('does not have a currency of ISO 4217, such as EUR');
  const parts = AMOUNT.exec(amount);
  if (parts === null) return wrong('does not have an amount in plain decimal text, such as 12.50');
  const [, sign, whole, fraction = ''] = parts;
  if (fraction.length > decimals) return wrong(`has more decimals than ${currency} has, which are ${decimals}`);
  const padded = fraction.padEnd(decimals, '0');
  const digits = padded === '' ? whole! : `${whole}.${padded}`;
  return { value: { amount: /[1-9]/.test(digits) ? sign + digits : digits, currency } };
}

function date(value: unknown): CheckedValue {
  const parts = typeof value === 'string' ? FULL_DATE.exec(value) : null;
  if (parts === null) return wrong('is not a date such as 2026-02-28');
  const [year, month, day] = parts.slice(1).map(Number) as [number, number, number];
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  const isDay = year >= 1 && day >= 1 && day <= (days[month - 1] ?? 0);
  return isDay ? { value: parts[0] } : wrong('is not a day of the calendar');
}

function several(options: readonly FieldOption[], value: unknown): CheckedValue {
  if (!Array.isArray(value) || value.length === 0) return wrong('is not a list of one or more of its options');
  const stranger = value.findIndex((one) => typeof one !== 'string' || !isOption(options, one));
  if (stranger >= 0) return wrong(`has at ${stranger} none of its options (${named(options)})`);
  return { value: [...new Set(value as string[])].sort() };
}

function isOption(options: readonly FieldOption[], value: string): boolean {
  return options.some((option) => option.value === value);
}

function named(options: readonly FieldOption[]): string {
  const some = options.slice(0, 10).map(({ value }) => value);
  return options.length > some.length ? `${some.join(', ')} …` : some.join(', ');
}
