import { Readable } from 'node:stream';
import { Problem } from '../kernel/problem.js';

/** The stream's bytes; it is destroyed, and its connection with it, when it is waited on for so long without one. */
export function idleLimited(stream: Readable, mostMs: number): Readable {
  return Readable.from(bytesOf(stream, mostMs), { objectMode: false });
}

async function* bytesOf(stream: Readable, mostMs: number): AsyncGenerator<Buffer> {
  const expire = () => stream.destroy(new Problem('request_timeout', `No byte came for ${mostMs} ms.`));
  let timer = setTimeout(expire, mostMs);
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      // Not while the bytes are worked on: that may take long, and is no fault of the client's.
      clearTimeout(timer);
      yield chunk;
      timer = setTimeout(expire, mostMs);
    }
  } finally {
    clearTimeout(timer);
  }
}
