import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../kernel/problem.js';
import type { RequestMetrics } from '../observability/request-metrics.js';
import type { Traces } from '../observability/traces.js';
import type { Caller } from '../operations/caller.js';
import type { Binding } from '../operations/invoker.js';
import type { Method, Operation } from '../operations/operation.js';
import { type AnswerLog, send, sendLate, sendProblem } from './answer.js';
import { type Authentication, type Identity, permit } from './authentication.js';
import { addBodyParsers, wholeBody } from './body-parsers.js';
import { BodyRoom } from './body-room.js';
import { BodyWatch } from './body-watch.js';
import { answerPreflights, crossOriginHeaders, ticketOf } from './cross-origin.js';
import { type Exchange, exchangeOf } from './exchange.js';
import { idleLimited } from './idle-limit.js';
import { mustBeTaken, takenTypes } from './media-type.js';
import type { RateLimit } from './rate-limit.js';
import { callerOf, inputOf, numbersInQuery } from './request-input.js';
import { routeUpgrades } from './upgrade.js';

export interface EdgeOptions {
  authentication: Authentication;
  rateLimit: RateLimit;
  metrics: RequestMetrics;
  log: AnswerLog;
  /** Null: none are made. */
  traces?: Traces | null;
  /** How long a request's body may take, and a stream of lines be silent, ms. */
  bodyMs?: number;
  /** The whole API, where other processes serve the rest of it. */
  wholeApi?: readonly Pick<Operation, 'path'>[];
}

const BODY_MS = 60_000;

/**
 * Binds operations to routes of Fastify. The whole pipeline (key, quota, permission, validation, idempotency, answer)
 * is one function a route: Nest's own pipeline takes a third of the requests' rate. Answers are written to the
 * response as they are, without the hooks and serializers that Fastify would look for.
 */
export function bindOperations(fastify: FastifyInstance, bindings: readonly Binding[], options: EdgeOptions): void {
  addBodyParsers(fastify, new Set(bindings.flatMap(({ operation }) => takenTypes(operation))));
  fastify.decorateRequest('exchange', null);
  const bodies = new BodyWatch(options.bodyMs ?? BODY_MS, sendLate);
  fastify.addHook('onClose', async () => bodies.close());
  const routes: Routes = {
    own: bindings.map(({ operation: { method, path } }) => ({ method, path, matches: patternOf(path) })),
    all: (options.wholeApi ?? []).map(({ path }) => patternOf(path)),
  };
  fastify.setErrorHandler((error, request, reply) => {
    reply.hijack();
    const exchange = exchangeOf(request);
    bodies.end(exchange);
    // A method that Fastify has never heard of ends here, whatever the path.
    if (request.is404) sendNotFound(routes, request, reply, options);
    else sendProblem(reply.raw, exchange, error, options.log);
    endSpan(exchange, reply.raw);
  });
  if (bindings.some(({ operation }) => operation.socket)) routeUpgrades(fastify);
  const room = new BodyRoom();
  for (const binding of bindings) {
    const { operation } = binding;
    const answer = answering(binding, bodies, options);
    fastify.route({
      method: operation.method,
      url: routeOf(operation.path),
      ...operation.rows,
      onRequest: admitting(operation, bodies, room, options),
      handler: (request, reply) => {
        reply.hijack();
        void answer(exchangeOf(request), reply.raw);
      },
    });
  }
  const operations = bindings.map(({ operation }) => operation);
  answerPreflights(fastify, operations);
  const sayNotFound = (request: FastifyRequest, reply: FastifyReply) => {
    reply.hijack();
    sendNotFound(routes, request, reply, options);
  };
  for (const { url, methods } of shadowed(routes.own)) {
    fastify.route({ method: methods, url: routeOf(url), onRequest: sayNotFound, handler: sayNotFound });
  }
  // Before the body, which is nobody's: Fastify takes every hook here, and its types name two.
  fastify.setNotFoundHandler({ onRequest: sayNotFound } as object, sayNotFound);
}

/** Answers what Fastify refuses before it looks for a route: a URL that cannot be decoded. */
export function answerUnroutable(options: Pick<EdgeOptions, 'log'>) {
  return (error: Error, request: FastifyRequest, reply: FastifyReply): void => {
    reply.hijack();
    sendProblem(reply.raw, exchangeOf(request), error, options.log);
  };
}

