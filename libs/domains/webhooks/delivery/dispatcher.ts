import type { DeliveryStore } from './delivery-store.js';
import { type Change, type Due, type Effects, type Lease, LIVE, type Load, type Message, type Outcome } from './due.js';
import { type Backlog, EndpointLine, type LineOptions } from './endpoint-line.js';
import type { Clock } from './real-clock.js';
import { ResultWriter } from './result-writer.js';

export interface Sent<Answer> {
  answer: Answer;
  outcome: Outcome;
}

export interface DispatcherPorts<Answer> {
  store: DeliveryStore<Answer>;
  /**
   * Whether the leases can be another's by now: false for as long as they certainly are not. A process that was stopped goes on with
   * what it has in memory before it finds out.
   */
  mayBeLate(): boolean;
  /**
   * Signs a message for an endpoint and posts it. It is not posted, and no attempt, where it was taken back, or cannot be sent now; to be
   * looked at last is `isStill`: whether it is this process's to send. Never rejects.
   */
  send(
    endpoint: string,
    due: Due,
    message: Message,
    isStill: () => boolean,
  ): Promise<Sent<Answer> | 'taken_back' | 'not_now'>;
  clock: Clock;
  /** 0 to 1. */
  random(): number;
  /** The store cannot be written to, or read. */
  onTrouble(error: unknown): void;
}

/**
 * Attempts under way at a time, of all endpoints. Each may have as many as are left for the others, at most: so however many are slow,
 * one that has none under way finds room (Choudhury and Hahne, Dynamic Queue Length Thresholds, 1998).
 */
const MOST_UNDER_WAY = 2048;
const TRY_AGAIN_MS = 200;
/** By then every exchange is over. */
const FINISHES_WITHIN_MS = 20_000;
/** Rows an endpoint may have in memory of what was just added. */
const MOST_OFFERED = 6000;
/** A message that waited for so long is read again: whoever it names may have been erased since. */
const READ_AGAIN_AFTER_MS = 5000;

interface Running {
  endpoint: string;
  lease: Lease;
  line: EndpointLine;
  effects: Effects;
  /** Set while it waits for a time. */
  stopClock: (() => void) | null;
  /** Nothing more is sent, and what is under way may end. */
  isFinishing: boolean;
  isOver: boolean;
}

/**
 * Runs the lines of the endpoints whose leases this process holds: sends what they say is next, has written what became of it,
 * and reads on where they want more. A result that was not written is as if it had never come: the message is attempted again by
 * whoever holds the lease then, under the same id.
 */
export class Dispatcher<Answer> {
  private readonly results: ResultWriter<Answer>;
  private readonly running = new Map<string, Running>();
  private readonly beginning = new Map<string, { isOver: boolean; hints: Set<number>; isHinted: boolean }>();
  /** Those that have something to send, and wait for others to end. */
  private readonly hungry = new Set<Running>();
  private underWay = 0;
  private unread: { running: Running; due: Due }[] = [];
  private closed = false;

  constructor(private readonly ports: DispatcherPorts<Answer>) {
    this.results = new ResultWriter({
      store: ports.store,
      clock: ports.clock,
      settled: (changes) => this.settled(changes),
      lost: (lease) => this.lost(lease),
      onTrouble: (error) => ports.onTrouble(error),
      pause: () => this.pause(),
    });
  }

  /** Begins to deliver to an endpoint, under a lease that is held from now on. */
  async begin(lease: Lease, options: () => LineOptions): Promise<void> {
    const { endpoint } = lease;
    if (this.running.has(endpoint) || this.beginning.has(endpoint)) return;
    const begun = { isOver: false, hints: new Set<number>(), isHinted: false };
    this.beginning.set(endpoint, begun);
    for (let backlog: Backlog | null = null; backlog === null && !begun.isOver && !this.closed; ) {
      // What was decided of it before may not be in the tables yet.
      await this.results.written();
      backlog = await this.ports.store.backlog(endpoint).catch((error: unknown) => this.trouble(error));
      if (backlog === null) await this.pause();
      else if (!begun.isOver) this.run(lease, new EndpointLine(options(), backlog, this.ports.random), begun.hints);
    }
    if (this.beginning.get(endpoint) === begun) this.beginning.delete(endpoint);
    // What was read of its lanes may be older than that.
    if (begun.isHinted) await this.hintWaiting(endpoint);
  }

  /** Its lease is held no more: nothing more is sent, and what is under way is not written. */
  end(endpoint: string): void {
    const begun = this.beginning.get(endpoint);
    if (begun !== undefined) begun.isOver = true;
    this.beginning.delete(endpoint);
    const running = this.running.get(endpoint);
    if (running === undefined) return;
    this.running.delete(endpoint);
    this.stop(running);
    this.results.forget(endpoint);
  }

  /** Its lease is about to be another's: resolves when what was under way has ended and is written. */
  async finish(endpoint: string): Promise<void> {
    const running = this.running.get(endpoint);
    if (running !== undefined) {
      running.isFinishing = true;
      const late = this.ports.clock.now() + FINISHES_WITHIN_MS;
      while (running.line.underWay > 0 && !running.isOver && this.ports.clock.now() < late) await this.pause();
      await this.results.written();
      // It was lost meanwhile, and may be held anew.
      if (running.isOver) return;
    }
    this.end(endpoint);
  }

