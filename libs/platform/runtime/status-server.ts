import { fastify } from 'fastify';
import type { Registry } from 'prom-client';
import { processMetrics } from '../observability/process-metrics.js';
import { addressOf } from './server-address.js';
import { addStatusRoutes } from './status-routes.js';

export interface StatusServerOptions {
  host: string;
  port: number;
  /** Why the process is not ready; null: it is. */
  trouble: () => string | null;
  /** Adds its own figures to those of the process. */
  register?: (registry: Registry) => void;
}

/** The server of a process without an API: `/healthz`, `/readyz` and `/metrics`, and 404 for all else. */
export async function startStatusServer(
  options: StatusServerOptions,
): Promise<{ url: string; close(): Promise<void> }> {
  const { host, port, trouble, register } = options;
  const server = fastify({ logger: false });
  const registry = processMetrics();
  register?.(registry);
  addStatusRoutes(server, registry, trouble);
  await server.listen({ host, port });
  return {
    url: addressOf(server, host),
    close: async () => {
      server.server.closeIdleConnections();
      await server.close();
    },
  };
}
