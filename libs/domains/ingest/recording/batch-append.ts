import { awaitsKafka, problemOf } from '../../../platform/commands/command-problems.js';
import { answerAgain } from '../../../platform/commands/stored-answers.js';
import { type Conflict, conflictOf } from '../../../platform/event-store/append.js';
import { TAKE_APPEND_LOCK } from '../../../platform/event-store/append-lock.js';
import { encodeCursor } from '../../../platform/event-store/cursor.js';
import type { StoreIdentity } from '../../../platform/event-store/epoch.js';
import type { WorkspaceKey } from '../../../platform/keys/workspace-key.js';
import { loggedError } from '../../../platform/observability/logged-error.js';
import { isUnavailable, type SqlStatement } from '../../../platform/postgres/connection.js';
import type { WritePorts } from '../../../platform/runtime/service-ports.js';
import type { ActivityOutcome } from '../activity-input.js';
import type { AppendSession } from './append-session.js';
import { decideBatch } from './decide-batch.js';
import { decideGroup } from './decide-group.js';
import { type GroupStatePorts, readGroup, workspaceKeysOf } from './group-state.js';
import { GroupWork } from './group-work.js';
import { outcomesOf } from './kept-outcomes.js';
import { Known } from './known.js';
import type { PendingBatch, Recorded } from './pending-batch.js';

export interface BatchAppendPorts extends WritePorts, GroupStatePorts {}

/** A group that was decided, and what writes it. */
export interface PreparedGroup {
  group: GroupWork;
  statements: SqlStatement[];
}

/**
 * Takes a group of batches through its transaction, and each of them to an answer or back to the queue. Owns what is known,
 * and alone appends.
 *
 * A group is decided on what those before it will leave. Where one of these fails, the append refuses what was decided on
 * it. A group that meets a stale version, a key or a name that was taken meanwhile is refused whole, and done again.
 */
export class BatchAppend {
  private readonly known = new Known();
  private seen: StoreIdentity | null = null;

  constructor(
    private readonly ports: BatchAppendPorts,
    private readonly session: AppendSession,
    /** Puts batches that are to be done again before all others. */
    private readonly putFirst: (batches: readonly PendingBatch[]) => void,
  ) {}

  /** Reads what a group is decided on, and decides it; null where that failed, and each was answered or has gone alone. */
  async prepare(batches: readonly PendingBatch[]): Promise<PreparedGroup | null> {
    const group = new GroupWork();
    try {
      this.mustTakeChanges();
      const { known, ports } = this;
      const state = await readGroup(batches, known, ports.reads, ports);
      const later = decideGroup(batches, group, { ...ports, known, state, now: Date.now() });
      const statements = this.statementsOf(group);
      this.putFirst(later);
      return { group, statements };
    } catch (error) {
      this.known.takeBack(group);
      await this.oneByOne(batches, error);
      return null;
    }
  }

  /** Resolves when each of its batches is answered, or on its way to another group. */
  async carryOut({ group, statements }: PreparedGroup): Promise<void> {
    const batches = group.decided.map(({ batch }) => batch);
    let before: number;
    try {
      const [appended] = await this.session.transaction(statements);
      before = positionBefore(appended);
    } catch (error) {
      this.known.takeBack(group);
      const conflict = conflictOf(error);
      if (conflict === null && !isTakenMeanwhile(error)) return this.oneByOne(batches, error);
      this.ports.beside.conflicts++;
      return this.again(batches, conflict);
    }
    // Outside of the try: what fails after the commit must not be done again.
    this.settle(group, before);
  }

  /** A batch that kept losing, or goes alone: it is read and decided while the store's lock is held. */
  async runUnderLock(batch: PendingBatch): Promise<void> {
    const group = new GroupWork();
    try {
      this.mustTakeChanges();
      const before = await this.session.exclusively(async (query) => {
        await query({ text: 'begin' });
        await query({ text: TAKE_APPEND_LOCK });
        // What is in memory may be what is stale.
        const known = new Known();
        const state = await readGroup([batch], known, { query }, this.ports);
        decideBatch(batch, 0, group, { ...this.ports, known, state, now: Date.now() });
        const [appended] = await Promise.all(this.statementsOf(group).map((statement) => query(statement)));
        await query({ text: 'commit' });
        return positionBefore(appended);
      });
      this.known.forget(group);
      this.settle(group, before);
    } catch (error) {
      this.known.forget(group);
      const conflict = conflictOf(error);
      if (conflict?.epoch === true) await this.session.reidentify();
      if (conflict !== null && batch.idempotency !== null && conflict.keys.size > 0) {
        this.putFirst(await this.answerAgain([batch]));
      } else if (conflict !== null) this.putFirst([batch]);
      else await this.oneByOne([batch], error);
    }
  }

