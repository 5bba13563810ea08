import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Problem } from '../kernel/problem.js';
import { loggedError } from '../observability/logged-error.js';
import type { LiveBody, Reply } from '../operations/reply.js';
import type { Exchange } from './exchange.js';
import { endWithLastAnswer } from './last-answer.js';
import { problemOf } from './problem-of.js';

export interface AnswerLog {
  error(detail: object, message: string): void;
  info(detail: object, message: string): void;
}

const PROBLEM = 'application/problem+json';

/** So much of a body is read behind a refusal for a while, rather than that a busy client must connect again. */
const SMALL_BODY = 64 * 1024;

/** A handler's answer. */
export function send(response: ServerResponse, exchange: Exchange, reply: Reply): void | Promise<void> {
  const { headers } = exchange;
  const { status, body, etag, position, replayed, contentType = 'application/json' } = reply;
  if (typeof body === 'object' && 'converse' in body) return exchange.upgrade!.complete(headers, body.converse);
  if (typeof body === 'object' && 'attach' in body) return goOn(response, exchange, status, body);
  headers.push('content-type', contentType, 'cache-control', 'no-store');
  if (etag !== undefined) headers.push('etag', `"${etag}"`);
  if (position !== undefined) headers.push('heddle-position', position);
  if (replayed === true) headers.push('idempotency-replayed', 'true');
  if (typeof body === 'object' && 'pipe' in body) return stream(response, status, headers, body);
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  endAnswer(response, exchange, status, contentType === PROBLEM ? withInstance(text, exchange.requestId) : text);
}

/** A refusal is kept as it is for every request with the same key; each of them is told its own id. */
function withInstance(problem: string, requestId: string): string {
  return `${problem.slice(0, -1)},"instance":${JSON.stringify(requestId)}}`;
}

/**
 * An answer that goes on is done when its head has left. Nobody on its way may keep it back, shorten or pack it, and its
 * connection serves nothing after it.
 */
function goOn(response: ServerResponse, { headers, request }: Exchange, status: number, body: LiveBody): void {
  headers.push('content-type', body.contentType, 'cache-control', 'no-store, no-transform');
  headers.push('x-accel-buffering', 'no', 'vary', 'accept', 'connection', 'close');
  response.writeHead(status, headers);
  // What is written after a HEAD goes nowhere: it would be read from the log for nobody, and at no one's pace.
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  response.flushHeaders();
  body.attach(response);
}

/** A stream that fails ends the connection: a client sees an answer that was cut off, and not a short one. */
async function stream(response: ServerResponse, status: number, headers: string[], body: Readable): Promise<void> {
  response.writeHead(status, headers);
  await pipeline(body, response);
}

/** The answer to whatever was thrown. */
export function sendProblem(response: ServerResponse, exchange: Exchange, error: unknown, log: AnswerLog): void {
  const { headers, request, requestId } = exchange;
  const problem = problemOf(error, request.routeOptions?.bodyLimit);
  if (problem.code === 'internal') {
    const { url: route } = request.routeOptions;
    log.error({ requestId, method: request.method, route, ...loggedError(error) }, 'internal');
  }
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { retryAfter } = problem.more;
  if (retryAfter !== undefined) headers.push('retry-after', String(retryAfter));
  if (problem.code === 'rate_limited' && !headers.includes('ratelimit')) {
    headers.push('ratelimit', `"default";r=0;t=${retryAfter}`);
  }
  if (problem.status === 401) headers.push('www-authenticate', 'Bearer');
  headers.push('content-type', PROBLEM);
  const text = JSON.stringify(problem.toBody(requestId));
  endAnswer(response, exchange, problem.status, text, mayGoOn(problem, exchange));
}

/** The answer to a request whose body takes too long; where it has one already, its connection ends. */
export function sendLate(exchange: Exchange, response: ServerResponse): void {
  if (response.headersSent) {
    exchange.request.raw.destroy();
    return;
  }
  const problem = new Problem('request_timeout', 'The body did not come in time. Send it without pauses.');
  exchange.headers.push('content-type', PROBLEM);
  endAnswer(response, exchange, problem.status, JSON.stringify(problem.toBody(exchange.requestId)));
}

/** Whether the connection is kept though the body has not come yet: the body watch ends it where it never comes. */
function mayGoOn({ code }: Problem, { request }: Exchange): boolean {
  return code === 'rate_limited' && Number(request.headers['content-length']) <= SMALL_BODY;
}

/** Writes the answer whole; where the request's body was not read to its end, it is the connection's last one. */
export function endAnswer(
  response: ServerResponse,
  { headers, hasBody, request }: Exchange,
  status: number,
  text: string,
  goesOn = false,
): void {
  headers.push('content-length', String(Buffer.byteLength(text)));
  if (!hasBody || request.raw.complete || goesOn) {
    response.writeHead(status, headers);
    response.end(text);
    return;
  }
  headers.push('connection', 'close');
  response.writeHead(status, headers);
  endWithLastAnswer(request.raw, response, text);
}
