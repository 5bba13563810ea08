import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { idempotencyKey, requestFingerprint } from '../commands/idempotency.js';
import { type FieldError, Problem } from '../kernel/problem.js';
import { isTraceparent } from '../observability/traceparent.js';
import type { OpenSpan } from '../observability/traces.js';
import type { Caller } from '../operations/caller.js';
import { fieldMessage } from '../operations/field-messages.js';
import type { Input, Operation } from '../operations/operation.js';
import type { Identity } from './authentication.js';
import { wantsEventStream } from './media-type.js';

/** A body of 1 MiB can be wrong in hundreds of thousands of places. */
const MOST_TOLD = 100;

type Place = 'path' | 'query' | 'body';

const NOTHING = Object.freeze({});

/** The query's fields that are numbers: by the document integers, which `0x10`, `1e2` and ` 10` are not. */
export function numbersInQuery(operation: Operation): readonly string[] {
  const { properties = {} } = z.toJSONSchema(operation.query, { io: 'input' });
  return Object.keys(properties).filter((name) => (properties[name] as { type?: unknown }).type === 'integer');
}

/**
 * Reads path, query and body by the operation's schemas; throws `invalid_request` with every place that is wrong.
 * `numbers` are its `numbersInQuery`.
 */
export function inputOf(operation: Operation, numbers: readonly string[], request: FastifyRequest): Input {
  const digits = otherThanDigits(numbers, request.query as Record<string, unknown>);
  const params = operation.params.safeParse(request.params, { error: fieldMessage });
  const query = operation.query.safeParse(request.query, { error: fieldMessage });
  // A stream of lines is read by its handler, line by line.
  const streamed = operation.consumes === 'application/x-ndjson';
  const body =
    operation.body === null || streamed
      ? { success: true as const, data: request.body }
      : operation.body.safeParse(request.body === undefined ? NOTHING : request.body, { error: fieldMessage });
  if (params.success && query.success && body.success && digits.length === 0) {
    return { params: params.data, query: query.data, body: body.data };
  }
  const told = new Set(digits.map(({ pointer }) => pointer));
  const inQuery = errorsOf('query', query).filter(({ pointer }) => !told.has(pointer));
  const errors = [...errorsOf('path', params), ...digits, ...inQuery, ...errorsOf('body', body)].slice(0, MOST_TOLD);
  const first = errors[0]!;
  throw new Problem('invalid_request', `${first.pointer} ${first.message}.`, { errors });
}

/** Number() reads hexadecimal, exponents and spaces too. */
function otherThanDigits(numbers: readonly string[], query: Record<string, unknown>): FieldError[] {
  const wrong = numbers.filter((name) => query[name] !== undefined && !DIGITS.test(String(query[name])));
  return wrong.map((name) => ({ pointer: `/query/${name}`, message: 'is not a whole number in plain digits' }));
}

const DIGITS = /^\d{1,15}$/;

function errorsOf(place: Place, result: { success: boolean; error?: z.ZodError }): FieldError[] {
  if (result.success || result.error === undefined) return [];
  return result.error.issues.flatMap((issue) => {
    const path = issue.path.map(String);
    const extra = issue.code === 'unrecognized_keys' ? issue.keys : null;
    const message = extra === null ? lowerFirst(issue.message) : 'is not a field that is known here';
    return (extra ?? [null]).slice(0, 20).map((key) => ({
      pointer: `/${[place, ...path, ...(key === null ? [] : [key])].map(escapePointer).join('/')}`,
      message,
    }));
  });
}

function escapePointer(part: string): string {
  return part.slice(0, 100).replaceAll('~', '~0').replaceAll('/', '~1');
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** Who calls and how, for the handler. Throws `invalid_request` for headers that cannot be read. */
export function callerOf(
  identity: Identity,
  operation: Operation,
  request: FastifyRequest,
  input: Input,
  requestId: string,
  span: OpenSpan | null,
): Caller {
  const { headers } = request;
  const caller: Caller = {
    workspace: identity.workspace,
    actor: identity.actor,
    scopes: identity.scopes,
    // A stream of lines cannot be compared before it was read: such operations know again what they did by its ids.
    idempotency:
      operation.changes && operation.consumes !== 'application/x-ndjson'
        ? idempotencyOf(identity, operation, request, input)
        : null,
    ifMatch: operation.conditional === true ? ifMatchOf(headers['if-match']) : null,
    ...(operation.lines !== undefined && wantsLines(headers.accept) ? { accept: NDJSON } : {}),
    requestId,
    eventStream: operation.live === undefined ? null : eventStreamOf(headers),
    traceparent: span?.traceparent ?? (isTraceparent(headers.traceparent) ? headers.traceparent : null),
  };
  if (span !== null) caller.trace = span.context;
  return caller;
}

function eventStreamOf({ accept, ...headers }: FastifyRequest['headers']): Caller['eventStream'] {
  if (!wantsEventStream(accept)) return null;
  const last = headers['last-event-id'];
  return { lastEventId: typeof last === 'string' && last !== '' ? last : null };
}

const NDJSON = 'application/x-ndjson';

/** Named, and not only admitted: a client that takes anything gets JSON. */
function wantsLines(accept: string | undefined): boolean {
  const ranges = accept?.split(',') ?? [];
  return ranges.some((range) => range.split(';', 1)[0]!.trim().toLowerCase() === NDJSON);
}

function idempotencyOf(identity: Identity, operation: Operation, request: FastifyRequest, { body }: Input) {
  const header = keyFromHeader(request.headers['idempotency-key']);
  const field = (body as { idempotency_key?: string } | undefined)?.idempotency_key;
  if (header !== undefined && field !== undefined && header !== field) {
    throw headerProblem('Idempotency-Key', 'is not the same as /body/idempotency_key');
  }
  const key = header ?? field;
  if (key === undefined) return null;
  const path = request.url.split('?', 1)[0]!;
  return {
    key: idempotencyKey(identity.workspace ?? identity.actor.id, operation.method, path, key),
    fingerprint: requestFingerprint(
      request.url.slice(path.length),
      request.headers['if-match'] ?? '',
      field === undefined ? JSON.stringify(body) : JSON.stringify({ ...(body as object), idempotency_key: undefined }),
    ),
  };
}

/** Quoted, as the IETF draft has it, or bare. */
function keyFromHeader(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  const text = Array.isArray(header) ? header.join(', ') : header;
  if (!/^[!-~]{1,255}$/.test(text)) {
    throw headerProblem('Idempotency-Key', 'is not 1 to 255 visible ASCII characters');
  }
  return /^"((?:[^"\\]|\\.)+)"$/.exec(text)?.[1] ?? text;
}

/** The version; null for none and for `*`. */
function ifMatchOf(header: string | undefined): number | null {
  if (header === undefined || header === '*') return null;
  const digits = /^(?:W\/)?"(\d{1,15})"$|^(\d{1,15})$/.exec(header);
  const version = digits?.[1] ?? digits?.[2];
  if (version === undefined) throw headerProblem('If-Match', 'is not an ETag that this API gave, such as "7"');
  return Number(version);
}

function headerProblem(name: string, message: string): Problem {
  return new Problem('invalid_request', `The header ${name} ${message}.`, {
    errors: [{ pointer: `/header/${name}`, message }],
  });
}
