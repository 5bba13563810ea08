import { once } from 'node:events';
import type { Writable } from 'node:stream';

/** Where commands write: the process's own streams, or a spec's. */
export interface Terminal {
  out: Writable;
  err: Writable;
  /** The width of standard output in characters; null where it is not a terminal. */
  columns: number | null;
  /** Whether standard error is a terminal, so that a line may be drawn over. */
  draws: boolean;
}

export function processTerminal(): Terminal {
  const { stdout, stderr } = process;
  return {
    out: stdout,
    err: stderr,
    columns: stdout.isTTY ? (stdout.columns ?? 80) : null,
    draws: stderr.isTTY === true,
  };
}

/** Writes a line, and waits where the reader is slow. */
export async function writeLine(stream: Writable, line: string): Promise<void> {
  if (!stream.write(`${line}\n`)) await once(stream, 'drain');
}

/** `heddle … | head` closes our output early: that ends us quietly, as it ends `cat`. */
export function endWhenClosed(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      process.exit(process.exitCode ?? 0);
    });
  }
}
