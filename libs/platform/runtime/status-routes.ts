import type { FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';

/** `/healthz`, `/readyz` and `/metrics`, which need no key. `trouble` says why the process is not ready; null: it is. */
export function addStatusRoutes(fastify: FastifyInstance, registry: Registry, trouble: () => string | null): void {
  fastify.get('/healthz', () => ({ status: 'ok' }));
  fastify.get('/readyz', (_request, reply) => {
    const why = trouble();
    return reply
      .code(why === null ? 200 : 503)
      .headers(why === null ? {} : { 'retry-after': '1' })
      .send({ status: why ?? 'ready' });
  });
  fastify.get('/metrics', async (_request, reply) =>
    reply.header('content-type', registry.contentType).send(await registry.metrics()),
  );
}
