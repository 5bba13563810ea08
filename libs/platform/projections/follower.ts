import type { ProjectionStatus } from './projection-runner.js';
import type { RedriveOutcome } from './redrive.js';

/** What keeps the followed projections of one service, whatever the log is kept in. */
export interface Follower {
  /** Begins to follow; what is away is waited for. */
  start(): void;
  /** State, place, lag and dead letters of each projection, from memory: for metrics and readiness. */
  status(): ProjectionStatus[];
  /** True once a projection's rows hold everything up to a position of the store; false when that took longer. */
  waitFor(projection: string, position: number, timeoutMs: number): Promise<boolean>;
  /** Applies what was set aside: all of a projection's dead letters, or the one at a position. */
  redrive(projection: string, position?: number): Promise<RedriveOutcome>;
  close(): Promise<void>;
}
