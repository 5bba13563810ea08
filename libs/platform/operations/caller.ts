import type { SpanContext } from '@opentelemetry/api';
import type { Actor } from '../kernel/event.js';
import type { Scope } from './scope.js';

/** Who calls an operation, and how they want it done. Made by the edge, used by handlers. */
export interface Caller {
  /** The workspace that the key belongs to; null for the root key. */
  workspace: string | null;
  actor: Actor;
  scopes: ReadonlySet<Scope | '*'>;
  /** The request's idempotency key with its workspace, method and path, and what was asked; null where none was sent. */
  idempotency: { key: string; fingerprint: string } | null;
  /** The version in If-Match; null where it was not sent, or is `*`. */
  ifMatch: number | null;
  /** The media type that the answer is wanted as, where the operation has another than JSON. */
  accept?: 'application/x-ndjson';
  requestId: string;
  traceparent: string | null;
  /** The request's span, where traces are made. */
  trace?: SpanContext;
  /** One of many calls that nobody waits for one by one: it gives way to the others. */
  bulk?: boolean;
  /** Where `Accept` asks for the answer as a live stream: where the client stood when it was cut off, null for nowhere. */
  eventStream?: { lastEventId: string | null } | null;
  /** Takes more of the quota than the operation's cost, for work that is known only while it is done; throws `rate_limited`. */
  charge?: (units: number) => void;
  /** When the thing happened, where that is not now: imports only. ms. */
  occurredAt?: number;
}

/** Who calls where a service does something by itself: `id` names the part of it that does. */
export function systemCaller(workspace: string, id: string, scopes: readonly Scope[], bulk = false): Caller {
  return {
    workspace,
    actor: { type: 'system', id },
    scopes: new Set(scopes),
    idempotency: null,
    ifMatch: null,
    requestId: id,
    traceparent: null,
    bulk,
  };
}
