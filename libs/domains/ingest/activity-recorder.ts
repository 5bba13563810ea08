import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { awaitsKafka, problemOf } from '../../platform/commands/command-problems.js';
import { keyed } from '../../platform/commands/idempotency.js';
import { RequestsInFlight } from '../../platform/commands/requests-in-flight.js';
import { answerAgain } from '../../platform/commands/stored-answers.js';
import { type Conflict, conflictOf } from '../../platform/event-store/append.js';
import { TAKE_APPEND_LOCK } from '../../platform/event-store/append-lock.js';
import { encodeCursor } from '../../platform/event-store/cursor.js';
import type { StoreIdentity } from '../../platform/event-store/epoch.js';
import { idToBytes } from '../../platform/kernel/id.js';
import { Problem } from '../../platform/kernel/problem.js';
import type { KeyDatabase } from '../../platform/keys/key-database.js';
import { loggedError } from '../../platform/observability/logged-error.js';
import type { Caller } from '../../platform/operations/caller.js';
import { type Connection, isUnavailable, type SqlStatement, unavailable } from '../../platform/postgres/connection.js';
import { portsOf, type ServicePorts, type WritePorts } from '../../platform/runtime/service-ports.js';
import type { ActivityInput, ActivityOutcome } from './activity-input.js';
import { EventTypes } from './event-types/event-types.js';
import { decideBatch, waitsForAnother } from './recording/decide-batch.js';
import { GroupWork } from './recording/group-work.js';
import { outcomesOf } from './recording/kept-outcomes.js';
import { Known } from './recording/known.js';
import type { PendingBatch, Recorded } from './recording/pending-batch.js';
import { type ReadingPorts, readGroup } from './recording/reading.js';

type Query = Parameters<Parameters<Connection['exclusively']>[0]>[0];

/** About so many activities in one transaction, or one batch: everybody who writes waits while it runs. */
const GROUP_ITEMS = 500;
/** Where the data of a group has cost this much to check, about 0.2 s, other batches wait for the next one. */
const GROUP_CHECKING_STEPS = 2_000_000;
const GROUPS_UNDER_WAY = 2;
/** After so many lost races a batch is decided while the store's lock is held, and cannot lose. */
const LOSSES_BEFORE_LOCK = 2;
/** Activities that wait for their answer, in all and of one workspace. */
const MOST_WAITING = 50_000;
const MOST_WAITING_OF_ONE = 25_000;

/**
 * Records activities: what was told by a workspace's own systems, whatever way it came in. A batch is recorded in one
 * transaction, with others that come at the same time; each of its rows has its own outcome. No answer leaves before the
 * commit that makes it true.
 *
 * Two groups are under way: the second one is decided on what the first one will leave, and sent after it on the same
 * session. Where the first one fails, the append refuses what was decided on it. A group that meets a stale version, a
 * key or a name that was taken meanwhile is refused whole, read again, and done again.
 */
@Injectable()
export class ActivityRecorder implements OnModuleInit {
  private readonly ports: WritePorts;
  private readonly append: Connection;
  private readonly known = new Known();
  private queue: PendingBatch[] = [];
  private waiting = 0;
  private readonly waitingOf = new Map<string, number>();
  private underWay = 0;
  private isReading = false;
  /** Resolves when the group that was sent last has ended, whatever became of it. */
  private lastSent: Promise<void> = Promise.resolve();
  private seen: StoreIdentity | null = null;
  /** A conversation with the append's session, into which nothing else may be sent. */
  private exclusive: Promise<unknown> | null = null;
  private readonly inFlight = new RequestsInFlight<Recorded>();

  constructor(
    @Inject(portsOf('ingest')) { writing, openAppend }: ServicePorts,
    @Inject(EventTypes) private readonly eventTypes: EventTypes,
  ) {
    this.ports = writing;
    this.append = openAppend('record');
  }