/** Looks at the key, the quota, the permission and the body's type before a byte of the body is read. */
function admitting(operation: Operation, bodies: BodyWatch, room: BodyRoom, options: EdgeOptions) {
  const { authentication, rateLimit, metrics, log, traces = null } = options;
  const counted = metrics.for(operation.name);
  const refuse = (exchange: Exchange, reply: FastifyReply, error: unknown): void => {
    const started = counted.begin();
    reply.hijack();
    if (exchange.hasBody) exchange.request.raw.once('close', () => bodies.end(exchange));
    sendProblem(reply.raw, exchange, error, log);
    counted.end(started, reply.raw.statusCode);
    endSpan(exchange, reply.raw);
  };
  const admit = (exchange: Exchange, identity: Identity, response: ServerResponse): void => {
    exchange.identity = identity;
    if (identity !== ANYBODY) {
      // Whoever is not let in does not decide what is recorded.
      if (traces !== null) exchange.span = traces.request(operation, exchange.request.headers);
      exchange.headers.push('ratelimit-policy', rateLimit.policy);
      exchange.headers.push('ratelimit', rateLimit.take(identity.actor.id, operation.cost));
      permit(identity, operation);
    }
    if (operation.socket === true) mustUpgrade(exchange);
    mustBeTaken(operation, exchange);
    if (operation.rows !== undefined && !response.destroyed) {
      const giveBack = room.take(identity.workspace!, bytesOf(exchange, operation.rows.bodyLimit));
      response.once('close', giveBack);
    }
  };
  return (request: FastifyRequest, reply: FastifyReply, done: () => void): void => {
    const exchange = exchangeOf(request);
    if (exchange.hasBody) bodies.begin(exchange, reply.raw);
    try {
      const ticket = ticketOf(operation, request);
      exchange.headers.push(...crossOriginHeaders(ticket));
      const known =
        operation.access === 'public'
          ? ANYBODY
          : ticket === null
            ? authentication.identify(request.headers.authorization)
            : authentication.takeTicket(ticket);
      if (known instanceof Promise) {
        known
          .then((identity) => admit(exchange, identity, reply.raw))
          .then(done, (error: unknown) => refuse(exchange, reply, error));
        return;
      }
      admit(exchange, known, reply.raw);
    } catch (error) {
      refuse(exchange, reply, error);
      return;
    }
    done();
  };
}

/** A body whose length nobody says may have all that it may. */
function bytesOf({ request }: Exchange, limit: number): number {
  return Math.min(limit, Number(request.headers['content-length'] ?? limit));
}

/** Throws `upgrade_required`, and `malformed_request` for a handshake that cannot be done. */
function mustUpgrade({ upgrade, headers }: Exchange): void {
  if (upgrade !== null) {
    upgrade.check();
    return;
  }
  // RFC 9110, section 15.5.22: the answer names what it would have to be.
  headers.push('upgrade', 'websocket', 'connection', 'Upgrade');
  throw new Problem('upgrade_required', 'This path takes a WebSocket: send "Upgrade: websocket" (RFC 6455).');
}

function answering({ operation, handle }: Binding, bodies: BodyWatch, options: EdgeOptions) {
  const metrics = options.metrics.for(operation.name);
  const numbers = numbersInQuery(operation);
  const streamed = operation.consumes === 'application/x-ndjson';
  return async (exchange: Exchange, response: ServerResponse): Promise<void> => {
    const { request, headers, span } = exchange;
    let unread: unknown = null;
    if (operation.rows !== undefined && request.body instanceof Readable) {
      try {
        request.body = await wholeBody(request.body, operation.rows.bodyLimit);
      } catch (error) {
        unread = error;
      }
    }
    if (exchange.hasBody) bodies.end(exchange);
    // Its body was late, and it has its answer.
    if (response.headersSent) return endSpan(exchange, response);
    const started = metrics.begin();
    try {
      if (unread !== null) throw unread;
      const input = inputOf(operation, numbers, request);
      if (streamed && input.body !== undefined) input.body = streamOf(request, options);
      const caller = callerOf(exchange.identity!, operation, request, input, exchange.requestId, span);
      caller.charge = (units) => charge(exchange, options.rateLimit, units);
      if (caller.traceparent !== null) headers.push('traceparent', caller.traceparent);
      const reply = await handle(input, caller);
      if (reply.logged !== undefined) logAnswer(operation, caller, reply.logged, options.log);
      await send(response, exchange, reply);
    } catch (error) {
      sendProblem(response, exchange, error, options.log);
    } finally {
      metrics.end(started, response.statusCode);
      endSpan(exchange, response);
    }
  };
}

