/**
 * One part of a text that is put together from several, framed by its length in bytes (`5:hello,`, D. J. Bernstein's
 * netstrings), so that no two lists of parts ever read the same.
 */
export function netstring(part: string): string {
  return `${Buffer.byteLength(part)}:${part},`;
}
