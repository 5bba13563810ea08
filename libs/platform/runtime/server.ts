import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { Authentication } from '../http/authentication.js';
import { answerClientError } from '../http/client-error.js';
import { DOCS_SECURITY_POLICY, docsRoutes } from '../http/docs/docs-routes.js';
import { answerUnroutable, bindOperations } from '../http/edge.js';
import { RateLimit } from '../http/rate-limit.js';
import { asksForWebSocket } from '../http/upgrade.js';
import type { KafkaSettings } from '../kafka/kafka-settings.js';
import { processMetrics } from '../observability/process-metrics.js';
import { RequestMetrics } from '../observability/request-metrics.js';
import type { Traces } from '../observability/traces.js';
import { controllersOf, handlingsOf, operationsOf } from '../operations/handles.js';
import type { Binding } from '../operations/invoker.js';
import { openApiDocument } from '../operations/openapi.js';
import type { RegistryClientOptions } from '../registry/registry-client.js';
import { addRegistryRoutes } from '../registry/registry-routes.js';
import { SchemaRegistry } from '../registry/schema-registry.js';
import type { WebhookSettings } from '../settings/webhook-variables.js';
import { registerKafkaMetrics } from './kafka-metrics.js';
import { Runtime } from './runtime.js';
import { registerRuntimeMetrics } from './runtime-metrics.js';
import { addressOf } from './server-address.js';
import { portsOf } from './service-ports.js';
import { addStatusRoutes } from './status-routes.js';

export interface ServerOptions {
  /** The module whose domains are run and served. */
  module: Type;
  /** The module whose operations the document and the reference show; where it is left out, `module`. */
  documented?: Type;
  databaseUrl: string;
  rootKey: string;
  host: string;
  port: number;
  version: string;
  log: Logger;
  /** Cost units a second and key. */
  quota: number;
  /** How long a request's body may take, and an import be silent, ms: 60 s where it is left out. */
  bodyMs?: number;
  /** Where the schemas are kept; where it is left out or null, here, at `/registry`. */
  registry?: RegistryClientOptions | null;
  /** Where the log is kept; in the store itself where it is left out or null. */
  kafka?: KafkaSettings | null;
  /** Whether this process may carry the store's events to Kafka, where they are kept there. */
  relays?: boolean;
  /** Where its domains may send to when a workspace says so; the public internet with TLS where it is left out. */
  webhooks?: Partial<WebhookSettings>;
  /** Where it is left out or null, none are made. */
  traces?: Traces | null;
}

/** How long a request's head may take. */
const HEADERS_MS = 60_000;
/** A connection on which nothing goes either way for so long is ended, whatever it waits for. */
const SILENCE_MS = 120_000;

export interface Server {
  /** `http://host:port`. */
  url: string;
  runtime: Runtime;
  close(): Promise<void>;
}

/** All routes are bound to operations, and answered by the edge: Nest's own handlers for errors are not put up. */
class EdgeAdapter extends FastifyAdapter {
  override setErrorHandler(): ReturnType<FastifyAdapter['setErrorHandler']> {
    return this.getInstance() as ReturnType<FastifyAdapter['setErrorHandler']>;
  }

  override setNotFoundHandler(): ReturnType<FastifyAdapter['setNotFoundHandler']> {
    return this.getInstance() as ReturnType<FastifyAdapter['setNotFoundHandler']>;
  }
}

@Module({})
class PlatformModule {
  /** Gives the domains the ports of their services. */
  static for(runtime: Runtime, module: Type): DynamicModule {
    const providers = [...runtime.services].map(([service, ports]) => ({ provide: portsOf(service), useValue: ports }));
    return { module: PlatformModule, global: true, imports: [module], providers, exports: providers };
  }
}

