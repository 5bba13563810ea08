import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { endAnswer } from '../http/answer.js';
import type { Authentication } from '../http/authentication.js';
import { BODY_LIMIT } from '../http/body-parsers.js';
import { exchangeOf } from '../http/exchange.js';
import { problemOf } from '../http/problem-of.js';
import type { RateLimit } from '../http/rate-limit.js';
import type { RequestMetrics } from '../observability/request-metrics.js';
import { compatibilityLevelOf } from './compatibility.js';
import { bearerOf, permitRegistry } from './registry-access.js';
import { RegistryError, refused } from './registry-error.js';
import { bodyOf, idOf, isSet, pageOf, prefixOf, proposalOf, subjectOf, versionOf } from './registry-request.js';
import { DEFAULT_LEVEL, type Mode, type SchemaVersion } from './registry-tables.js';
import type { SchemaRegistry } from './schema-registry.js';

export interface RegistryRoutesOptions {
  registry: SchemaRegistry;
  authentication: Authentication;
  rateLimit: RateLimit;
  metrics: RequestMetrics;
  log: { error(detail: object, message: string): void };
  /** Of Heddle. */
  version: string;
  /** How long a request's body may take, ms. */
  bodyMs?: number;
}

interface Asked {
  subject: string;
  path: Record<string, string>;
  query: Record<string, string | undefined>;
  body: unknown;
}

interface Route {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  path: string;
  access: 'read' | 'write';
  /** Its result is sent as JSON; a Buffer as it is. */
  answer(asked: Asked): Promise<unknown> | unknown;
}