  configure(endpoint: string, options: LineOptions): void {
    const running = this.running.get(endpoint);
    if (running === undefined) return;
    running.line.configure(options);
    this.pump(running);
  }

  /** Rows that were just added to `fresh`: all of the run that were added since the last offer or hint, in their order. */
  offer(endpoint: string, run: number, dues: readonly Due[]): void {
    this.beginning.get(endpoint)?.hints.add(run);
    const running = this.running.get(endpoint);
    if (running === undefined) return;
    running.line.offer(run, dues, MOST_OFFERED);
    this.pump(running);
  }

  /** Another process may have added rows of a run, of whatever endpoints. */
  hintAll(run: number): void {
    for (const endpoint of [...this.running.keys(), ...this.beginning.keys()]) this.hintFresh(endpoint, run);
  }

  /** What others told of may have gone unheard: of every endpoint all is looked at again, one after the other. */
  async rereadAll(): Promise<void> {
    this.hintAll(LIVE);
    for (const endpoint of [...this.running.keys(), ...this.beginning.keys()]) {
      await this.hintWaiting(endpoint);
      await this.rereadRuns(endpoint);
    }
  }

  /** Another process may have added rows to `fresh`. */
  hintFresh(endpoint: string, run: number): void {
    this.beginning.get(endpoint)?.hints.add(run);
    const running = this.running.get(endpoint);
    if (running === undefined) return;
    running.line.hintFresh(run);
    this.pump(running);
  }

  /** Somebody may have resumed a lane, or skipped what it waited for. */
  async hintWaiting(endpoint: string): Promise<void> {
    const begun = this.beginning.get(endpoint);
    if (begun !== undefined) begun.isHinted = true;
    const running = this.running.get(endpoint);
    if (running === undefined) return;
    const asked = running.line.parkedLanes();
    while (!running.isOver) {
      await this.results.written();
      const now = await this.ports.store.waitingLanes(endpoint).catch((error: unknown) => this.trouble(error));
      if (now === null) await this.pause();
      else {
        running.line.reread(asked, now);
        this.pump(running);
        return;
      }
    }
  }

  private async rereadRuns(endpoint: string): Promise<void> {
    while (this.running.has(endpoint) && !this.closed) {
      const backlog = await this.ports.store.backlog(endpoint).catch((error: unknown) => this.trouble(error));
      if (backlog !== null) {
        for (const run of backlog.runs) this.hintFresh(endpoint, run);
        return;
      }
      await this.pause();
    }
  }

  /** The most rows that an endpoint has in memory that takes what it is sent: a reason to add no more for now. */
  get mostFresh(): number {
    let most = 0;
    for (const { line } of this.running.values()) if (line.isMoving) most = Math.max(most, line.freshInMemory);
    return most;
  }

  /** The leases are certain again. */
  goOn(): void {
    this.feedTheHungry();
  }

  /** How many attempts are under way. */
  get attemptsUnderWay(): number {
    return this.underWay;
  }

  /** Sends nothing more; resolves when what was under way has ended and was written, or could not be. */
  async close(withinMs: number): Promise<void> {
    this.closed = true;
    const { clock } = this.ports;
    let isLate = false;
    const stopClock = clock.after(withinMs, () => {
      isLate = true;
    });
    while (!isLate && (this.underWay > 0 || this.results.hasChanges)) {
      await new Promise<void>((resolve) => clock.after(5, resolve));
    }
    stopClock();
    for (const running of this.running.values()) this.stop(running);
    this.running.clear();
    await this.results.idle();
  }

  private run(lease: Lease, line: EndpointLine, hints: ReadonlySet<number>): void {
    const { endpoint } = lease;
    const change = (due: Due, to: Change['to'], inMs = 0) => this.results.change(lease, due, to, inMs);
    const effects: Effects = {
      done: (due) => change(due, 'gone'),
      retry: (due, inMs) => change(due, 'retry', inMs),
      behind: (due) => change(due, 'behind'),
      park: (due) => change(due, 'parked'),
      giveUp: (due) => change(due, 'given_up'),
    };
    const running: Running = { endpoint, lease, line, effects, stopClock: null, isFinishing: false, isOver: false };
    this.running.set(endpoint, running);
    for (const run of hints) line.hintFresh(run);
    this.pump(running);
  }

  private stop(running: Running): void {
    running.isOver = true;
    running.stopClock?.();
    this.hungry.delete(running);
  }

