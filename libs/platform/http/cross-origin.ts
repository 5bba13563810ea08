import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Operation } from '../operations/operation.js';

/** A page of any origin may read what a ticket opens: whoever has the ticket was given it. */
const ANY_ORIGIN = ['access-control-allow-origin', '*'] as const;

/** How long a browser need not ask again, s. */
const ASK_AGAIN_S = 600;

/** The ticket of a request to an operation that takes one; null where a key was sent, or none. */
export function ticketOf(operation: Operation, { headers, query }: FastifyRequest): string | null {
  const { ticket } = query as { ticket?: unknown };
  if (operation.ticketed !== true || headers.authorization !== undefined) return null;
  return typeof ticket === 'string' ? ticket : null;
}

/** What a browser must be told of the answer to a request with a ticket, whatever becomes of it. */
export function crossOriginHeaders(ticket: string | null): readonly string[] {
  return ticket === null ? [] : ANY_ORIGIN;
}

/** Answers what a browser asks before a request with a ticket: what else it may send. */
export function answerPreflights(fastify: FastifyInstance, operations: readonly Operation[]): void {
  for (const { path, method } of operations.filter(({ ticketed }) => ticketed === true)) {
    fastify.route({
      method: 'OPTIONS',
      url: path,
      handler: (_request, reply) => {
        reply.hijack();
        reply.raw.writeHead(204, [
          ...ANY_ORIGIN,
          'access-control-allow-methods',
          method,
          'access-control-allow-headers',
          'accept, cache-control, last-event-id',
          'access-control-max-age',
          String(ASK_AGAIN_S),
        ]);
        reply.raw.end();
      },
    });
  }
}