/** Starts a module's domains on a store, and listens; resolves when /readyz is 200. */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { module, databaseUrl, log, kafka = null, registry = null, relays = false, traces = null } = options;
  const runtime = await Runtime.start({
    module,
    databaseUrl,
    log,
    kafka: kafka === null ? null : { kafka, registry, relays },
    ...(options.webhooks === undefined ? {} : { webhooks: options.webhooks }),
    traces,
  });
  // Two registries would give one id to two schemas.
  const schemas = registry === null ? new SchemaRegistry(databaseUrl) : null;
  const socketPaths = new Set(operationsOf(module).flatMap(({ socket, path }) => (socket ? [path] : [])));
  try {
    const adapter = new EdgeAdapter({
      logger: false,
      // A registry's subject is a record's full name, or a topic's and a suffix.
      routerOptions: { maxParamLength: 512 },
      // While it closes, a request is still answered, or told by the edge that the store is away.
      return503OnClosing: false,
      frameworkErrors: answerUnroutable({ log }),
      clientErrorHandler: answerClientError,
      // Bodies have a watch of their own: Node's limit for a whole request would end long imports too.
      requestTimeout: 0,
      connectionTimeout: SILENCE_MS,
      http: {
        headersTimeout: HEADERS_MS,
        connectionsCheckingInterval: HEADERS_MS / 12,
        shouldUpgradeCallback: asksForWebSocket(socketPaths),
      },
    });
    const app = await NestFactory.create<NestFastifyApplication>(PlatformModule.for(runtime, module), adapter, {
      logger: false,
      bodyParser: false,
      abortOnError: false,
    });
    await runtime.sessionsReady();
    const fastify = adapter.getInstance() as unknown as FastifyInstance;
    const metrics = processMetrics();
    registerRuntimeMetrics(metrics, runtime);
    if (runtime.engine !== null) registerKafkaMetrics(metrics, runtime.engine);
    const bindings = bindingsOf(app, module);
    runtime.invoker.bind(bindings);
    const edge = {
      authentication: new Authentication(options.rootKey, runtime.directory, runtime.ticketDesk),
      rateLimit: new RateLimit(options.quota),
      metrics: new RequestMetrics(metrics),
      log,
      traces,
      ...(options.documented === undefined ? {} : { wholeApi: operationsOf(options.documented) }),
      ...(options.bodyMs === undefined ? {} : { bodyMs: options.bodyMs }),
    };
    bindOperations(fastify, bindings, edge);
    if (schemas !== null) {
      await schemas.ready();
      addRegistryRoutes(fastify, { ...edge, registry: schemas, version: options.version });
    }
    addStatusRoutes(fastify, metrics, () => (runtime.isReady ? null : 'the store cannot be reached'));
    addDocumentRoutes(fastify, options.documented ?? module, options.version);
    if (runtime.engine !== null) app.connectMicroservice({ strategy: runtime.engine.consumers });
    await app.startAllMicroservices();
    await app.listen(options.port, options.host);
    return {
      url: addressOf(fastify, options.host),
      runtime,
      close: async () => {
        // Before the listener waits for its requests to end, for these would not.
        await runtime.live.close();
        fastify.server.closeIdleConnections();
        await app.close();
        await schemas?.close();
        await runtime.close();
      },
    };
  } catch (error) {
    await schemas?.close();
    await runtime.close();
    throw error;
  }
}

function bindingsOf(app: NestFastifyApplication, module: Type): Binding[] {
  operationsOf(module);
  return controllersOf(module).flatMap((type) => {
    const controller = app.get<Record<string, Binding['handle']>>(type, { strict: false });
    return handlingsOf(type).map(({ operation, method }) => ({
      operation,
      handle: (input, caller) => controller[method]!(input, caller),
    }));
  });
}

function addDocumentRoutes(fastify: FastifyInstance, module: Type, version: string): void {
  const operations = operationsOf(module);
  const document = openApiDocument(operations, { version });
  // Whoever opens the installation's address in a browser looks for these pages.
  fastify.get('/', (_request, reply) => reply.redirect('/docs', 302));
  for (const { path, contentType, read } of docsRoutes(document, operations)) {
    fastify.get(path, (_request, reply) =>
      reply
        .header('content-type', contentType)
        .header('content-security-policy', DOCS_SECURITY_POLICY)
        .header('x-content-type-options', 'nosniff')
        .send(read()),
    );
  }
}
