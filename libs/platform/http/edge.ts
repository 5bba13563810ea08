import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { newUuid } from '../kernel/id.js';
import { Problem } from '../kernel/problem.js';
import type { RequestMetrics } from '../observability/request-metrics.js';
import type { Binding } from '../operations/invoker.js';
import type { Operation } from '../operations/operation.js';
import type { Reply } from '../operations/reply.js';
import { type Authentication, type Identity, permit } from './authentication.js';
import { addBodyParsers } from './body-parsers.js';
import { problemOf, sendProblem } from './problem-response.js';
import type { RateLimit } from './rate-limit.js';
import { callerOf, inputOf } from './request-input.js';

export interface EdgeOptions {
  authentication: Authentication;
  rateLimit: RateLimit;
  metrics: RequestMetrics;
  log: { error(detail: object, message: string): void };
}

/**
 * Binds operations to routes of Fastify. The whole pipeline (key, quota, permission, validation, idempotency, answer)
 * is one function a route: through Nest's own pipeline the same requests took a third longer.
 */
export function bindOperations(fastify: FastifyInstance, bindings: readonly Binding[], options: EdgeOptions): void {
  addBodyParsers(fastify);
  fastify.setErrorHandler((error, request, reply) =>
    answerProblem(error, request, reply, options, requestIdOf(request)),
  );
  for (const binding of bindings) {
    const { operation } = binding;
    fastify.route({
      method: operation.method,
      url: operation.path.replaceAll(/\{([a-z_]+)\}/g, ':$1'),
      handler: (request, reply) => answer(binding, request, reply, options),
    });
  }
  const routes = bindings.map(({ operation }) => ({ method: operation.method, matches: patternOf(operation.path) }));
  fastify.setNotFoundHandler((request, reply) => answerNotFound(routes, request, reply, options));
}

async function answer(
  { operation, handle }: Binding,
  request: FastifyRequest,
  reply: FastifyReply,
  options: EdgeOptions,
): Promise<FastifyReply> {
  const requestId = requestIdOf(request);
  const done = options.metrics.begin(operation.name);
  try {
    const identity = await identityOf(operation, request, options);
    if (identity !== ANYBODY) {
      reply.header('ratelimit-policy', options.rateLimit.policy);
      reply.header('ratelimit', options.rateLimit.take(identity.actor.id, operation.cost));
      permit(identity, operation);
    }
    const input = inputOf(operation, request);
    const caller = callerOf(identity, operation, request, input, requestId);
    return send(reply, await handle(input, caller), requestId, caller.traceparent);
  } catch (error) {
    return answerProblem(error, request, reply, options, requestId);
  } finally {
    done(reply.statusCode);
  }
}

const ANYBODY: Identity = { workspace: null, actor: { type: 'system', id: 'public' }, scopes: new Set() };

function identityOf(operation: Operation, request: FastifyRequest, { authentication }: EdgeOptions) {
  return operation.access === 'public' ? ANYBODY : authentication.identify(request.headers.authorization);
}

function send(reply: FastifyReply, answer: Reply, requestId: string, traceparent: string | null): FastifyReply {
  const { status, body, etag, position, replayed, contentType = 'application/json' } = answer;
  reply.code(status).header('content-type', contentType).header('x-request-id', requestId);
  reply.header('cache-control', 'no-store');
  if (etag !== undefined) reply.header('etag', `"${etag}"`);
  if (position !== undefined) reply.header('heddle-position', position);
  if (replayed === true) reply.header('idempotency-replayed', 'true');
  if (traceparent !== null) reply.header('traceparent', traceparent);
  if (typeof body === 'string') return reply.send(body);
  return reply.send('pipe' in body ? body : JSON.stringify(body));
}

function answerProblem(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  { log }: EdgeOptions,
  requestId: string,
): FastifyReply {
  const problem = problemOf(error);
  if (problem.code === 'internal') {
    const { name, message, stack } = error as Error;
    log.error({ requestId, method: request.method, route: request.routeOptions.url, name, message, stack }, 'internal');
  }
  return sendProblem(reply, problem, requestId);
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{[a-z_]+\}/g, '[^/]+')}$`);
}

function answerNotFound(
  routes: readonly { method: string; matches: RegExp }[],
  request: FastifyRequest,
  reply: FastifyReply,
  options: EdgeOptions,
): FastifyReply {
  const path = request.url.split('?', 1)[0]!;
  const allowed = routes.filter(({ matches }) => matches.test(path)).map(({ method }) => method);
  const problem =
    allowed.length > 0
      ? new Problem('method_not_allowed', `This path takes ${allowed.join(', ')}.`)
      : new Problem('not_found', 'There is no such path. GET /openapi.json has all of them.');
  if (allowed.length > 0) reply.header('allow', allowed.join(', '));
  return answerProblem(problem, request, reply, options, requestIdOf(request));
}

const SANE_REQUEST_ID = /^[A-Za-z0-9._:-]{1,64}$/;

/** The caller's own X-Request-Id, where it is a short word; else a new one. */
function requestIdOf(request: FastifyRequest): string {
  const sent = request.headers['x-request-id'];
  return typeof sent === 'string' && SANE_REQUEST_ID.test(sent) ? sent : `req_${newUuid()}`;
}
