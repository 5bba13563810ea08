import { Breaker } from './breaker.js';
import { type Due, type Effects, LIVE, type Load, type Outcome, type Retry } from './due.js';
import { FreshQueue } from './fresh-queue.js';
import { Lanes, type WaitingLane } from './lanes.js';
import { Pace } from './pace.js';
import { RetryQueue } from './retry-queue.js';
import { waitAfter } from './schedule.js';

/** How an endpoint is to be sent to. */
export interface LineOptions {
  /** Whether it is sent to at all. */
  enabled: boolean;
  ordered: boolean;
  /** Attempts at a time. */
  concurrency: number;
  /** Attempts a second; null is no bound. */
  rate: number | null;
  /** Seconds before each further attempt. */
  schedule: readonly number[];
}

/** What the tables have of an endpoint when its line begins. */
export interface Backlog {
  /** Runs that have rows in `fresh`. */
  runs: readonly number[];
  hasRetries: boolean;
  /** Where it asks for order. */
  lanes: readonly WaitingLane[];
}

const NOT_MADE_AGAIN_MS = 5000;

/**
 * What an endpoint is yet to have, and when it may have it: a state machine without a clock, a network or a store of its own.
 * Whoever runs it asks for the `next` message that may be attempted, says how that `ended`, makes the `effects` durable, says so
 * by `settled`, and reads what it wants of the tables. Times are on a clock that never goes back, in ms.
 */
export class EndpointLine {
  private readonly breaker = new Breaker();
  private readonly pace: Pace;
  private readonly retries: RetryQueue;
  private readonly lanes: Lanes | null;
  private readonly fresh = new Map<number, FreshQueue>();
  /** Runs of which nothing is left to attempt: what they have given away is not to be read again. */
  private readonly resting = new Map<number, FreshQueue>();
  private prefersFresh = false;

  constructor(
    private options: LineOptions,
    backlog: Backlog,
    private readonly random: () => number,
  ) {
    this.pace = new Pace(options.concurrency, options.rate);
    this.retries = new RetryQueue(backlog.hasRetries);
    this.lanes = options.ordered ? new Lanes(backlog.lanes) : null;
    for (const run of backlog.runs) this.fresh.set(run, new FreshQueue(run, true));
  }

  /** Whether it asks for order stays as it is. */
  configure(options: LineOptions): void {
    this.options = options;
    this.pace.configure(options.concurrency, options.rate);
  }

  /** Rows of `fresh` that were just added, the next ones of their run; at most `most` are kept in memory. */
  offer(run: number, rows: readonly Due[], most: number): void {
    this.queueOf(run, false).offer(rows, most);
  }

  /** There may be rows that were not offered: fresh ones of a run. */
  hintFresh(run: number): void {
    this.queueOf(run, true).hint();
  }

  /** The lanes that wait for somebody; to be read again, and told by `reread`, where somebody may have done something. */
  parkedLanes(): readonly WaitingLane[] {
    return this.lanes?.parked() ?? [];
  }

  reread(asked: readonly WaitingLane[], now: readonly WaitingLane[]): void {
    this.lanes?.reread(asked, now);
    this.retries.hint();
  }

  /** The message to attempt now; null for none. Effects are for those that are passed over for their lane. */
  next(now: number, effects: Pick<Effects, 'behind'>): Due | null {
    if (!this.options.enabled || !this.breaker.allows(now) || this.pace.allowsAt(now) !== 0) return null;
    const due = this.choose(now, effects);
    if (due === null) return null;
    this.breaker.attempted();
    this.pace.attempted();
    due.attempts++;
    return due;
  }

  /**
   * When to ask for the next one again, where no attempt ends and nothing comes before: a time, or null for never.
   */
  wakeAt(now: number): number | null {
    if (!this.options.enabled) return null;
    const [breaker, pace] = [this.breaker.allowsAt(), this.pace.allowsAt(now)];
    if (breaker === null || pace === null) return null;
    const isReady = this.lanes?.hasReady === true || (this.mayBegin && this.firstFresh() !== null);
    const work = isReady ? 0 : this.retries.nextAt();
    return work === null ? null : Math.max(breaker, pace, work, now);
  }

  ended(due: Due, outcome: Outcome, now: number, effects: Effects): void {
    this.pace.ended(outcome.taken || outcome.answered);
    if (outcome.taken) {
      this.breaker.succeeded();
      due.isTaken = true;
      effects.done(due);
      return;
    }
    this.breaker.failed(now, this.random);
    const { retryAfterMs, overloaded } = outcome;
    if (overloaded && retryAfterMs !== null) this.pace.pause(now + retryAfterMs);
    const wait = waitAfter(this.options.schedule, due.attempts, retryAfterMs, this.random);
    const { lanes } = this;
    if (wait !== null) {
      effects.retry(due, wait);
      this.retries.add(due, now + wait);
      lanes?.failed(due, 'blocked', (next) => effects.behind(next));
      return;
    }
    // Whoever has it attempted again does so by its row.
    this.retries.forget(due);
    if (lanes === null) {
      effects.giveUp(due);
    } else {
      effects.park(due);
      lanes.failed(due, 'parked', (next) => effects.behind(next));
    }
  }

