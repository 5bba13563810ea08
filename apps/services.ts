import type { Type } from '@nestjs/common';
import { operationsOf } from '../libs/platform/operations/handles.js';
import { AccessServiceModule } from './access/app.module.js';
import { AnalyticsServiceModule } from './analytics/app.module.js';
import { ConversationServiceModule } from './conversation/app.module.js';

/** What can run as a process of its own. */
export interface Service {
  /** As `--service` takes it; its Postgres role is `heddle_<name>`. */
  name: ServiceName;
  /** The domains that it runs, and whose part of the API it serves; null for the relay, which has none. */
  module: Type | null;
}

export type ServiceName = 'access' | 'conversation' | 'analytics' | 'relay';

/**
 * Every service, once: `--service`, docker-compose.yml, the rules of the proxy in front, and the processes that
 * test/journeys starts follow from here.
 */
export const SERVICES: readonly Service[] = [
  { name: 'access', module: AccessServiceModule },
  { name: 'conversation', module: ConversationServiceModule },
  { name: 'analytics', module: AnalyticsServiceModule },
  { name: 'relay', module: null },
];

/**
 * Who serves what belongs to no service's API: the built-in registry, the reference and the document of the whole API,
 * and the answer to a path that nobody knows.
 */
export const SERVES_THE_REST: ServiceName = 'access';

/** What only those who operate Heddle may see: the proxy in front does not pass it on. */
export const INTERNAL_PATHS: readonly string[] = ['/healthz', '/readyz', '/metrics'];

/** The beginnings of the paths that a service serves, such as `/v1/customers`: that path, and what lies under it. */
export function pathsOf({ module }: Service): string[] {
  if (module === null) return [];
  return [...new Set(operationsOf(module).map(({ path }) => path.split('/').slice(0, 3).join('/')))].sort();
}
