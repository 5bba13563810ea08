import type { Caller } from '../../../platform/operations/caller.js';
import type { ActivityInput, ActivityOutcome } from '../activity-input.js';

/** What became of a batch. */
export interface Recorded {
  outcomes: ActivityOutcome[];
  /** The place in the log that includes all that it recorded, as a public cursor; left out where that is nothing. */
  position?: string;
  /** Whether this is what an earlier request with the same key was told. */
  replayed: boolean;
}

/** One call of the recorder on its way: what is asked, and how often it lost against another process. */
export interface PendingBatch {
  workspace: string;
  /** The workspace's 16 bytes. */
  uuid: Buffer;
  caller: Caller;
  items: readonly ActivityInput[];
  /** As the store keeps them, in hex; null where none was sent. */
  idempotency: { key: string; fingerprint: string } | null;
  lost: number;
  resolve(recorded: Recorded): void;
  reject(error: unknown): void;
}