const MEDIA_TYPE = 'application/vnd.schemaregistry.v1+json';
const MODES: readonly Mode[] = ['READWRITE', 'READONLY', 'IMPORT'];
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
      scope.setErrorHandler((error, request, reply) => refuse(error as Error, request, reply, options));
      scope.setNotFoundHandler((request, reply) =>
        refuse(new RegistryError(404, 'HTTP 404 Not Found'), request, reply, options),
      );
      for (const { method, path, access, answer } of routesOf(options)) {
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
            const result = await answer({ subject, path, query, body: request.body });
            const { requestId } = exchangeOf(request);
            const headers = { 'content-type': MEDIA_TYPE, 'cache-control': 'no-store', 'x-request-id': requestId };
            return reply.headers(headers).send(Buffer.isBuffer(result) ? result : JSON.stringify(result));
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

async function admit(request: FastifyRequest, access: 'read' | 'write', options: RegistryRoutesOptions): Promise<void> {
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

function refuse(error: Error, request: FastifyRequest, reply: FastifyReply, { log }: RegistryRoutesOptions): void {
  const { code, status, message } = registryErrorOf(error);
  if (code === 50001) {
    const { name, message, stack } = error;
    log.error({ method: request.method, route: request.routeOptions.url, name, message, stack }, 'internal');
  }
  const exchange = exchangeOf(request);
  exchange.headers.push('content-type', MEDIA_TYPE, 'cache-control', 'no-store');
  if (status === 401) exchange.headers.push('www-authenticate', 'Basic realm="heddle"');
  if (status === 503 || status === 429) exchange.headers.push('retry-after', '1');
  reply.hijack();
  if (reply.raw.headersSent) reply.raw.destroy();
  else endAnswer(reply.raw, exchange, status, JSON.stringify({ error_code: code, message }));
}

function registryErrorOf(error: Error): { code: number; status: number; message: string } {
  if (error instanceof RegistryError) return error;
  const { status, code, detail } = problemOf(error);
  if (code === 'unavailable') return { code: 50003, status, message: 'The store cannot be reached now. Try again.' };
  if (code === 'internal') return { code: 50001, status: 500, message: 'Error in the backend data store' };
  return { code: status, status, message: detail };
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
    ...settingRoutes(registry),
  ];
}

function schemaRoutes(registry: SchemaRegistry): Route[] {
  const places = ({ path, query }: Asked) => registry.placesOf(idOf(path.id!), isSet(query.deleted));
  return [
    {
      method: 'GET',
      path: '/schemas',
      access: 'read',
      answer: async ({ query }) => {
        const filter = {
          prefix: prefixOf(query.subjectPrefix),
          deleted: isSet(query.deleted),
          latestOnly: isSet(query.latestOnly),
        };
        return pageOf(await registry.all(filter), query).map(shown);
      },
    },
    { method: 'GET', path: '/schemas/types', access: 'read', answer: () => ['AVRO'] },
    {
      method: 'GET',
      path: '/schemas/ids/:id',
      access: 'read',
      answer: async ({ path, query }) => {
        const { schema, references } = await registry.schema(idOf(path.id!));
        const maxId = isSet(query.fetchMaxId) ? { maxId: await registry.latestId() } : {};
        return { schema, ...(references.length > 0 ? { references } : {}), ...maxId };
      },
    },
    {
      method: 'GET',
      path: '/schemas/ids/:id/schema',
      access: 'read',
      answer: async ({ path }) => Buffer.from((await registry.schema(idOf(path.id!))).schema),
    },
    {
      method: 'GET',
      path: '/schemas/ids/:id/subjects',
      access: 'read',
      answer: async (asked) => [...new Set((await places(asked)).map(({ subject }) => subject))],
    },
    { method: 'GET', path: '/schemas/ids/:id/versions', access: 'read', answer: places },
  ];
}

function subjectRoutes(registry: SchemaRegistry): Route[] {
  const found = ({ subject, path, query }: Asked) =>
    registry.version(subject, versionOf(path.version!), isSet(query.deleted));
  return [
    {
      method: 'GET',
      path: '/subjects',
      access: 'read',
      answer: async ({ query }) => {
        const filter = {
          prefix: prefixOf(query.subjectPrefix),
          deleted: isSet(query.deleted),
          deletedOnly: isSet(query.deletedOnly),
        };
        return pageOf(await registry.subjects(filter), query);
      },
    },
    {
      method: 'POST',
      path: '/subjects/:subject',
      access: 'read',
      answer: async ({ subject, query, body }) =>
        shown(await registry.find(subject, proposalOf(body, isSet(query.normalize)), isSet(query.deleted))),
    },
    {
      method: 'DELETE',
      path: '/subjects/:subject',
      access: 'write',
      answer: ({ subject, query }) => registry.deleteSubject(subject, isSet(query.permanent)),
    },
    {
      method: 'GET',
      path: '/subjects/:subject/versions',
      access: 'read',
      answer: async ({ subject, query }) => {
        const filter = { deleted: isSet(query.deleted), deletedOnly: isSet(query.deletedOnly) };
        return pageOf(await registry.versions(subject, filter), query);
      },
    },
    {
      method: 'POST',
      path: '/subjects/:subject/versions',
      access: 'write',
      answer: async ({ subject, query, body }) => ({
        id: await registry.register(subject, proposalOf(body, isSet(query.normalize))),
      }),
    },
    {
      method: 'GET',
      path: '/subjects/:subject/versions/:version',
      access: 'read',
      answer: async (asked) => shown(await found(asked)),
    },
    {
      method: 'GET',
      path: '/subjects/:subject/versions/:version/schema',
      access: 'read',
      answer: async (asked) => Buffer.from((await found(asked)).schema),
    },
    {
      method: 'GET',
      path: '/subjects/:subject/versions/:version/referencedby',
      access: 'read',
      answer: ({ subject, path }) => registry.referencedBy(subject, versionOf(path.version!)),
    },
    {
      method: 'DELETE',
      path: '/subjects/:subject/versions/:version',
      access: 'write',
      answer: ({ subject, path, query }) =>
        registry.deleteVersion(subject, versionOf(path.version!), isSet(query.permanent)),
    },
  ];
}

function compatibilityRoutes(registry: SchemaRegistry): Route[] {
  const answer = async ({ subject, path, query, body }: Asked) => {
    const proposal = proposalOf(body, isSet(query.normalize));
    const version = path.version === undefined ? undefined : versionOf(path.version);
    const messages = await registry.check(subject, proposal, version);
    return { is_compatible: messages.length === 0, ...(isSet(query.verbose) ? { messages } : {}) };
  };
  const path = '/compatibility/subjects/:subject/versions';
  return [
    { method: 'POST', path, access: 'read', answer },
    { method: 'POST', path: `${path}/:version`, access: 'read', answer },
  ];
}

function settingRoutes(registry: SchemaRegistry): Route[] {
  const both = (make: (path: string, subjectOf: (asked: Asked) => string | null) => Route[], path: string) => [
    ...make(path, () => null),
    ...make(`${path}/:subject`, ({ subject }) => subject),
  ];
  return [
    ...both((path, named) => levelRoutes(registry, path, named), '/config'),
    ...both((path, named) => modeRoutes(registry, path, named), '/mode'),
  ];
}

function levelRoutes(registry: SchemaRegistry, path: string, named: (asked: Asked) => string | null): Route[] {
  const global = async () => (await registry.level(null)) ?? DEFAULT_LEVEL;
  return [
    {
      method: 'GET',
      path,
      access: 'read',
      answer: async (asked) => {
        const subject = named(asked);
        const own = await registry.level(subject);
        if (own === null && subject !== null && !isSet(asked.query.defaultToGlobal)) {
          throw refused.noLevelOfItsOwn(subject);
        }
        return { compatibilityLevel: own ?? (await global()) };
      },
    },
    {
      method: 'PUT',
      path,
      access: 'write',
      answer: async (asked) => {
        const level = compatibilityLevelOf(bodyOf(asked.body).compatibility);
        if (level === null) throw refused.invalidLevel();
        await registry.setLevel(named(asked), level);
        return { compatibility: level };
      },
    },
    {
      method: 'DELETE',
      path,
      access: 'write',
      answer: async (asked) => {
        const subject = named(asked);
        const before = await registry.level(subject);
        if (before === null && subject !== null) throw refused.subjectNotFound(subject);
        await registry.setLevel(subject, null);
        return { compatibilityLevel: before ?? DEFAULT_LEVEL };
      },
    },
  ];
}

function modeRoutes(registry: SchemaRegistry, path: string, named: (asked: Asked) => string | null): Route[] {
  const global = async () => (await registry.mode(null)) ?? 'READWRITE';
  return [
    {
      method: 'GET',
      path,
      access: 'read',
      answer: async (asked) => {
        const subject = named(asked);
        const own = await registry.mode(subject);
        if (own === null && subject !== null && !isSet(asked.query.defaultToGlobal)) {
          throw refused.noModeOfItsOwn(subject);
        }
        return { mode: own ?? (await global()) };
      },
    },
    {
      method: 'PUT',
      path,
      access: 'write',
      answer: async (asked) => {
        const { mode } = bodyOf(asked.body);
        const known = MODES.find((one) => typeof mode === 'string' && one === mode.toUpperCase());
        if (known === undefined) throw refused.invalidMode();
        await registry.setMode(named(asked), known, isSet(asked.query.force));
        return { mode: known };
      },
    },
    {
      method: 'DELETE',
      path,
      access: 'write',
      answer: async (asked) => {
        const subject = named(asked);
        const before = await registry.mode(subject);
        if (before === null && subject !== null) throw refused.subjectNotFound(subject);
        await registry.setMode(subject, null, false);
        return { mode: before ?? 'READWRITE' };
      },
    },
  ];
}

function shown({ subject, version, id, schema, references }: SchemaVersion): object {
  return { subject, version, id, ...(references.length > 0 ? { references } : {}), schema };
}
