import type { ClaimRow, EventRow, IdempotencyRow } from '../event-store/append.js';
import { type EventMeta } from '../kernel/event.js';
import type { MadeKey, Withheld } from '../keys/key-store.js';
import type { ProjectedEvent } from '../projections/projection.js';
import type { Pending } from './pending.js';

/** What a command came to, waiting for the commit that makes it true. */
export interface Decided {
  pending: Pending;
  status: number;
  body: string;
  etag: number | null;
  /** The command's last event, as its index in the stream's work; null where it had none. */
  lastEvent: number | null;
  contentType: string | undefined;
  /** Whether a request with the same key gets this answer again. */
  isKept: boolean;
}

export interface ClaimMoves {
  claim: Buffer;
  /** One of them counts on the name being the stream's own: it is compared, even if a later one gives the name up. */
  held: boolean;
  /** The last one gives it up. */
  released: boolean;
}

/**
 * Everything that one group does to one stream. The stream's commands stand or fall together: whatever drops one of
 * them drops the ones decided after it, which saw a state that then never was.
 */
export class StreamWork {
  version: number;
  state: object | null;
  stateText = '';
  madeKey: MadeKey | null = null;
  readonly events: EventRow[] = [];
  readonly projected: ProjectedEvent[] = [];
  readonly idempotency: IdempotencyRow[] = [];
  readonly claims: ClaimRow[] = [];
  /** Names that the stream gives up, or goes on having, in hex. */
  readonly moves = new Map<string, ClaimMoves>();
  readonly withheld: Withheld[] = [];
  readonly decided: Decided[] = [];

  constructor(
    readonly stream: string,
    readonly uuid: Buffer,
    readonly workspace: string,
    readonly workspaceUuid: Buffer,
    readonly type: string,
    readonly base: number,
    state: object | null,
  ) {
    this.version = base;
    this.state = state;
  }

  add(row: EventRow, meta: EventMeta, event: { type: string; data: unknown }): void {
    this.events.push(row);
    this.projected.push({ type: event.type, data: event.data, meta });
  }
}
