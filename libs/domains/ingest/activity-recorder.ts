import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { keyed } from '../../platform/commands/idempotency.js';
import { RequestsInFlight } from '../../platform/commands/requests-in-flight.js';
import { idToBytes } from '../../platform/kernel/id.js';
import { Problem } from '../../platform/kernel/problem.js';
import type { Caller } from '../../platform/operations/caller.js';
import { unavailable } from '../../platform/postgres/connection.js';
import { portsOf, type ServicePorts, type WritePorts } from '../../platform/runtime/service-ports.js';
import type { ActivityInput, ActivityOutcome } from './activity-input.js';
import { EventTypes } from './event-types/event-types.js';
import { AppendSession } from './recording/append-session.js';
import { BatchAppend } from './recording/batch-append.js';
import { BatchQueue } from './recording/batch-queue.js';
import type { Recorded } from './recording/pending-batch.js';

/** Activities that wait for their answer, in all and of one workspace. */
const MOST_WAITING = 50_000;
const MOST_WAITING_OF_ONE = 25_000;

/**
 * Records activities: what was told by a workspace's own systems, whatever way it came in. A batch is recorded in one
 * transaction (`BatchAppend`), with others that come at the same time (`BatchQueue`); each of its rows has its own outcome.
 * No answer leaves before the commit that makes it true.
 *
 * This file is where batches come in. It owns those that are not answered yet: how many activities there are of each
 * workspace, and which idempotency keys they hold.
 */
@Injectable()
export class ActivityRecorder implements OnModuleInit {
  private readonly ports: WritePorts;
  private readonly session: AppendSession;
  private readonly queue: BatchQueue;
  private readonly inFlight = new RequestsInFlight<Recorded>();
  private waiting = 0;
  private readonly waitingOf = new Map<string, number>();

  constructor(
    @Inject(portsOf('ingest')) { writing, openAppend }: ServicePorts,
    @Inject(EventTypes) eventTypes: EventTypes,
  ) {
    this.ports = writing;
    this.session = new AppendSession(openAppend('record'), writing.reidentify);
    const append = new BatchAppend({ ...writing, eventTypes }, this.session, (batches) => this.queue.putFirst(batches));
    this.queue = new BatchQueue(append, writing.log);
  }

  async onModuleInit(): Promise<void> {
    await this.session.ready();
  }

  /**
   * Records the activities, each once: the outcomes are in their order. With an idempotency key of the caller's all of them
   * are known again, those too that have no id. Throws `Problem`: `idempotency_key_reused`, `request_in_flight`,
   * `rate_limited` where too many of the workspace's wait, and `unavailable`, also while the store awaits Kafka: then nobody knows whether they were recorded.
   */
  async record(workspace: string, caller: Caller, items: readonly ActivityInput[]): Promise<ActivityOutcome[]> {
    return (await this.recordOnce(workspace, caller, items)).outcomes;
  }

  /** As `record`, with what is told of the answer as a whole. */
  recordOnce(workspace: string, caller: Caller, items: readonly ActivityInput[]): Promise<Recorded> {
    return this.inFlight.once(caller.idempotency, () => this.submit(workspace, caller, items));
  }

  private submit(workspace: string, caller: Caller, items: readonly ActivityInput[]): Promise<Recorded> {
    if (items.length === 0) return Promise.resolve({ outcomes: [], replayed: false });
    if ((this.waitingOf.get(workspace) ?? 0) + items.length > MOST_WAITING_OF_ONE) return Promise.reject(tooManyWait());
    if (this.waiting + items.length > MOST_WAITING) return Promise.reject(unavailable());
    this.wait(workspace, items.length);
    const idempotency = keyed(this.ports.secret(), caller.idempotency);
    const done = new Promise<Recorded>((resolve, reject) => {
      const uuid = idToBytes(workspace);
      this.queue.enqueue({ workspace, uuid, caller, items, idempotency, lost: 0, resolve, reject });
    });
    const answered = () => this.wait(workspace, -items.length);
    done.then(answered, answered);
    return done;
  }

  private wait(workspace: string, count: number): void {
    this.waiting += count;
    const theirs = (this.waitingOf.get(workspace) ?? 0) + count;
    if (theirs === 0) this.waitingOf.delete(workspace);
    else this.waitingOf.set(workspace, theirs);
  }
}

function tooManyWait(): Problem {
  const detail = `This workspace has ${MOST_WAITING_OF_ONE} activities under way in this process. Send fewer beside each other.`;
  return new Problem('rate_limited', detail, { retryAfter: 1 });
}
