import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type { MessageSocket } from '../http/message-socket.js';

/** An answer that goes on. After its head was sent it is given the response, and writes to it and ends it as it likes. */
export interface LiveBody {
  contentType: string;
  attach(response: ServerResponse): void;
}

/** An answer that goes on both ways: after its 101 it is given the connection. */
export interface SocketBody {
  converse(socket: MessageSocket): void;
}

/** A handler's answer. */
export interface Reply {
  status: number;
  /** JSON, as text or as a value to be made text; or a stream of lines; or what goes on, one way or both. */
  body: string | object | Readable | LiveBody | SocketBody;
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