  /** It could not be made now, for a reason that is not the endpoint's: it comes again soon, and has lost no attempt by it. */
  notMade(due: Due, now: number, effects: Effects): void {
    this.pace.unused();
    this.breaker.unused();
    due.attempts--;
    effects.retry(due, NOT_MADE_AGAIN_MS);
    this.retries.add(due, now + NOT_MADE_AGAIN_MS);
    this.lanes?.failed(due, 'blocked', (next) => effects.behind(next));
  }

  /** Nobody is to have it any more: it goes without an attempt, and says nothing of the endpoint. */
  takenBack(due: Due, effects: Pick<Effects, 'done'>): void {
    this.pace.unused();
    this.breaker.unused();
    due.isTaken = true;
    effects.done(due);
  }

  /** Its row is gone for good. */
  settled(due: Due): void {
    this.retries.forget(due);
    this.lanes?.taken(due);
  }

  /** What to read next; to be answered by `loaded` or `failedToLoad`. */
  load(now: number): Load | null {
    if (!this.options.enabled) return null;
    const retries = this.retries.load();
    if (retries !== null) return { kind: 'retries', ...retries };
    const lane = this.lanes?.load() ?? null;
    if (lane !== null) return { kind: 'lane', ...lane };
    for (const queue of this.fresh.values()) {
      const page = this.mayBegin ? queue.load(now) : null;
      if (page !== null) return { kind: 'fresh', run: queue.run, ...page };
    }
    return null;
  }

  loadedRetries(rows: readonly Retry[], isAll: boolean): void {
    this.retries.loaded(rows, isAll);
  }

  loadedFresh(run: number, rows: readonly Due[], isAll: boolean): void {
    const queue = this.fresh.get(run)!;
    queue.loaded(rows, isAll);
    this.restIfDrained(queue);
  }

  loadedLane(asked: { run: number; lane: string }, rows: readonly Due[], isAll: boolean): void {
    this.lanes?.loaded(asked, rows, isAll);
  }

  failedToLoad(load: Load): void {
    if (load.kind === 'retries') this.retries.failed();
    else if (load.kind === 'lane') this.lanes?.failedToLoad(load);
    else this.fresh.get(load.run)?.failed();
  }

  /** How many attempts are under way. */
  get underWay(): number {
    return this.pace.underWay;
  }

  /** Rows that are in memory and may be attempted as they come. */
  get freshInMemory(): number {
    let length = 0;
    for (const queue of this.fresh.values()) length += queue.length;
    return length;
  }

  /** Whether the endpoint is sent to at all and takes what it is sent. */
  get isMoving(): boolean {
    return this.options.enabled && !this.breaker.isOpen;
  }

  private get mayBegin(): boolean {
    return this.lanes?.hasRoom !== false;
  }

  /** Retries and what is fresh take turns: neither waits for the other to end. */
  private choose(now: number, effects: Pick<Effects, 'behind'>): Due | null {
    this.prefersFresh = !this.prefersFresh;
    if (this.prefersFresh) return this.chooseFresh(effects) ?? this.chooseRetry(now);
    return this.chooseRetry(now) ?? this.chooseFresh(effects);
  }

  private chooseRetry(now: number): Due | null {
    const due = this.retries.take(now);
    if (due !== null) this.lanes?.retried(due);
    return due;
  }

  private chooseFresh(effects: Pick<Effects, 'behind'>): Due | null {
    const { lanes } = this;
    if (lanes === null) {
      const queue = this.firstFresh();
      return queue === null ? null : this.shift(queue);
    }
    const ready = lanes.takeReady();
    if (ready !== null) return ready;
    for (let queue = this.firstFresh(); this.mayBegin && queue !== null; queue = this.firstFresh()) {
      const due = this.shift(queue);
      if (lanes.admit(due, (passed) => effects.behind(passed))) return due;
    }
    return null;
  }

  private shift(queue: FreshQueue): Due {
    // Runs take turns.
    if (this.fresh.size > 1) {
      this.fresh.delete(queue.run);
      this.fresh.set(queue.run, queue);
    }
    const due = queue.shift();
    this.restIfDrained(queue);
    return due;
  }

  private restIfDrained(queue: FreshQueue): void {
    if (queue.run === LIVE || !queue.isDrained) return;
    this.fresh.delete(queue.run);
    this.resting.set(queue.run, queue);
  }

  private firstFresh(): FreshQueue | null {
    for (const queue of this.fresh.values()) if (queue.length > 0) return queue;
    return null;
  }

  private queueOf(run: number, hasMore: boolean): FreshQueue {
    const known = this.fresh.get(run);
    if (known !== undefined) return known;
    const queue = this.resting.get(run) ?? new FreshQueue(run, hasMore);
    this.resting.delete(run);
    this.fresh.set(run, queue);
    return queue;
  }
}
