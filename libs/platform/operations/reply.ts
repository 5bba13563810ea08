import type { Readable } from 'node:stream';

/** A handler's answer. */
export interface Reply {
  status: number;
  /** JSON, as text or as a value to be made text; or a stream of lines. */
  body: string | object | Readable;
  /** The stream's version. */
  etag?: number;
  /** The place in the log that the answer includes, as a public cursor. */
  position?: string;
  /** Whether this is the stored answer of an earlier request with the same key. */
  replayed?: boolean;
  contentType?: string;
  /** What the process's log says of this answer, beside who asked: counts and ids, and nothing that it hands out. */
  logged?: Record<string, number | string>;
}

export function ok(body: string | object, etag?: number): Reply {
  return etag === undefined ? { status: 200, body } : { status: 200, body, etag };
}
