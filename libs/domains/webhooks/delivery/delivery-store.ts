import type { Change, Due, Lease, Load, Message, Retry } from './due.js';
import type { Backlog } from './endpoint-line.js';
import type { WaitingLane } from './lanes.js';

/** What was tried, and what came of it. */
export interface Attempt<Answer> {
  endpoint: string;
  lease: Lease;
  due: Due;
  message: Message;
  /** Its number, from 1. */
  number: number;
  answer: Answer;
}

/** The tables, for whoever holds the leases of the endpoints' shards. Each rejects where the store is away. */
export interface DeliveryStore<Answer> {
  backlog(endpoint: string): Promise<Backlog>;
  fresh(endpoint: string, load: Extract<Load, { kind: 'fresh' }>): Promise<Due[]>;
  retries(endpoint: string, load: Extract<Load, { kind: 'retries' }>): Promise<Retry[]>;
  lane(endpoint: string, load: Extract<Load, { kind: 'lane' }>): Promise<Due[]>;
  waitingLanes(endpoint: string): Promise<WaitingLane[]>;
  /** Gives each its message; one that cannot be made now is left without. */
  readMessages(dues: readonly Due[]): Promise<void>;
  /** All of it, or nothing. Throws `LeaseLost` where one of the leases is good no more. */
  commit(changes: readonly Change[], attempts: readonly Attempt<Answer>[]): Promise<void>;
}

/** The shards of some endpoints have changed hands since these leases. */
export class LeaseLost extends Error {
  constructor(readonly leases: readonly Lease[]) {
    super(`${leases.length} leases are good no more.`);
  }
}
