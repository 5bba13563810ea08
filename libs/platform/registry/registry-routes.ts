import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { AnswerLog } from '../http/answer.js';
import type { Authentication } from '../http/authentication.js';
import { BODY_LIMIT } from '../http/body-parsers.js';
import { exchangeOf } from '../http/exchange.js';
import type { RateLimit } from '../http/rate-limit.js';
import type { RequestMetrics } from '../observability/request-metrics.js';
import { compatibilityRoutes } from './compatibility-routes.js';
import { modeRoutes } from './mode-routes.js';
import { bearerOf, permitRegistry } from './registry-access.js';
import { answer, refuse } from './registry-answer.js';
import { RegistryError, refused } from './registry-error.js';
import { subjectOf } from './registry-request.js';
import type { Route } from './registry-route.js';
import type { SchemaRegistry } from './schema-registry.js';
import { schemaRoutes } from './schema-routes.js';
import { subjectRoutes } from './subject-routes.js';

export interface RegistryRoutesOptions {
  registry: SchemaRegistry;
  authentication: Authentication;
  rateLimit: RateLimit;
  metrics: RequestMetrics;
  log: AnswerLog;
  /** Of Heddle. */
  version: string;
  /** How long a request's body may take, ms. */
  bodyMs?: number;
}

const BODY_MS = 60_000;

/**
 * Confluent Schema Registry's REST API, for Avro, below `/registry`:
 * https://docs.confluent.io/platform/current/schema-registry/develop/api.html. Its routes are no operations: they have
 * their own form of errors, no idempotency keys, and no place in the OpenAPI document.
 */
export function addRegistryRoutes(fastify: FastifyInstance, options: RegistryRoutesOptions): void {
  fastify.register(
    async (scope) => {
      const metrics = options.metrics.for('registry');
      takeAnythingAsJson(scope);
      scope.setErrorHandler((error, request, reply) => refuse(error as Error, request, reply, options.log));
      scope.setNotFoundHandler((request, reply) =>
        refuse(new RegistryError(404, 'HTTP 404 Not Found'), request, reply, options.log),
      );
      for (const { method, path, access, answer: respond } of routesOf(options)) {
        scope.route({
          method,
          url: path,
          onRequest: async (request) => {
            request.registryStarted = metrics.begin();
            await admit(request, access, options);
            limitBody(request, options.bodyMs ?? BODY_MS);
          },
          onResponse: async (request, reply) => metrics.end(request.registryStarted, reply.statusCode),
          handler: async (request, reply) => {
            const path = request.params as Record<string, string>;
            const query = lastOfEach(request.query as Record<string, string | string[]>);
            const subject = path.subject === undefined ? '' : subjectOf(path.subject);
            const result = await respond({ subject, path, query, body: request.body });
            return answer(result, request, reply);
          },
        });
      }
    },
    { prefix: '/registry' },
  );
}

declare module 'fastify' {
  interface FastifyRequest {
    registryStarted: number;
  }
}

function takeAnythingAsJson(scope: FastifyInstance): void {
  scope.decorateRequest('registryStarted', 0);
  scope.removeAllContentTypeParsers();
  // Clients send the vendor's media type, JSON's, or none.
  scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: BODY_LIMIT }, (_request, body, done) => {
    try {
      const text = new TextDecoder('utf-8', { fatal: true }).decode(body as Buffer);
      done(null, text === '' ? undefined : JSON.parse(text));
    } catch {
      done(refused.badRequest('The body is not JSON in UTF-8.'));
    }
  });
}

async function admit(request: FastifyRequest, access: 'read' | 'root', options: RegistryRoutesOptions): Promise<void> {
  const identity = await options.authentication.identify(bearerOf(request.headers.authorization));
  options.rateLimit.take(identity.actor.id, 1);
  permitRegistry(identity, access);
}

/** A body that trickles in ends with its connection. */
function limitBody(request: FastifyRequest, bodyMs: number): void {
  const { raw } = request;
  if (!exchangeOf(request).hasBody || raw.complete) return;
  const late = setTimeout(() => raw.destroy(), bodyMs).unref();
  raw.once('end', () => clearTimeout(late));
  raw.once('close', () => clearTimeout(late));
}

function lastOfEach(query: Record<string, string | string[]>): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(query).map(([name, value]) => [name, Array.isArray(value) ? value.at(-1) : value]),
  );
}

function routesOf({ registry, version }: RegistryRoutesOptions): Route[] {
  return [
    { method: 'GET', path: '/', access: 'read', answer: () => ({}) },
    { method: 'GET', path: '/contexts', access: 'read', answer: () => ['.'] },
    {
      method: 'GET',
      path: '/v1/metadata/id',
      access: 'read',
      answer: () => ({ id: '', scope: { path: [], clusters: { 'schema-registry-cluster': 'heddle' } } }),
    },
    { method: 'GET', path: '/v1/metadata/version', access: 'read', answer: () => ({ version, commitId: '' }) },
    ...schemaRoutes(registry),
    ...subjectRoutes(registry),
    ...compatibilityRoutes(registry),
    ...modeRoutes(registry),
  ];
}
