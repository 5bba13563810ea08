import type { Type } from '@nestjs/common';
import { operationsOf } from '../libs/platform/operations/handles.js';
import type { Method } from '../libs/platform/operations/operation.js';
import { AccessServiceModule } from './access/app.module.js';
import { AnalyticsServiceModule } from './analytics/app.module.js';
import { ConversationServiceModule } from './conversation/app.module.js';
import { EventsServiceModule } from './events/app.module.js';
import { IngestServiceModule } from './ingest/app.module.js';
import { WebhooksServiceModule } from './webhooks/app.module.js';

/** What can run as a process of its own. */
export interface Service {
  /** As `--service` takes it; its Postgres role is `heddle_<name>`. */
  name: ServiceName;
  /** The domains that it runs, and whose part of the API it serves; null for the relay, which has none. */
  module: Type | null;
}

export type ServiceName = 'access' | 'conversation' | 'analytics' | 'ingest' | 'events' | 'webhooks' | 'relay';

/**
 * Every service, once: `--service`, docker-compose.yml, the rules of the proxy in front, and the processes that
 * test/journeys starts follow from here.
 */
export const SERVICES: readonly Service[] = [
  { name: 'access', module: AccessServiceModule },
  { name: 'conversation', module: ConversationServiceModule },
  { name: 'analytics', module: AnalyticsServiceModule },
  { name: 'ingest', module: IngestServiceModule },
  { name: 'events', module: EventsServiceModule },
  { name: 'webhooks', module: WebhooksServiceModule },
  { name: 'relay', module: null },
];

/**
 * Who serves what belongs to no service's API: the built-in registry, the reference and the document of the whole API,
 * and the answer to a path that nobody knows.
 */
export const SERVES_THE_REST: ServiceName = 'access';

/** What only those who operate Heddle may see: the proxy in front does not pass it on. */
export const INTERNAL_PATHS: readonly string[] = ['/healthz', '/readyz', '/metrics'];

/** Paths under which several services answer: who has what no rule of another one names. */
const SHARED: Readonly<Record<string, ServiceName>> = { '/v1/events': 'events' };

/** The beginnings of the paths that a service serves, such as `/v1/customers`: that path, and what lies under it. */
export function pathsOf({ name, module }: Service): string[] {
  if (module === null) return [];
  const beginnings = new Set(operationsOf(module).map(({ path }) => beginningOf(path)));
  return [...beginnings].filter((path) => (SHARED[path] ?? name) === name).sort();
}

/** A path of an operation, and how it is asked: what of a shared beginning goes to another service than the rest. */
export interface Exception {
  method: Method;
  path: string;
}

/** What a service serves under a beginning that another one has. */
export function exceptionsOf({ name, module }: Service): Exception[] {
  if (module === null) return [];
  return operationsOf(module)
    .filter(({ path }) => (SHARED[beginningOf(path)] ?? name) !== name)
    .map(({ method, path }) => ({ method, path }));
}

/** Who answers a request, whatever becomes of it there. */
export function serviceFor(method: string, path: string): ServiceName {
  const named = SERVICES.find((one) => exceptionsOf(one).some((its) => its.method === method && isAt(its.path, path)));
  const holder = SERVICES.find((one) => pathsOf(one).some((its) => path === its || path.startsWith(`${its}/`)));
  return (named ?? holder)?.name ?? SERVES_THE_REST;
}

function beginningOf(path: string): string {
  return path.split('/').slice(0, 3).join('/');
}

function isAt(pattern: string, path: string): boolean {
  const [parts, asked] = [pattern.split('/'), path.split('/')];
  return parts.length === asked.length && parts.every((part, i) => part.startsWith('{') || part === asked[i]);
}
