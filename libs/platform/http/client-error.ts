import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { Problem } from '../kernel/problem.js';
import { newRequestId } from './exchange.js';

const LINGER_MS = 500;
const answered = new WeakSet<Socket>();

/** Answers what is no HTTP request, and ends the connection: nothing behind it can be read. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  // Whatever still comes is an error again.
  if (answered.has(socket)) return;
  // An answer that has begun would take this one for a part of it. Node itself looks there; nothing public says it.
  const { _httpMessage: current } = socket as { _httpMessage?: ServerResponse | null };
  if (!socket.writable || error.code === 'ECONNRESET' || current?.headersSent === true) {
    socket.destroy(error);
    return;
  }
  answered.add(socket);
  socket.end(answerTo(error.code));
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}

function answerTo(code: string | undefined): string {
  const requestId = newRequestId();
  const problem = problemOf(code);
  const text = JSON.stringify(problem.toBody(requestId));
  return [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
    `x-request-id: ${requestId}`,
    'content-type: application/problem+json',
    `content-length: ${Buffer.byteLength(text)}`,
    'connection: close',
    '',
    text,
  ].join('\r\n');
}

function problemOf(code: string | undefined): Problem {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return new Problem('headers_too_large', 'The path and the headers may have 16 KiB. Send fewer or shorter ones.');
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new Problem('request_timeout', 'The headers did not come within 60 s. Send them at once.');
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return new Problem('body_too_large', 'The extensions of the chunks are too large. Leave them out.');
    default:
      return new Problem('malformed_request', 'This is not a well-formed HTTP request.');
  }
}
