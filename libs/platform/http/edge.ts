import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { newUuid } from '../kernel/id.js';
import { Problem } from '../kernel/problem.js';
import type { RequestMetrics } from '../observability/request-metrics.js';
import type { Binding } from '../operations/invoker.js';
import type { Operation } from '../operations/operation.js';
import type { Reply } from '../operations/reply.js';
import { type Authentication, type Identity, permit } from './authentication.js';
import { addBodyParsers } from './body-parsers.js';
import { problemOf } from './problem-of.js';
import type { RateLimit } from './rate-limit.js';
import { callerOf, inputOf, numbersInQuery } from './request-input.js';

export interface EdgeOptions {
  authentication: Authentication;
  rateLimit: RateLimit;
  metrics: RequestMetrics;
  log: { error(detail: object, message: string): void };
}

/** One request on its way, with the headers that its answer will have whatever becomes of it: names and values in turn. */
interface Exchange {
  request: FastifyRequest;
  requestId: string;
  headers: string[];
}

/**
 * Binds operations to routes of Fastify. The whole pipeline (key, quota, permission, validation, idempotency, answer)
 * is one function a route: Nest's own pipeline takes a third of the requests' rate. Answers are written to the
 * response as they are, without the hooks and serializers that Fastify would look for.
 */
export function bindOperations(fastify: FastifyInstance, bindings: readonly Binding[], options: EdgeOptions): void {
  addBodyParsers(fastify);
  const routes = bindings.map(({ operation }) => ({ method: operation.method, matches: patternOf(operation.path) }));
  fastify.setErrorHandler((error, request, reply) => {
    reply.hijack();
    // A method that Fastify has never heard of ends here, whatever the path.
    if (request.is404) sendNotFound(routes, request, reply, options);
    else sendProblem(reply.raw, exchangeOf(request), error, options);
  });
  for (const binding of bindings) {
    const { operation } = binding;
    const answer = answering(binding, options);
    fastify.route({
      method: operation.method,
      url: operation.path.replaceAll(/\{([a-z_]+)\}/g, ':$1'),
      handler: (request, reply) => {
        reply.hijack();
        void answer(request, reply.raw);
      },
    });
  }
  fastify.setNotFoundHandler((request, reply) => {
    reply.hijack();
    sendNotFound(routes, request, reply, options);
  });
}

/** Answers what Fastify refuses before it looks for a route: a URL that cannot be decoded. */
export function answerUnroutable(options: Pick<EdgeOptions, 'log'>) {
  return (error: Error, request: FastifyRequest, reply: FastifyReply): void => {
    reply.hijack();
    sendProblem(reply.raw, exchangeOf(request), error, options);
  };
}

function answering({ operation, handle }: Binding, options: EdgeOptions) {
  const metrics = options.metrics.for(operation.name);
  const numbers = numbersInQuery(operation);
  return async (request: FastifyRequest, response: ServerResponse): Promise<void> => {
    const started = metrics.begin();
    const exchange = exchangeOf(request);
    try {
      const known = identityOf(operation, request, options);
      const identity = known instanceof Promise ? await known : known;
      if (identity !== ANYBODY) {
        exchange.headers.push('ratelimit-policy', options.rateLimit.policy);
        exchange.headers.push('ratelimit', options.rateLimit.take(identity.actor.id, operation.cost));
        permit(identity, operation);
      }
      const input = inputOf(operation, numbers, request);
      const caller = callerOf(identity, operation, request, input, exchange.requestId);
      if (caller.traceparent !== null) exchange.headers.push('traceparent', caller.traceparent);
      await send(response, exchange, await handle(input, caller));
    } catch (error) {
      sendProblem(response, exchange, error, options);
    } finally {
      metrics.end(started, response.statusCode);
    }
  };
}

const ANYBODY: Identity = { workspace: null, actor: { type: 'system', id: 'public' }, scopes: new Set() };

function identityOf(operation: Operation, request: FastifyRequest, { authentication }: EdgeOptions) {
  return operation.access === 'public' ? ANYBODY : authentication.identify(request.headers.authorization);
}

function exchangeOf(request: FastifyRequest): Exchange {
  const requestId = requestIdOf(request);
  return { request, requestId, headers: ['x-request-id', requestId] };
}

function send(response: ServerResponse, { headers }: Exchange, reply: Reply): void | Promise<void> {
  const { status, body, etag, position, replayed, contentType = 'application/json' } = reply;
  headers.push('content-type', contentType, 'cache-control', 'no-store');
  if (etag !== undefined) headers.push('etag', `"${etag}"`);
  if (position !== undefined) headers.push('heddle-position', position);
  if (replayed === true) headers.push('idempotency-replayed', 'true');
  if (typeof body === 'object' && 'pipe' in body) return stream(response, status, headers, body);
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  headers.push('content-length', String(Buffer.byteLength(text)));
  response.writeHead(status, headers);
  response.end(text);
}

/** A stream that fails ends the connection: a client sees an answer that was cut off, and not a short one. */
async function stream(response: ServerResponse, status: number, headers: string[], body: Readable): Promise<void> {
  response.writeHead(status, headers);
  await pipeline(body, response);
}

function sendProblem(
  response: ServerResponse,
  exchange: Exchange,
  error: unknown,
  { log }: Pick<EdgeOptions, 'log'>,
): void {
  const { headers, request, requestId } = exchange;
  const problem = problemOf(error);
  if (problem.code === 'internal') {
    const { name, message, stack } = error as Error;
    log.error({ requestId, method: request.method, route: request.routeOptions.url, name, message, stack }, 'internal');
  }
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { retryAfter } = problem.more;
  if (retryAfter !== undefined) headers.push('retry-after', String(retryAfter));
  if (problem.code === 'rate_limited') headers.push('ratelimit', `"default";r=0;t=${retryAfter}`);
  if (problem.status === 401) headers.push('www-authenticate', 'Bearer');
  const text = JSON.stringify(problem.toBody(requestId));
  headers.push('content-type', 'application/problem+json', 'content-length', String(Buffer.byteLength(text)));
  response.writeHead(problem.status, headers);
  response.end(text);
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{[a-z_]+\}/g, '[^/]+')}$`);
}

function sendNotFound(
  routes: readonly { method: string; matches: RegExp }[],
  request: FastifyRequest,
  reply: FastifyReply,
  options: EdgeOptions,
): void {
  const path = request.url.split('?', 1)[0]!;
  const allowed = routes.filter(({ matches }) => matches.test(path)).map(({ method }) => method);
  const exchange = exchangeOf(request);
  if (allowed.length > 0) exchange.headers.push('allow', allowed.join(', '));
  const problem =
    allowed.length > 0
      ? new Problem('method_not_allowed', `This path takes ${allowed.join(', ')}.`)
      : new Problem('not_found', 'There is no such path. GET /openapi.json has all of them.');
  sendProblem(reply.raw, exchange, problem, options);
}

const SANE_REQUEST_ID = /^[A-Za-z0-9._:-]{1,64}$/;

/** The caller's own X-Request-Id, where it is a short word; else a new one. */
function requestIdOf(request: FastifyRequest): string {
  const sent = request.headers['x-request-id'];
  return typeof sent === 'string' && SANE_REQUEST_ID.test(sent) ? sent : `req_${newUuid()}`;
}
