import { LINE_LIMIT } from '../../../libs/domains/conversation/import/ndjson-lines.js';

const NEWLINE = 0x0a;

/** Lines to send in one request. */
export interface LineBatch {
  /** The number of the first line in the file, from 1. */
  firstLine: number;
  lines: number;
  /** With a newline after every line. */
  bytes: Buffer;
  /** How many bytes of the file end with it. */
  endsAt: number;
}

export interface BatchLimits {
  lines: number;
  bytes: number;
  /** Of a longer line only one byte more is sent, so that the server refuses it and a broken file costs no memory. */
  lineBytes: number;
}

/** A retry costs 200 lines at most, and a request is read at once: 4 MiB; the server's limit for a line is 1 MiB. */
export const BATCH_LIMITS: BatchLimits = { lines: 200, bytes: 4 * 1024 * 1024, lineBytes: LINE_LIMIT };

/** Lines that are taken apart by their organizations first: each of these gets a request with enough of them. */
export const ORGANIZATIONS_LIMITS: BatchLimits = { ...BATCH_LIMITS, lines: 2000 };

/** Cuts a stream of bytes into batches of whole lines. It reads no further than the batch that was asked for. */
export async function* lineBatches(
  stream: AsyncIterable<Buffer>,
  limits: BatchLimits = BATCH_LIMITS,
): AsyncGenerator<LineBatch> {
  let parts: Buffer[] = [];
  let held = 0;
  let lines = 0;
  let firstLine = 1;
  let line: Buffer[] = [];
  let lineBytes = 0;
  let endsAt = 0;

  const endLine = (): void => {
    const whole = Buffer.concat([...line, Buffer.of(NEWLINE)]);
    parts.push(whole);
    held += whole.length;
    lines++;
    line = [];
    lineBytes = 0;
  };
  const takeBatch = (): LineBatch => {
    const batch = { firstLine, lines, bytes: Buffer.concat(parts), endsAt };
    firstLine += lines;
    parts = [];
    held = 0;
    lines = 0;
    return batch;
  };
  const hold = (part: Buffer): void => {
    const room = limits.lineBytes + 1 - lineBytes;
    if (room <= 0 || part.length === 0) return;
    line.push(part.subarray(0, room));
    lineBytes += Math.min(part.length, room);
  };

  for await (const chunk of stream) {
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, from)) {
      hold(chunk.subarray(from, at));
      endsAt += at + 1 - from;
      from = at + 1;
      endLine();
      if (lines >= limits.lines || held >= limits.bytes) yield takeBatch();
    }
    hold(chunk.subarray(from));
    endsAt += chunk.length - from;
  }
  if (lineBytes > 0) endLine();
  if (lines > 0) yield takeBatch();
}
