import type { FastifyRequest } from 'fastify';
import { newUuid } from '../kernel/id.js';
import type { RequestSpan } from '../observability/traces.js';
import type { Identity } from './authentication.js';
import { Upgrade } from './upgrade.js';

/** One request on its way. */
export interface Exchange {
  readonly request: FastifyRequest;
  readonly requestId: string;
  /** What its answer will have whatever becomes of it: names and values in turn. */
  readonly headers: string[];
  /** Whether its headers announce a body. */
  readonly hasBody: boolean;
  /** Where it asks to go on as a WebSocket. */
  readonly upgrade: Upgrade | null;
  /** Who sends it, once that is known. */
  identity: Identity | null;
  /** Where traces are made, and it is for an operation. */
  span: RequestSpan | null;
}

declare module 'fastify' {
  interface FastifyRequest {
    exchange: Exchange | null;
  }
}

/** The exchange of a request, made when it is first asked for. */
export function exchangeOf(request: FastifyRequest): Exchange {
  if (request.exchange != null) return request.exchange;
  const requestId = requestIdOf(request);
  const { headers } = request;
  const length = headers['content-length'];
  const exchange: Exchange = {
    request,
    requestId,
    headers: ['x-request-id', requestId],
    hasBody: (length !== undefined && length !== '0') || headers['transfer-encoding'] !== undefined,
    upgrade: Upgrade.of(request.raw),
    identity: null,
    span: null,
  };
  request.exchange = exchange;
  return exchange;
}

const SANE_REQUEST_ID = /^[A-Za-z0-9._:-]{1,64}$/;

/** The caller's own X-Request-Id, where it is a short word; else a new one. */
function requestIdOf(request: FastifyRequest): string {
  const sent = request.headers['x-request-id'];
  return typeof sent === 'string' && SANE_REQUEST_ID.test(sent) ? sent : newRequestId();
}

export function newRequestId(): string {
  return `req_${newUuid()}`;
}
