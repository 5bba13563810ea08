import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { idempotencyKey, requestFingerprint } from '../commands/idempotency.js';
import { type FieldError, Problem } from '../kernel/problem.js';
import { isTraceparent } from '../observability/traceparent.js';
import type { OpenSpan } from '../observability/traces.js';
import type { Caller } from '../operations/caller.js';
import { fieldErrors } from '../operations/field-errors.js';
import { fieldMessage } from '../operations/field-messages.js';
import type { Input, Operation, SentBody } from '../operations/operation.js';
import type { Identity } from './authentication.js';
import { mediaTypeOf, NDJSON, wantsEventStream } from './media-type.js';

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
    operation.rows !== undefined
      ? { success: true as const, data: sentBody(request) }
      : operation.body === null || streamed
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

function sentBody({ headers, body }: FastifyRequest): SentBody {
  return { mediaType: mediaTypeOf(headers['content-type']), content: body };
}

/** Number() reads hexadecimal, exponents and spaces too. */
function otherThanDigits(numbers: readonly string[], query: Record<string, unknown>): FieldError[] {
  const wrong = numbers.filter((name) => query[name] !== undefined && !DIGITS.test(String(query[name])));
  return wrong.map((name) => ({ pointer: `/query/${name}`, message: 'is not a whole number in plain digits' }));
}

const DIGITS = /^\d{1,15}$/;

function errorsOf(place: Place, result: { success: boolean; error?: z.ZodError }): FieldError[] {
  return result.success || result.error === undefined ? [] : fieldErrors(`/${place}`, result.error.issues);
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
    eventStream:
      operation.live !== undefined && wantsEventStream(headers.accept, operation) ? eventStreamOf(headers) : null,
    traceparent: span?.traceparent ?? (isTraceparent(headers.traceparent) ? headers.traceparent : null),
  };
  if (span !== null) caller.trace = span.context;
  return caller;
}

function eventStreamOf(headers: FastifyRequest['headers']): Caller['eventStream'] {
  const last = headers['last-event-id'];
  return { lastEventId: typeof last === 'string' && last !== '' ? last : null };
}

/** Named, and not only admitted: a client that takes anything gets JSON. */
function wantsLines(accept: string | undefined): boolean {
  const ranges = accept?.split(',') ?? [];
  return ranges.some((range) => range.split(';', 1)[0]!.trim().toLowerCase() === NDJSON);
}

function idempotencyOf(identity: Identity, operation: Operation, request: FastifyRequest, { body }: Input) {
  const header = keyFromHeader(request.headers['idempotency-key']);
  const sent = operation.rows === undefined ? body : (body as SentBody).content;
  const named = (sent as { idempotency_key?: unknown } | null | undefined)?.idempotency_key;
  // What is no key is told by whoever checks the rows.
  const field = typeof named === 'string' ? named : undefined;
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
      Buffer.isBuffer(sent)
        ? sent.toString('latin1')
        : textOf(field === undefined ? sent : { ...(sent as object), idempotency_key: undefined }),
    ),
  };
}

function textOf(sent: unknown): string {
  try {
    return JSON.stringify(sent);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new Problem('invalid_request', 'The body is nested too deeply to be known again by its idempotency key.');
  }
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
