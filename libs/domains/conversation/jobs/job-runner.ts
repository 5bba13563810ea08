import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { QueryResultRow } from 'pg';
import { idempotencyKey, requestFingerprint } from '../../../platform/commands/idempotency.js';
import { toId } from '../../../platform/kernel/id.js';
import { Problem } from '../../../platform/kernel/problem.js';
import { loggedError } from '../../../platform/observability/logged-error.js';
import type { Caller } from '../../../platform/operations/caller.js';
import { isUnavailable } from '../../../platform/postgres/connection.js';
import { LeftAlone } from '../../../platform/runtime/left-alone.js';
import { portsOf, type ServicePorts } from '../../../platform/runtime/service-ports.js';
import { jobAggregate } from './job.aggregate.js';

interface RunningJob extends QueryResultRow {
  id: string;
  workspace: string;
  kind: string;
  body: string;
  actor_type: string;
  actor: string;
  /** The number of the first row without an outcome. */
  next: number;
}

const EVERY_MS = 1000;
/** Rows between two events of progress: enough to fill the append's groups; fewer while others send commands. */
const ROWS_ALONE = 100;
const ROWS_BESIDE_OTHERS = 25;
/** The oldest job of each workspace, but for those that are left alone. */
const NEXT_OF_EACH = `
  select distinct on (workspace) id from conversation.jobs
   where status = 'running' and id <> all ($1::uuid[]) order by workspace, id`;
const RUNNING = `select id, workspace, kind, body, actor_type, actor, done + failed as next
                   from conversation.jobs where status = 'running'`;
/** Who ends a job whose key was revoked. */
const RUNNER = { type: 'system', id: 'job_runner' };
const NEXT_ROWS = `
  select conversation from conversation.job_rows where job = $1 and n >= $2 order by n limit $3`;

/**
 * Does what jobs are about. Every process of the service looks, and each takes turns of some rows, one job of each workspace in a round: under a lock that goes
 * with its session, so that no two do the same work. What the lock cannot promise, the commands do: each row's has the
 * idempotency key of the job and its conversation, so a row that was done before a kill is not done again, and the decider
 * takes the outcome of a row once.
 */
@Injectable()
export class JobRunner implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly end = new AbortController();
  private running: Promise<void> = Promise.resolve();
  private woken = Promise.withResolvers<void>();
  /** Those that met what they should not. */
  private readonly leftAlone = new LeftAlone();

  constructor(@Inject(portsOf('conversation')) private readonly ports: ServicePorts) {}

  onApplicationBootstrap(): void {
    this.running = this.run();
  }

  async onModuleDestroy(): Promise<void> {
    this.end.abort();
    this.wake();
    await this.running;
  }

  /** There is a job that was not there before. */
  wake(): void {
    this.woken.resolve();
  }

  private async run(): Promise<void> {
    const { signal } = this.end;
    while (!signal.aborted) {
      const wasBusy = await this.takeTurns().catch(() => false);
      if (wasBusy) continue;
      await Promise.race([sleep(EVERY_MS, undefined, { signal }).catch(() => undefined), this.woken.promise]);
      this.woken = Promise.withResolvers<void>();
    }
  }

  /** Some rows of one job of each workspace; false where none of them went on. */
  private async takeTurns(): Promise<boolean> {
    const { rows } = await this.ports.installation.query<{ id: string }>({
      name: 'next_jobs',
      text: NEXT_OF_EACH,
      values: [this.leftAlone.ids()],
    });
    let wentOn = false;
    for (const { id } of rows) {
      if (this.end.signal.aborted) return false;
      try {
        wentOn = (await this.takeTurn(id)) || wentOn;
        this.leftAlone.forget(id);
      } catch (error) {
        // The others would meet the same.
        if (isUnavailable(error)) throw error;
        this.leaveAlone(id, error);
        wentOn = true;
      }
    }
    return wentOn;
  }

  private leaveAlone(id: string, error: unknown): void {
    const againInMs = this.leftAlone.leave(id);
    this.ports.log.warn({ job: toId('job', id), error: loggedError(error), againInMs }, 'a job cannot go on now');
  }

  private async takeTurn(id: string): Promise<boolean> {
    const { installation } = this.ports;
    const lock = `job ${id}`;
    const { rows } = await installation.query<{ held: boolean }>({
      name: 'take_job',
      text: 'select pg_try_advisory_lock(hashtextextended($1, 4851)) as held',
      values: [lock],
    });
    if (rows[0]?.held !== true) return false;
    try {
      return await this.doSome(id);
    } finally {
      await installation
        .query({
          name: 'leave_job',
          text: 'select pg_advisory_unlock(hashtextextended($1, 4851))',
          values: [lock],
        })
        // Gone with the session.
        .catch(() => undefined);
    }
  }

  private async doSome(id: string): Promise<boolean> {
    const { installation, shell } = this.ports;
    const found = await installation.query<RunningJob>({
      name: 'running_job',
      text: `${RUNNING} and id = $1`,
      values: [id],
    });
    const job = found.rows[0];
    if (job === undefined) return false;
    const stream = toId('job', job.id);
    const caller = callerOf(job, stream);
    if (job.actor_type === 'api_key' && this.ports.isRevoked(job.actor)) {
      await this.cancel(stream, { ...caller, actor: RUNNER });
      return true;
    }
    const most = shell.servesOthers ? ROWS_BESIDE_OTHERS : ROWS_ALONE;
    const { rows } = await installation.query<{ conversation: string }>({
      name: 'next_job_rows',
      text: NEXT_ROWS,
      values: [id, job.next, most],
    });
    const outcomes = await Promise.all(
      rows.map(({ conversation }) => this.outcomeOf(job, toId('conv', conversation), caller)),
    );
    const { status } = await shell.execute({
      aggregate: jobAggregate,
      caller,
      workspace: caller.workspace!,
      stream,
      command: { type: 'progress', first: job.next, outcomes },
      respond: () => ({ status: 200, body: {} }),
    });
    return status < 400;
  }

  /** Nobody answers for it any more. */
  private async cancel(stream: string, caller: Caller): Promise<void> {
    await this.ports.shell.execute({
      aggregate: jobAggregate,
      caller,
      workspace: caller.workspace!,
      stream,
      command: { type: 'cancel' },
      respond: () => ({ status: 200, body: {} }),
    });
  }

  /** An empty text, or the code of the problem. Throws where that says nothing of the row, which is tried again. */
  private async outcomeOf({ kind, body }: RunningJob, conversation: string, caller: Caller): Promise<string> {
    const key = idempotencyKey(caller.workspace!, 'JOB', caller.requestId, conversation);
    const idempotency = { key, fingerprint: requestFingerprint('', '', body) };
    try {
      const input = { params: { id: conversation }, body: JSON.parse(body) };
      await this.ports.invoker.invoke(kind, input, { ...caller, idempotency });
      return '';
    } catch (error) {
      if (isUnavailable(error)) throw error;
      const code = error instanceof Problem ? error.code : 'internal';
      if (code === 'request_in_flight') throw error;
      return code;
    }
  }
}

/** Who asked for the job; what is done is told to belong to it. */
function callerOf({ workspace, actor_type: type, actor }: RunningJob, job: string): Caller {
  return {
    workspace: toId('wsp', workspace),
    actor: { type, id: actor },
    scopes: new Set(['conversations:write']),
    idempotency: null,
    ifMatch: null,
    requestId: job,
    traceparent: null,
    bulk: true,
  };
}
