import { PROBLEMS, type ProblemCode } from '../kernel/problem.js';
import type { JsonSchema, OpenApiDocument, OpenApiResponse } from './openapi-types.js';
import type { Operation } from './operation.js';

const RATE_LIMITS = ['RateLimit', 'RateLimit-Policy'] as const;

export const PROBLEM_SCHEMA: JsonSchema = {
  type: 'object',
  description: 'An answer that is not the one hoped for (RFC 9457).',
  properties: {
    type: { type: 'string', description: 'Where the code is explained: `/docs/problems#<code>`.' },
    title: { type: 'string', description: 'The same for every problem of this code.' },
    status: { type: 'integer', minimum: 400, maximum: 599 },
    code: { type: 'string', enum: Object.keys(PROBLEMS), description: 'Stable: branch on this.' },
    detail: { type: 'string', description: 'What is wrong, where, and what to do next.' },
    instance: { type: 'string', description: 'The request id, as in X-Request-Id.' },
    errors: {
      type: 'array',
      description: 'Every place in the request that is wrong.',
      items: {
        type: 'object',
        properties: {
          pointer: {
            type: 'string',
            description: 'A JSON Pointer (RFC 6901) into `body`, `query`, `path` or `header`.',
          },
          message: { type: 'string' },
        },
        required: ['pointer', 'message'],
        additionalProperties: false,
      },
    },
  },
  required: ['type', 'title', 'status', 'code', 'detail'],
  additionalProperties: false,
};

export const HEADERS: OpenApiDocument['components']['headers'] = {
  'X-Request-Id': { description: 'Names this request in the logs.', schema: { type: 'string' } },
  RateLimit: { description: 'What is left of the quota (IETF draft 11).', schema: { type: 'string' } },
  'RateLimit-Policy': { description: 'The quota (IETF draft 11).', schema: { type: 'string' } },
  'Retry-After': {
    description: 'After how many seconds to try again.',
    schema: { type: 'string', pattern: '^[0-9]+$' },
  },
  Upgrade: {
    description: 'What the path goes on as (RFC 9110, section 7.8).',
    schema: { type: 'string', const: 'websocket' },
  },
  ETag: {
    description: 'The version of the stream that the answer is about, for If-Match.',
    schema: { type: 'string', pattern: '^"[0-9]+"$' },
  },
  'Heddle-Position': {
    description: 'A cursor that stands right after this change: a read that is given it shows the change.',
    schema: { type: 'string' },
  },
  'Idempotency-Replayed': {
    description: '`true` where this is the stored answer of an earlier request with the same key.',
    schema: { type: 'string', const: 'true' },
  },
};

export function headerRefs(names: readonly string[]): Record<string, { $ref: string }> {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

/** The headers of an operation's good answers. */
export function goodHeaders(operation: Operation): Record<string, { $ref: string }> {
  const names = ['X-Request-Id'];
  if (operation.cost > 0) names.push(...RATE_LIMITS);
  if (operation.versioned) names.push('ETag');
  if (takesKey(operation)) names.push('Heddle-Position', 'Idempotency-Replayed');
  return headerRefs(names);
}

/** A stream of lines cannot be compared before it was read, and so has no key: its lines are known again by their ids. */
export function takesKey(operation: Operation): boolean {
  return operation.changes && operation.consumes !== 'application/x-ndjson';
}

/** Which problems an operation can answer with, beyond those that it declares: what the edge itself refuses. */
function edgeProblems(operation: Operation, takesCursor: boolean): ProblemCode[] {
  const codes: ProblemCode[] = ['malformed_request', 'invalid_request', 'request_timeout', 'headers_too_large'];
  codes.push('internal', 'unavailable');
  if (takesCursor) codes.push('invalid_cursor');
  if (operation.access !== 'public') codes.push('unauthenticated', 'forbidden');
  if (operation.cost > 0) codes.push('rate_limited');
  if (operation.path.includes('{')) codes.push('not_found');
  if (takesKey(operation)) codes.push('request_in_flight', 'idempotency_key_reused');
  if (operation.socket) codes.push('upgrade_required');
  if (operation.conditional) codes.push('version_mismatch');
  if (operation.body !== null) codes.push('body_too_large', 'unsupported_media_type');
  return codes;
}

/** Every problem that an operation may answer with, in the registry's order. */
export function problemsOf(operation: Operation, takesCursor: boolean): ProblemCode[] {
  const codes = new Set([...edgeProblems(operation, takesCursor), ...(operation.problems ?? [])]);
  return (Object.keys(PROBLEMS) as ProblemCode[]).filter((code) => codes.has(code));
}

function problemResponse(status: number, codes: readonly ProblemCode[], limited: boolean): OpenApiResponse {
  const waits = status === 409 || status === 429 || status === 503;
  const headers = ['X-Request-Id', ...(limited ? RATE_LIMITS : []), ...(waits ? ['Retry-After'] : [])];
  if (status === 426) headers.push('Upgrade');
  const narrowed: JsonSchema = {
    properties: { status: { const: status }, code: { enum: [...codes] } },
  };
  return {
    description: codes.map((code) => `\`${code}\`: ${PROBLEMS[code].title}.`).join(' '),
    headers: headerRefs(headers),
    content: {
      'application/problem+json': { schema: { allOf: [{ $ref: '#/components/schemas/Problem' }, narrowed] } },
    },
  };
}

/** An operation's problem responses by status. Those with the same codes are one component, kept in `shared`. */
export function problemResponses(
  operation: Operation,
  takesCursor: boolean,
  shared: Record<string, OpenApiResponse>,
): Record<string, OpenApiResponse> {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of problemsOf(operation, takesCursor)) {
    const { status } = PROBLEMS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const limited = operation.cost > 0;
  const responses: Record<string, OpenApiResponse> = {};
  for (const [status, codes] of byStatus) {
    const name = `${codes.join('.')}${limited ? '' : '.unlimited'}`;
    shared[name] ??= problemResponse(status, codes, limited);
    responses[status] = { $ref: `#/components/responses/${name}` };
  }
  return responses;
}