  /** Sends what may be sent now, asks for what is to be read, and comes again when there may be more. */
  private pump(running: Running): void {
    const { line, effects } = running;
    if (running.isOver || running.isFinishing || this.closed) return;
    const now = this.ports.clock.now();
    let hasItsShare = false;
    for (;;) {
      if (this.isFull) {
        this.hungry.add(running);
        break;
      }
      // It has one under way then, at whose end it comes again.
      hasItsShare = line.underWay >= MOST_UNDER_WAY - this.underWay;
      if (hasItsShare) break;
      const due = line.next(now, effects);
      if (due === null) break;
      this.attempt(running, due);
    }
    for (let load = line.load(now); load !== null; load = line.load(now)) void this.read(running, load);
    if (!hasItsShare) this.wakeLater(running, now);
    this.results.writeSoon();
  }

  private get isFull(): boolean {
    return this.underWay >= MOST_UNDER_WAY || this.results.isFull || this.ports.mayBeLate();
  }

  private feedTheHungry(): void {
    if (this.hungry.size === 0) return;
    // Each is served once, and stands behind the others where it wants more.
    for (const running of [...this.hungry]) {
      if (this.isFull) return;
      this.hungry.delete(running);
      this.pump(running);
    }
  }

  private wakeLater(running: Running, now: number): void {
    running.stopClock?.();
    running.stopClock = null;
    if (this.hungry.has(running)) return;
    const at = running.line.wakeAt(now);
    if (at === null) return;
    running.stopClock = this.ports.clock.after(Math.max(1, at - now), () => {
      running.stopClock = null;
      this.pump(running);
    });
  }

  private attempt(running: Running, due: Due): void {
    this.underWay++;
    const { message } = due;
    if (message === null || this.ports.clock.now() - message.readAt > READ_AGAIN_AFTER_MS) {
      this.unread.push({ running, due });
      if (this.unread.length === 1) queueMicrotask(() => void this.readMessages());
      return;
    }
    void this.send(running, due, message);
  }

  private async readMessages(): Promise<void> {
    const wanted = this.unread;
    this.unread = [];
    const dues = wanted.map(({ due }) => due);
    while (!this.closed) {
      try {
        await this.ports.store.readMessages(dues);
        break;
      } catch (error) {
        this.trouble(error);
        await this.pause();
      }
    }
    for (const { running, due } of wanted) {
      if (due.message === null) this.notMade(running, due);
      else void this.send(running, due, due.message);
    }
  }

  /** Nobody can say now what is to be sent: it is tried again as if it had failed, without an attempt to show. */
  private notMade(running: Running, due: Due): void {
    this.underWay--;
    if (!running.isOver) {
      running.line.notMade(due, this.ports.clock.now(), running.effects);
      this.results.writeSoon();
    }
    this.feedTheHungry();
  }

  private async send(running: Running, due: Due, message: Message): Promise<void> {
    const { endpoint, line, effects } = running;
    // Its message was read meanwhile.
    if (running.isOver || this.ports.mayBeLate()) return this.notMade(running, due);
    const isStill = () => !running.isOver && !this.ports.mayBeLate();
    const sent = await this.ports.send(endpoint, due, message, isStill);
    if (sent === 'not_now') return this.notMade(running, due);
    this.underWay--;
    if (!running.isOver) {
      if (sent === 'taken_back') {
        line.takenBack(due, effects);
      } else {
        const { answer, outcome } = sent;
        this.results.attempted({ endpoint, lease: running.lease, due, message, number: due.attempts, answer });
        line.ended(due, outcome, this.ports.clock.now(), effects);
        if (!outcome.taken) due.message = null;
      }
      this.results.writeSoon();
    }
    // Before the endpoint itself, which would take its own place again for as long as it has something to send.
    this.feedTheHungry();
    this.pump(running);
  }

  private async read(running: Running, load: Load): Promise<void> {
    const { endpoint, line } = running;
    const { store } = this.ports;
    try {
      // What was decided before must be in the tables, or a page would lack it.
      await this.results.written();
      if (running.isOver) return;
      if (load.kind === 'retries') {
        const retries = await store.retries(endpoint, load);
        if (!running.isOver) line.loadedRetries(retries, retries.length < load.limit);
      } else if (load.kind === 'fresh') {
        const dues = await store.fresh(endpoint, load);
        if (!running.isOver) line.loadedFresh(load.run, dues, dues.length < load.limit);
      } else {
        const dues = await store.lane(endpoint, load);
        if (!running.isOver) line.loadedLane(load, dues, dues.length < load.limit);
      }
    } catch (error) {
      this.trouble(error);
      await this.pause();
      line.failedToLoad(load);
    }
    this.pump(running);
  }

  private settled(changes: readonly Change[]): void {
    const touched = new Set<Running>();
    for (const { endpoint, due, to } of changes) {
      const running = this.running.get(endpoint);
      if (running === undefined) continue;
      touched.add(running);
      if (to === 'gone') running.line.settled(due);
    }
    this.feedTheHungry();
    for (const running of touched) this.pump(running);
  }

  private lost(lease: Lease): void {
    if (this.running.get(lease.endpoint)?.lease === lease) this.end(lease.endpoint);
  }

  private trouble(error: unknown): null {
    this.ports.onTrouble(error);
    return null;
  }

  private pause(): Promise<void> {
    return new Promise((resolve) => this.ports.clock.after(TRY_AGAIN_MS, resolve));
  }
}
