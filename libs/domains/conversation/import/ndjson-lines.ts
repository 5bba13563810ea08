import type { Readable } from 'node:stream';

/** Of a line, bytes. */
export const LINE_LIMIT = 1024 * 1024;

/** A line's bytes, or null for one that is longer than the limit; and its number, from 1. */
export interface NumberedLine {
  number: number;
  bytes: Buffer | null;
}

const NEWLINE = 0x0a;

/** Cuts a stream of bytes at newlines, holding one line at most; blank lines count but are left out. */
export async function* ndjsonLines(stream: Readable, limit: number): AsyncGenerator<NumberedLine> {
  let held: Buffer[] = [];
  let length = 0;
  let number = 1;
  const take = (): NumberedLine | null => {
    const bytes = length > limit ? null : Buffer.concat(held);
    held = [];
    length = 0;
    const line = { number: number++, bytes };
    return bytes !== null && bytes.toString('latin1').trim() === '' ? null : line;
  };
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, from)) {
      hold(chunk.subarray(from, at));
      from = at + 1;
      const line = take();
      if (line !== null) yield line;
    }
    hold(chunk.subarray(from));
  }
  const last = length === 0 ? null : take();
  if (last !== null) yield last;

  function hold(part: Buffer): void {
    length += part.length;
    if (length <= limit) held.push(part);
    else held = [];
  }
}
