import { z } from 'zod';
import type { ProblemCode } from '../kernel/problem.js';
import type { Scope } from './scope.js';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Whose key opens it: a workspace's, the installation's root key, either, or nobody's. */
export type Access = 'workspace' | 'root' | 'workspace_or_root' | 'public';

/**
 * Everything that Heddle can do, declared once. The route with its validation, permission, idempotency and limits,
 * the OpenAPI document, the reference and the command line are all made from this.
 */
export interface Operation<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
> {
  /** `<resource>.<verb>`, such as `messages.post`; on the command line `heddle messages post`. */
  name: string;
  method: Method;
  /** With parameters in braces: `/v1/conversations/{id}/messages`. */
  path: string;
  /** One line, in the imperative. */
  summary: string;
  description?: string;
  access: Access;
  /** The scopes that a workspace's key needs, all of them. */
  scopes: readonly Scope[];
  /** Whether it changes anything: then it takes an idempotency key. */
  changes: boolean;
  /** Whether its good answers are of one stream, and carry its version as ETag. */
  versioned?: boolean;
  /** Whether it takes If-Match with the version that it means to change. */
  conditional?: boolean;
  params: Params;
  query: Query;
  /** The body's schema; null for none. */
  body: Body | null;
  /** The body's media type; JSON where it is left out; JSON Merge Patch (RFC 7396) is taken as JSON, too. An NDJSON body is given to the handler as a stream of bytes. */
  consumes?: 'application/json' | 'application/merge-patch+json' | 'application/x-ndjson';
  /** Further media types that the body is taken as, with the schema of what is sent so; of NDJSON, of a line. */
  alsoConsumes?: Readonly<Record<string, z.ZodType>>;
  /**
   * Where the body is rows that each have an outcome of their own: its handler checks them, and is given a `SentBody`, which
   * may have this many bytes.
   */
  rows?: { bodyLimit: number };
  /** The good answers: a schema and a sentence a status. */
  responses: Readonly<Record<number, { description: string; schema: z.ZodType }>>;
  /** What its good answer is as server-sent events, where `Accept` asks for text/event-stream; left out, it has none. */
  live?: string;
  /** Whether it goes on as a WebSocket: then its good answer is a 101, and a request without an upgrade is refused. */
  socket?: boolean;
  /** Whether it may be asked for with a ticket in `?ticket=`, in place of a key: its query has that field. */
  ticketed?: boolean;
  /** Whether its good answer is lines without an end, or server-sent events, and JSON never. */
  streams?: boolean;
  /** What a line holds, where the good answer may be asked for as a stream of lines: by `Accept: application/x-ndjson`. */
  lines?: z.ZodType;
  /** What a client may say on its WebSocket, each message with a name (`.meta({ id })`). */
  says?: z.ZodType;
  /** What a client is told there beside the lines of a stream, the same way. */
  tells?: z.ZodType;
  /** Problems beyond those that every operation may answer with. */
  problems?: readonly ProblemCode[];
  /** What it takes from the quota. */
  cost: number;
  stability: 'stable' | 'beta';
  /** A request for the reference; ids in it are invented. */
  example?: { params?: Record<string, string>; query?: Record<string, string>; body?: unknown };
}

const NOTHING = z.strictObject({});

/** What most operations have in common, and a declaration leaves out. */
const USUAL = {
  access: 'workspace',
  params: NOTHING,
  query: NOTHING,
  body: null,
  cost: 1,
  stability: 'beta',
} as const;

type Declaration<Params extends z.ZodType, Query extends z.ZodType, Body extends z.ZodType> = Omit<
  Operation<Params, Query, Body>,
  keyof typeof USUAL
> &
  Partial<Pick<Operation<Params, Query, Body>, keyof typeof USUAL>>;

/** Left out, `params` and `query` are empty, there is no body, and a workspace's key pays 1 for what is still beta. */
export function defineOperation<
  Params extends z.ZodType = typeof NOTHING,
  Query extends z.ZodType = typeof NOTHING,
  Body extends z.ZodType = z.ZodType,
>(declaration: Declaration<Params, Query, Body>): Operation<Params, Query, Body> {
  return { ...USUAL, ...declaration } as Operation<Params, Query, Body>;
}

/** What a handler is given, already validated. */
export interface Input<Params = unknown, Query = unknown, Body = unknown> {
  params: Params;
  query: Query;
  body: Body;
}

/** A body that was read, and not checked: NDJSON as its bytes, all else as the value that its JSON says. */
export interface SentBody {
  mediaType: string;
  content: unknown;
}

export type InputOf<O> =
  O extends Operation<infer P, infer Q, infer B> ? Input<z.output<P>, z.output<Q>, z.output<B>> : never;
