import type { IncomingMessage, ServerResponse } from 'node:http';

/** How long a client has to take its answer, and how much of its body is read meanwhile. */
const LINGER_MS = 500;
const MOST_READ = 4 * 1024 * 1024;

/**
 * Ends a connection with an answer to a request whose body was not read to its end, and may have none. The head must
 * say `connection: close` and the length. The answer goes out at once; then as much of the body as clients send who
 * look for an answer only after it, for a socket that is closed on unread bytes takes the answer back.
 */
export function endWithLastAnswer(request: IncomingMessage, response: ServerResponse, text: string): void {
  let read = 0;
  const end = () => {
    clearTimeout(timer);
    // With `connection: close` Node destroys the socket as soon as all is flushed.
    response.end();
  };
  const timer = setTimeout(end, LINGER_MS);
  response.write(text);
  request.on('error', end);
  request.once('end', end);
  request.once('close', end);
  request.on('data', (chunk: Buffer) => {
    read += chunk.length;
    if (read > MOST_READ) request.pause();
  });
  request.resume();
}
