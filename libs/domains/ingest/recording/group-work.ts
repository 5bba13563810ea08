import type { EventCodec } from '../../../platform/event-codec/event-codec.js';
import {
  appendStatement,
  type ClaimRow,
  type EventRow,
  type IdempotencyRow,
} from '../../../platform/event-store/append.js';
import { idToBytes } from '../../../platform/kernel/id.js';
import type { KeyStore, MadeKey } from '../../../platform/keys/key-store.js';
import type { SqlStatement } from '../../../platform/postgres/connection.js';
import type { ProjectedEvent, Projection } from '../../../platform/projections/projection.js';
import type { ActivityOutcome } from '../activity-input.js';
import type { ActivityHead } from './known.js';
import type { PendingBatch } from './pending-batch.js';

export interface DecidingPorts {
  service: string;
  codec: EventCodec;
  keys: KeyStore;
  inline: readonly Projection[];
}

/** What one batch came to, waiting for the commit that makes it true. */
export interface DecidedBatch {
  batch: PendingBatch;
  outcomes: ActivityOutcome[];
  /** The index of its last event in the group; null where it recorded none. */
  lastEvent: number | null;
}

/** Everything that one transaction writes. */
export class GroupWork {
  readonly decided: DecidedBatch[] = [];
  readonly events: EventRow[] = [];
  readonly projected: ProjectedEvent[] = [];
  readonly claims: (ClaimRow & { name: string })[] = [];
  readonly idempotency: IdempotencyRow[] = [];
  readonly madeKeys = new Map<string, MadeKey>();
  /** The streams that it appends to, with the versions that it found, by their subjects. */
  readonly touched = new Map<string, { head: ActivityHead; base: number }>();
  /** The deduplication keys that it takes, in hex. */
  readonly ids: string[] = [];
  /** What its data has cost to check. */
  checkingSteps = 0;
  /** Of its events. */
  bytes = 0;

  /** The append first, which may refuse it all. `epoch` is the store's life that it was decided in. */
  statements({ service, keys, inline }: DecidingPorts, epoch: number | null): SqlStatement[] {
    const append = appendStatement({
      streams: [...this.touched.values()].map(({ head, base }) => ({
        stream: head.uuid,
        workspace: idToBytes(head.workspace),
        type: 'activity',
        base,
        version: head.version,
        state: JSON.stringify({ customer: head.customer }),
      })),
      events: this.events,
      idempotency: this.idempotency,
      claims: this.claims,
      epoch,
    });
    const statements = [append];
    if (this.madeKeys.size > 0) statements.push(keys.insertRows([...this.madeKeys.values()].map(({ row }) => row)));
    if (this.projected.length === 0) return statements;
    for (const projection of inline) {
      const wanted = this.projected.filter(({ type }) => projection.types.includes(type));
      if (wanted.length > 0) statements.push(...projection.project(wanted, (name) => `${service}.${name}`));
    }
    return statements;
  }
}
