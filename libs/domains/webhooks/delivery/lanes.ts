import type { Due } from './due.js';

/** Behind the one that is under way so many of its lane wait in memory; those that follow wait in the table. */
const MOST_PENDING = 50;
/** With so many lanes that wait, nothing new is begun: the endpoint fails, whatever a single attempt may say. */
const MOST_WAITING_LANES = 10_000;
const A_PAGE = 50;

/**
 * busy ── taken ──► (gone) | busy with the next | draining where more wait in the table
 * busy ── failed ──► blocked until its retry is due ──► busy
 * busy ── failed for the last time ──► parked until somebody resumes it (blocked) or skips the message (draining)
 * draining ── its rows are read ──► busy, or (gone) where there are none
 *
 * What is in `waiting` of a lane is older than what of it is in `fresh`; so while any waits there, all that comes goes there, too.
 */
interface Lane {
  state: 'busy' | 'blocked' | 'parked' | 'draining';
  run: number;
  lane: string;
  /** The one that is under way, or blocks it; null where that is not in memory. */
  head: Due | null;
  /** Its next ones, in order. */
  pending: Due[];
  /** Whether some of it are in the table behind these. */
  hasBehind: boolean;
  /** Since its rows were asked for, more were put behind them. */
  hasMissed: boolean;
  isLoading: boolean;
}

/** What is known of a lane at the beginning, by its rows in `waiting`. */
export interface WaitingLane {
  run: number;
  lane: string;
  state: 'blocked' | 'parked' | 'draining';
}

/** The lanes of an endpoint that asks for order: one message of a stream at a time, each after the one before was taken. */
export class Lanes {
  private readonly lanes = new Map<string, Lane>();
  /** Those whose turn has come. */
  private readonly ready: Due[] = [];
  private readonly toDrain = new Set<Lane>();
  private waiting = 0;

  /** What the tables say at the beginning. */
  constructor(waiting: readonly WaitingLane[]) {
    for (const one of waiting) {
      const lane = this.begin(one, null);
      lane.state = one.state;
      lane.hasBehind = true;
      this.waiting++;
      if (one.state === 'draining') this.drain(lane);
    }
  }

  /** Those that wait for somebody. */
  parked(): WaitingLane[] {
    const parked = [];
    for (const { state, run, lane } of this.lanes.values()) if (state === 'parked') parked.push({ state, run, lane });
    return parked;
  }

  /** What the tables say now of those that were parked when that was asked: some were resumed, or their message skipped. */
  reread(asked: readonly WaitingLane[], now: readonly WaitingLane[]): void {
    const told = new Map(now.map((one) => [keyOf(one), one.state]));
    for (const one of asked) {
      const lane = this.lanes.get(keyOf(one));
      if (lane?.state !== 'parked') continue;
      const state = told.get(keyOf(one)) ?? 'draining';
      if (state === 'draining') this.drain(lane);
      else lane.state = state;
    }
  }

  /** Whether something new may be begun. */
  get hasRoom(): boolean {
    return this.waiting < MOST_WAITING_LANES;
  }

  /** One that follows another of its lane, and whose turn has come. */
  takeReady(): Due | null {
    return this.ready.shift() ?? null;
  }

  get hasReady(): boolean {
    return this.ready.length > 0;
  }

  /** True where a fresh one may be attempted; else it is kept, or put behind the others of its lane. */
  admit(due: Due, behind: (due: Due) => void): boolean {
    const lane = this.lanes.get(keyOf(due));
    if (lane === undefined) {
      this.begin(due, due);
      return true;
    }
    if (lane.state === 'busy' && !lane.hasBehind && lane.pending.length < MOST_PENDING) {
      lane.pending.push(due);
      return false;
    }
    if (lane.state === 'busy' && !lane.hasBehind) this.leaveToTable(lane, behind);
    lane.hasBehind = true;
    lane.hasMissed = true;
    behind(due);
    return false;
  }

  /** A retry of a lane is under way. */
  retried(due: Due): void {
    const lane = this.lanes.get(keyOf(due)) ?? this.begin(due, due);
    if (lane.state === 'blocked' || lane.state === 'parked') this.waiting--;
    lane.state = 'busy';
    lane.head = due;
    // Whoever blocked it has had others behind.
    lane.hasBehind = true;
  }

  /** Its row is gone: the next of its lane may go. */
  taken(due: Due): void {
    const lane = this.lanes.get(keyOf(due));
    if (lane === undefined || lane.head !== due) return;
    const next = lane.pending.shift();
    if (next !== undefined) {
      lane.head = next;
      this.ready.push(next);
    } else if (lane.hasBehind) {
      lane.head = null;
      this.waiting++;
      this.drain(lane);
    } else {
      this.lanes.delete(keyOf(due));
    }
  }

  /** It failed: its lane waits, and those that were in memory wait in the table. */
  failed(due: Due, state: 'blocked' | 'parked', behind: (due: Due) => void): void {
    const lane = this.lanes.get(keyOf(due))!;
    lane.state = state;
    lane.head = null;
    this.waiting++;
    for (const next of lane.pending) behind(next);
    if (lane.pending.length > 0) lane.hasMissed = true;
    lane.hasBehind = true;
    lane.pending = [];
  }

  /** The lane whose rows are to be read next. */
  load(): { run: number; lane: string; limit: number } | null {
    for (const lane of this.toDrain) {
      this.toDrain.delete(lane);
      if (lane.state !== 'draining' || lane.isLoading) continue;
      lane.isLoading = true;
      lane.hasMissed = false;
      return { run: lane.run, lane: lane.lane, limit: A_PAGE };
    }
    return null;
  }

  /** Its oldest rows in the table. */
  loaded(asked: { run: number; lane: string }, rows: readonly Due[], isAll: boolean): void {
    const lane = this.lanes.get(keyOf(asked));
    if (lane === undefined) return;
    lane.isLoading = false;
    lane.hasBehind = !isAll || lane.hasMissed;
    const [first, ...others] = rows;
    if (first !== undefined) {
      this.waiting--;
      lane.state = 'busy';
      lane.head = first;
      lane.pending = others;
      this.ready.push(first);
    } else if (lane.hasBehind) {
      this.toDrain.add(lane);
    } else {
      this.waiting--;
      this.lanes.delete(keyOf(lane));
    }
  }

  failedToLoad(asked: { run: number; lane: string }): void {
    const lane = this.lanes.get(keyOf(asked));
    if (lane === undefined) return;
    lane.isLoading = false;
    this.toDrain.add(lane);
  }

  private begin({ run, lane: name }: { run: number; lane: string }, head: Due | null): Lane {
    const lane: Lane = {
      state: 'busy',
      run,
      lane: name,
      head,
      pending: [],
      hasBehind: false,
      hasMissed: false,
      isLoading: false,
    };
    this.lanes.set(keyOf(lane), lane);
    return lane;
  }

  private drain(lane: Lane): void {
    lane.state = 'draining';
    this.toDrain.add(lane);
  }

  /** The one under way goes first: what waits of a lane is older than what is fresh, whenever the process ends. */
  private leaveToTable(lane: Lane, behind: (due: Due) => void): void {
    if (lane.head?.table === 'fresh' && !lane.head.isTaken) behind(lane.head);
    for (const next of lane.pending) if (next.table === 'fresh') behind(next);
  }
}

function keyOf({ run, lane }: { run: number; lane: string }): string {
  return `${run} ${lane}`;
}