/** What is left of the quota stands in the answer as it is then. */
function charge({ headers, identity }: Exchange, rateLimit: RateLimit, units: number): void {
  if (units <= 0) return;
  const left = rateLimit.take(identity!.actor.id, units);
  headers[headers.indexOf('ratelimit') + 1] = left;
}

function endSpan({ span, identity }: Exchange, { statusCode }: ServerResponse): void {
  if (span !== null) span.end(statusCode, identity?.workspace ?? null);
}

/** Before the answer leaves: what was handed out is in the log, whatever becomes of the connection. */
function logAnswer({ name }: Operation, caller: Caller, logged: object, log: AnswerLog): void {
  const { workspace, actor, requestId } = caller;
  log.info({ operation: name, workspace, actor: actor.id, requestId, ...logged }, 'handed out');
}

/** A stream of lines may take as long as it likes, and its answer too; only the client must not fall silent. */
function streamOf(request: FastifyRequest, { bodyMs = BODY_MS }: EdgeOptions): Readable {
  request.raw.socket.setTimeout(0);
  return idleLimited(request.raw, bodyMs);
}

const ANYBODY: Identity = { workspace: null, actor: { type: 'system', id: 'public' }, scopes: new Set() };

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{[a-z_]+\}/g, '[^/]+')}$`);
}

const NOWHERE = 'There is no such path. /docs shows all of them, and /openapi.json has them for programs.';
const ELSEWHERE = 'Another service than this one serves this path: ask the address in front of all of them.';

interface OwnRoute {
  method: Method;
  path: string;
  matches: RegExp;
}

/** A path as Fastify writes it. */
function routeOf(path: string): string {
  return path.replaceAll(/\{([a-z_]+)\}/g, ':$1');
}

function parametersOf(path: string): number {
  return path.split('{').length - 1;
}

/**
 * Paths such as `/v1/conversations/search`, with the methods that would lead on to an operation on `/v1/conversations/{id}`, where
 * `search` is no id: they are not taken there.
 */
function shadowed(own: readonly OwnRoute[]): { url: string; methods: Method[] }[] {
  const urls = new Set(own.map(({ path }) => path));
  return [...urls].flatMap((url) => {
    const taken = new Set(own.filter(({ path }) => path === url).map(({ method }) => method));
    const others = own.filter(
      ({ path, matches, method }) => parametersOf(path) > parametersOf(url) && matches.test(url) && !taken.has(method),
    );
    return others.length === 0 ? [] : [{ url, methods: [...new Set(others.map(({ method }) => method))] }];
  });
}

interface Routes {
  own: readonly OwnRoute[];
  /** Of the whole API. */
  all: readonly RegExp[];
}

function sendNotFound(routes: Routes, request: FastifyRequest, reply: FastifyReply, options: EdgeOptions): void {
  const path = request.url.split('?', 1)[0]!;
  const matching = routes.own.filter(({ matches }) => matches.test(path));
  const fewest = Math.min(...matching.map((route) => parametersOf(route.path)));
  const taken = matching.filter((route) => parametersOf(route.path) === fewest);
  const allowed = [...new Set(taken.map(({ method }) => method))];
  const exchange = exchangeOf(request);
  if (allowed.length > 0) exchange.headers.push('allow', allowed.join(', '));
  const problem =
    allowed.length > 0
      ? new Problem('method_not_allowed', `This path takes ${allowed.join(', ')}.`)
      : new Problem('not_found', routes.all.some((matches) => matches.test(path)) ? ELSEWHERE : NOWHERE);
  sendProblem(reply.raw, exchange, problem, options.log);
}