  /** What was in memory of another life of the store does not hold. Throws where the store awaits Kafka. */
  private mustTakeChanges(): void {
    const store = this.ports.store();
    if (store !== this.seen) {
      this.known.clear();
      this.seen = store;
    }
    if (store.awaitsKafka) throw awaitsKafka();
  }

  /** Nothing is written where all are duplicates or refused. */
  private statementsOf(group: GroupWork): SqlStatement[] {
    if (group.events.length === 0) return [];
    return group.statements(this.ports, this.ports.store().epochs.at(-1)?.epoch ?? null);
  }

  private settle(group: GroupWork, before: number): void {
    const store = this.ports.store();
    for (const made of group.madeKeys.values()) this.ports.keys.keep(made);
    this.known.release(group);
    for (const { batch, outcomes, lastEvent } of group.decided) {
      const position =
        lastEvent === null ? undefined : encodeCursor(store, { position: before + 1 + lastEvent }, batch.workspace);
      const answer = recorded(outcomes, position, false);
      if (lastEvent !== null || batch.idempotency === null) batch.resolve(answer);
      else void this.answerUnlessBefore(batch, answer);
    }
    const { beside } = this.ports;
    beside.groups++;
    beside.commands += group.decided.length;
    beside.events += group.events.length;
    if (group.events.length === 0) return;
    try {
      this.ports.appended(before, group.events);
    } catch (error) {
      this.ports.log.error({ error: loggedError(error) }, 'a reader could not be told of an append');
    }
  }

  /** Something else was appended meanwhile: what was answered before is answered again, all else is read and done again. */
  private async again(batches: readonly PendingBatch[], conflict: Conflict | null): Promise<void> {
    if (conflict?.epoch === true) await this.session.reidentify();
    const used = batches.filter(({ idempotency }) => idempotency !== null && conflict?.keys.has(idempotency.key));
    const unknown = await this.answerAgain(used);
    const rest = batches.filter((batch) => !used.includes(batch));
    const stale = new Set(conflict?.streams);
    const isConcerned = conflict === null || stale.size + conflict.claims.size > 0;
    for (const batch of [...rest, ...unknown]) if (isConcerned) batch.lost++;
    this.putFirst([...unknown, ...rest]);
  }

  /** A batch that records nothing is compared with no key in the append: what was answered under the key before is answered. */
  private async answerUnlessBefore(batch: PendingBatch, answer: Recorded): Promise<void> {
    const [unknown] = await this.answerAgain([batch]);
    unknown?.resolve(answer);
  }

  /** Answers those whose keys were used before; returns the ones of which nothing is kept. */
  private async answerAgain(batches: readonly PendingBatch[]): Promise<PendingBatch[]> {
    const { reads, keys, store } = this.ports;
    let workspaceKeys: ReadonlyMap<string, WorkspaceKey>;
    try {
      workspaceKeys = await workspaceKeysOf(batches, reads, keys);
    } catch (error) {
      for (const batch of batches) batch.reject(problemOf(error));
      return [];
    }
    return answerAgain(batches, reads, ({ workspace, idempotency }, { response, position }) => {
      const place = encodeCursor(store(), { position: Number(position) }, workspace);
      return recorded(outcomesOf(response, workspaceKeys.get(workspace)!, idempotency!.key), place, true);
    });
  }

  /** After an error that says nothing of a conflict: everyone hears that the store is away, or each batch goes alone. */
  private async oneByOne(batches: readonly PendingBatch[], error: unknown): Promise<void> {
    if (isUnavailable(error)) {
      for (const batch of batches) batch.reject(problemOf(error));
    } else if (batches.length === 1) {
      this.ports.log.error({ error: loggedError(error) }, 'a batch of activities failed');
      batches[0]!.reject(problemOf(error));
    } else {
      for (const batch of batches) await this.runUnderLock(batch);
    }
  }
}

/** The position before a group's first event, as its append says it; 0 where nothing was appended. */
function positionBefore(appended: { rows: unknown[] } | undefined): number {
  return Number((appended?.rows[0] as { before: number } | undefined)?.before ?? 0);
}

function recorded(outcomes: ActivityOutcome[], position: string | undefined, replayed: boolean): Recorded {
  if (position === undefined) return { outcomes, replayed };
  for (const outcome of outcomes) if (outcome.status === 'recorded') outcome.position = position;
  return { outcomes, position, replayed };
}

/** A person's key or a sender's id that another process wrote at the same moment. */
function isTakenMeanwhile(error: unknown): boolean {
  const { code, constraint } = error as { code?: string; constraint?: string };
  return code === '23505' && (constraint === 'data_keys_one_per_subject' || constraint === 'activity_ids_pkey');
}
