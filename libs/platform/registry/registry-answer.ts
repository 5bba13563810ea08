import type { FastifyReply, FastifyRequest } from 'fastify';
import { type AnswerLog, endAnswer } from '../http/answer.js';
import { exchangeOf } from '../http/exchange.js';
import { problemOf } from '../http/problem-of.js';
import { loggedError } from '../observability/logged-error.js';
import { RegistryError } from './registry-error.js';

const MEDIA_TYPE = 'application/vnd.schemaregistry.v1+json';

/** A good answer: JSON, or a Buffer as it is. */
export function answer(result: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { requestId } = exchangeOf(request);
  const headers = { 'content-type': MEDIA_TYPE, 'cache-control': 'no-store', 'x-request-id': requestId };
  return reply.headers(headers).send(Buffer.isBuffer(result) ? result : JSON.stringify(result));
}

/** The answer to whatever was thrown, in Confluent's form. */
export function refuse(error: Error, request: FastifyRequest, reply: FastifyReply, log: AnswerLog): void {
  const { code, status, message } = registryErrorOf(error);
  if (code === 50001) {
    log.error({ method: request.method, route: request.routeOptions.url, ...loggedError(error) }, 'internal');
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
