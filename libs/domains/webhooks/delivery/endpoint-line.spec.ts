import type { Due, Effects, Outcome } from './due.js';
import { EndpointLine, type LineOptions } from './endpoint-line.js';

const OPTIONS: LineOptions = { enabled: true, ordered: false, concurrency: 10, rate: null, schedule: [10, 10, 10] };
const TAKEN: Outcome = { taken: true };

const refused = (retryAfterMs: number | null = null, overloaded = false): Outcome => ({
  taken: false,
  answered: true,
  retryAfterMs,
  overloaded,
});

const dueOf = (position: number): Due => ({
  run: 0,
  position,
  lane: `stream ${position}`,
  pin: '',
  attempts: 0,
  table: 'fresh',
  message: null,
  isTaken: false,
  change: null,
});

/** A line with so many messages, none of which was attempted, on a clock that the test moves; and what became of them. */
class Scene {
  now = 0;
  readonly line: EndpointLine;
  /** What was decided last of each message, by its position. */
  readonly became = new Map<number, string>();
  private readonly effects: Effects = {
    done: (due) => {
      this.became.set(due.position, 'done');
      this.line.settled(due);
    },
    retry: (due, inMs) => this.became.set(due.position, `retry in ${inMs}`),
    behind: (due) => this.became.set(due.position, 'behind'),
    park: (due) => this.became.set(due.position, 'parked'),
    giveUp: (due) => {
      this.became.set(due.position, 'given up');
      this.line.settled(due);
    },
  };

  constructor(messages: number, options: Partial<LineOptions> = {}) {
    this.line = new EndpointLine({ ...OPTIONS, ...options }, { runs: [], hasRetries: false, lanes: [] }, () => 0);
    const rows = Array.from({ length: messages }, (_, n) => dueOf(n + 1));
    if (rows.length > 0) this.line.offer(0, rows, 1000);
  }

  /** The next one that may be attempted now. */
  next(): Due | null {
    return this.line.next(this.now, this.effects);
  }

  end(due: Due, outcome: Outcome): void {
    this.line.ended(due, outcome, this.now, this.effects);
  }

  notMade(due: Due): void {
    this.line.notMade(due, this.now, this.effects);
  }

  /** Attempts whatever may be attempted now, and ends each by this. */
  attempt(outcome: (due: Due) => Outcome): Due[] {
    const attempted: Due[] = [];
    for (let due = this.next(); due !== null; due = this.next()) {
      attempted.push(due);
      this.end(due, outcome(due));
    }
    return attempted;
  }

  /** To the moment for which the line asks. */
  wake(): void {
    this.now = this.line.wakeAt(this.now)!;
  }
}

const positionsOf = (dues: readonly Due[]) => dues.map(({ position }) => position).sort((a, b) => a - b);

describe('an endpoint that asks for a pause as a whole', () => {
  it('is sent nothing before it is over, and then all', () => {
    const scene = new Scene(5);
    const first = scene.next()!;
    scene.end(first, refused(60_000, true));
    expect(scene.became.get(first.position)).toBe('retry in 60000');
    for (const now of [0, 10_000, 59_999]) {
      scene.now = now;
      expect([now, scene.next()]).toEqual([now, null]);
      expect(scene.line.wakeAt(now)).toBe(60_000);
    }
    scene.wake();
    expect(positionsOf(scene.attempt(() => TAKEN))).toEqual([1, 2, 3, 4, 5]);
    expect(first.attempts).toBe(2);
  });

  it('is sent nothing either where its message has had its last attempt', () => {
    const scene = new Scene(2, { schedule: [] });
    scene.end(scene.next()!, refused(60_000, true));
    expect([scene.became.get(1), scene.next(), scene.line.wakeAt(0)]).toEqual(['given up', null, 60_000]);
  });

  it('that is shorter than its message’s wait is sent the others first', () => {
    const scene = new Scene(3);
    scene.end(scene.next()!, refused(2000, true));
    expect(scene.became.get(1)).toBe('retry in 10000');
    scene.wake();
    expect([scene.now, positionsOf(scene.attempt(() => TAKEN))]).toEqual([2000, [2, 3]]);
    scene.wake();
    expect([scene.now, positionsOf(scene.attempt(() => TAKEN))]).toEqual([10_000, [1]]);
  });
});

it('keeps back its one message alone where the answer asked for a pause and is none of the whole endpoint', () => {
  const scene = new Scene(5);
  const first = scene.next()!;
  scene.end(first, refused(60_000));
  expect(scene.became.get(first.position)).toBe('retry in 60000');
  expect(positionsOf(scene.attempt(() => TAKEN))).toEqual([2, 3, 4, 5]);
  scene.now = 59_999;
  expect(scene.next()).toBeNull();
  scene.wake();
  expect([scene.now, scene.next()]).toEqual([60_000, first]);
});

it('lets no message lose an attempt while the breaker is open: what waits is attempted as often as if it had not been', () => {
  const scene = new Scene(40, { schedule: [1, 1] });
  const attempted = scene.attempt(() => refused());
  expect(attempted).toHaveLength(10);
  // For an hour nobody is there. Each pause ends with one attempt.
  let probes = 0;
  while (scene.now < 3_600_000) {
    scene.wake();
    const its = scene.attempt(() => refused());
    expect(its).toHaveLength(1);
    probes++;
  }
  expect(probes).toBeLessThan(25);
  const givenUp = [...scene.became.values()].filter((what) => what === 'given up').length;
  scene.wake();
  const taken = scene.attempt(() => TAKEN);
  // None was given up for the time that went by: of each that was, all three attempts were made.
  expect(givenUp + taken.length).toBe(40);
  const failures = taken.reduce((sum, { attempts }) => sum + attempts - 1, givenUp * 3);
  expect(failures).toBe(10 + probes);
});

it('counts no attempt that could not be made, and neither gives up its message nor opens its breaker', () => {
  const scene = new Scene(1, { schedule: [1] });
  for (let n = 0; n < 30; n++) {
    const due = scene.next()!;
    expect([due.attempts, scene.line.isMoving]).toEqual([1, true]);
    scene.notMade(due);
    expect(scene.became.get(1)).toBe('retry in 5000');
    scene.wake();
  }
  expect(scene.now).toBe(150_000);
});

it('gives a message up after its last attempt, and parks its lane where order was asked for', () => {
  for (const [ordered, what] of [[false, 'given up'] as const, [true, 'parked'] as const]) {
    const scene = new Scene(1, { ordered });
    for (let n = 1; n <= 4; n++) {
      const due = scene.next()!;
      expect(due.attempts).toBe(n);
      scene.end(due, refused());
      if (n < 4) scene.wake();
    }
    expect([scene.became.get(1), scene.now, scene.line.wakeAt(scene.now)]).toEqual([what, 30_000, null]);
  }
});

it('attempts nothing while it is not enabled, and goes on when it is', () => {
  const scene = new Scene(2);
  scene.line.configure({ ...OPTIONS, enabled: false });
  expect([scene.next(), scene.line.wakeAt(0), scene.line.isMoving]).toEqual([null, null, false]);
  scene.line.configure(OPTIONS);
  expect(positionsOf(scene.attempt(() => TAKEN))).toEqual([1, 2]);
});
