/**
 * A timestamptz as Postgres writes it in UTC (`2026-11-21 13:10:26.2+00`), as RFC 3339 with milliseconds. Cut from the
 * text: making a Date of it and a text of that takes 2 µs more, a hundred times in a page of fifty messages.
 */
export function rfc3339(text: string): string {
  if (!text.endsWith('+00') || text[10] !== ' ') return new Date(text).toISOString();
  const fraction = text.slice(20, -3);
  return `${text.slice(0, 10)}T${text.slice(11, 19)}.${fraction.slice(0, 3).padEnd(3, '0')}Z`;
}