  async onModuleInit(): Promise<void> {
    await this.append.ready();
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

  private get readingPorts(): ReadingPorts {
    return { ...this.ports, eventTypes: this.eventTypes };
  }

  private submit(workspace: string, caller: Caller, items: readonly ActivityInput[]): Promise<Recorded> {
    if (items.length === 0) return Promise.resolve({ outcomes: [], replayed: false });
    if ((this.waitingOf.get(workspace) ?? 0) + items.length > MOST_WAITING_OF_ONE) return Promise.reject(tooManyWait());
    if (this.waiting + items.length > MOST_WAITING) return Promise.reject(unavailable());
    this.wait(workspace, items.length);
    const idempotency = keyed(this.ports.secret(), caller.idempotency);
    const done = new Promise<Recorded>((resolve, reject) => {
      this.queue.push({ workspace, uuid: idToBytes(workspace), caller, items, idempotency, lost: 0, resolve, reject });
    });
    const answered = () => this.wait(workspace, -items.length);
    done.then(answered, answered);
    // What comes in the same turn of the loop goes together.
    setImmediate(() => this.go());
    return done;
  }

  private wait(workspace: string, count: number): void {
    this.waiting += count;
    const theirs = (this.waitingOf.get(workspace) ?? 0) + count;
    if (theirs === 0) this.waitingOf.delete(workspace);
    else this.waitingOf.set(workspace, theirs);
  }

  private go(): void {
    if (this.isReading || this.queue.length === 0) return;
    const contended = this.queue[0]!.lost >= LOSSES_BEFORE_LOCK;
    if (this.underWay >= (contended ? 1 : GROUPS_UNDER_WAY)) return;
    const batches = contended ? [this.queue.shift()!] : this.take();
    this.isReading = true;
    const run = contended ? this.runUnderLock(batches[0]!) : this.start(batches);
    run
      .catch((error) => {
        this.ports.log.error({ error: loggedError(error) }, 'a group of activities failed outside of its batches');
        for (const batch of batches) batch.reject(error);
      })
      .finally(() => {
        this.isReading = false;
        this.go();
      });
  }

  private take(): PendingBatch[] {
    let items = 0;
    let count = 0;
    for (const batch of this.queue) {
      if (count > 0 && (items + batch.items.length > GROUP_ITEMS || batch.lost >= LOSSES_BEFORE_LOCK)) break;
      items += batch.items.length;
      count++;
    }
    return this.queue.splice(0, count);
  }

  /** Resolves when the group is on its way, and the next one may be read. */
  private async start(batches: readonly PendingBatch[]): Promise<void> {
    let group: GroupWork;
    let statements: SqlStatement[];
    try {
      this.mustTakeChanges();
      const reading = await readGroup(batches, this.known, this.ports.reads, this.readingPorts);
      ({ group, statements } = this.decide(batches, reading));
    } catch (error) {
      return this.oneByOne(batches, error);
    }
    if (group.decided.length === 0) {
      // Each waits for an id that a group under way is about to record.
      await this.lastSent;
      return;
    }
    this.underWay++;
    this.lastSent = this.carryOut(group, statements).finally(() => {
      this.underWay--;
      this.go();
    });
  }

  private decide(batches: readonly PendingBatch[], reading: Awaited<ReturnType<typeof readGroup>>) {
    const group = new GroupWork();
    const deciding = { ...this.ports, known: this.known, reading, now: Date.now() };
    let first = 0;
    try {
      const later: PendingBatch[] = [];
      for (const batch of batches) {
        const isDear = group.checkingSteps > GROUP_CHECKING_STEPS;
        if (isDear || waitsForAnother(batch, first, group, deciding)) later.push(batch);
        else decideBatch(batch, first, group, deciding);
        first += batch.items.length;
      }
      const epoch = this.ports.store().epochs.at(-1)?.epoch ?? null;
      const statements = group.statements(this.ports, epoch);
      this.queue.unshift(...later);
      return { group, statements };
    } catch (error) {
      this.takeBack(group);
      throw error;
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

  private async carryOut(group: GroupWork, statements: readonly SqlStatement[]): Promise<void> {
    const batches = group.decided.map(({ batch }) => batch);
    let before: number;
    try {
      while (this.exclusive !== null) await this.exclusive.catch(() => undefined);
      // Nothing is written where all are duplicates or refused.
      const [appended] = group.events.length === 0 ? [] : await this.append.transaction(statements);
      before = Number((appended?.rows[0] as { before: number } | undefined)?.before ?? 0);
    } catch (error) {
      this.takeBack(group);
      const conflict = conflictOf(error);
      if (conflict === null && !isTakenMeanwhile(error)) return this.oneByOne(batches, error);
      this.ports.beside.conflicts++;
      return this.again(batches, conflict);
    }
    // Outside of the try: what fails after the commit must not be done again.
    this.settle(group, before);
  }

  private settle(group: GroupWork, before: number): void {
    const store = this.ports.store();
    for (const [owner, made] of group.madeKeys) {
      this.ports.keys.keep(made);
      this.known.madeKeys.delete(owner);
    }
    this.release(group);
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

  /** What a group that failed had made of what is known. */
  private takeBack(group: GroupWork): void {
    this.forget(group);
    for (const { name } of group.claims) this.known.names.delete(name);
    for (const owner of group.madeKeys.keys()) this.known.madeKeys.delete(owner);
    this.release(group);
  }

  /** The ids that it took are the store's to know from here on. */
  private release(group: GroupWork): void {
    for (const id of group.ids) if (this.known.ids.get(id)?.group === group) this.known.ids.delete(id);
  }

  /** Something else was appended meanwhile: what was answered before is answered again, all else is read and done again. */
  private async again(batches: readonly PendingBatch[], conflict: Conflict | null): Promise<void> {
    if (conflict?.epoch === true) await this.reidentify();
    const used = batches.filter(({ idempotency }) => idempotency !== null && conflict?.keys.has(idempotency.key));
    const unknown = await this.answerAgain(used);
    const rest = batches.filter((batch) => !used.includes(batch));
    const stale = new Set(conflict?.streams);
    const isConcerned = conflict === null || stale.size + conflict.claims.size > 0;
    for (const batch of [...rest, ...unknown]) if (isConcerned) batch.lost++;
    this.queue.unshift(...unknown, ...rest);
  }

  /** A batch that records nothing is compared with no key in the append: what was answered under the key before is answered. */
  private async answerUnlessBefore(batch: PendingBatch, answer: Recorded): Promise<void> {
    const [unknown] = await this.answerAgain([batch]);
    unknown?.resolve(answer);
  }

  /** Answers those whose keys were used before; returns the ones of which nothing is kept. */
  private answerAgain(batches: readonly PendingBatch[]): Promise<PendingBatch[]> {
    return answerAgain(batches, this.ports.reads, ({ workspace }, { response, position }) => {
      const place = encodeCursor(this.ports.store(), { position: Number(position) }, workspace);
      return recorded(outcomesOf(response), place, true);
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

  /** A batch that kept losing, or goes alone: it is read and decided while the store's lock is held. */
  private async runUnderLock(batch: PendingBatch): Promise<void> {
    let group: GroupWork | null = null;
    try {
      this.mustTakeChanges();
      const work = async (query: Query) => {
        await query({ text: 'begin' });
        const db: KeyDatabase = { query };
        await query({ text: TAKE_APPEND_LOCK });
        // What is in memory may be what is stale.
        const fresh = new Known();
        const reading = await readGroup([batch], fresh, db, this.readingPorts);
        group = new GroupWork();
        decideBatch(batch, 0, group, { ...this.ports, known: fresh, reading, now: Date.now() });
        const epoch = this.ports.store().epochs.at(-1)?.epoch ?? null;
        const statements = group.events.length === 0 ? [] : group.statements(this.ports, epoch);
        const [appended] = await Promise.all(statements.map((statement) => query(statement)));
        await query({ text: 'commit' });
        return Number((appended?.rows[0] as { before: number } | undefined)?.before ?? 0);
      };
      const before = await this.alone(() => this.append.exclusively(work));
      this.forget(group!);
      this.settle(group!, before);
    } catch (error) {
      if (group !== null) this.forget(group);
      const conflict = conflictOf(error);
      if (conflict?.epoch === true) await this.reidentify();
      if (conflict !== null && batch.idempotency !== null && conflict.keys.size > 0) {
        this.queue.unshift(...(await this.answerAgain([batch])));
      } else if (conflict !== null) this.queue.unshift(batch);
      else await this.oneByOne([batch], error);
    }
  }

  private reidentify(): Promise<void> {
    return this.alone(() => this.ports.reidentify(this.append)).catch(() => undefined);
  }

  /** What was sent before is answered before; what comes meanwhile is sent after. */
  private async alone<Result>(work: () => Promise<Result>): Promise<Result> {
    while (this.exclusive !== null) await this.exclusive.catch(() => undefined);
    const running = work();
    this.exclusive = running;
    try {
      return await running;
    } finally {
      this.exclusive = null;
    }
  }

  /** What was decided on other knowledge than this process's. */
  private forget(group: GroupWork): void {
    for (const [subject, { head }] of group.touched) {
      head.isStale = true;
      const known = this.known.heads.get(subject);
      if (known !== undefined) known.isStale = true;
      this.known.heads.delete(subject);
    }
  }
}

function recorded(outcomes: ActivityOutcome[], position: string | undefined, replayed: boolean): Recorded {
  if (position === undefined) return { outcomes, replayed };
  for (const outcome of outcomes) if (outcome.status === 'recorded') outcome.position = position;
  return { outcomes, position, replayed };
}

function tooManyWait(): Problem {
  const detail = `This workspace has ${MOST_WAITING_OF_ONE} activities under way in this process. Send fewer beside each other.`;
  return new Problem('rate_limited', detail, { retryAfter: 1 });
}

/** A person's key or a sender's id that another process wrote at the same moment. */
function isTakenMeanwhile(error: unknown): boolean {
  const { code, constraint } = error as { code?: string; constraint?: string };
  return code === '23505' && (constraint === 'data_keys_one_per_subject' || constraint === 'activity_ids_pkey');
}
