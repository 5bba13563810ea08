import { Pace } from './pace.js';

/** When attempts are made in so long a time, where there is always another one to make; each ends at once. */
function attemptsOf(pace: Pace, fromMs: number, forMs: number): number[] {
  const made: number[] = [];
  for (let now = fromMs; now < fromMs + forMs; ) {
    const at = pace.allowsAt(now);
    if (at === 0) {
      pace.attempted();
      pace.ended(true);
      made.push(now);
    } else {
      expect(at).toBeGreaterThanOrEqual(now);
      // A timer's steps.
      now = Math.max(at!, now + 0.001);
    }
  }
  return made;
}

/** How many may be begun, none of which ends. */
function windowOf(pace: Pace): number {
  let begun = 0;
  while (pace.allowsAt(0) === 0) {
    pace.attempted();
    begun++;
  }
  for (let n = 0; n < begun; n++) pace.unused();
  return begun;
}

describe('a rate', () => {
  it.each([1, 3, 7, 100, 5000])('of %s a second is kept to, from the first second on', (rate) => {
    const made = attemptsOf(new Pace(10, rate), 5_000_000, 20_000);
    const saved = Math.max(1, Math.floor(rate / 20));
    expect(made.filter((at) => at === 5_000_000)).toHaveLength(saved);
    for (let second = 0; second < 20; second++) {
      const [from, to] = [5_000_000 + second * 1000, 5_000_000 + (second + 1) * 1000];
      const its = made.filter((at) => at > from && at <= to).length;
      expect(its).toBeLessThanOrEqual(rate);
      // Nothing of what it may have is lost to timers.
      expect(its).toBeGreaterThanOrEqual(rate - 1);
    }
  });

  it('saves up fifty milliseconds’ tokens and no more, however long nothing was to do', () => {
    const pace = new Pace(10, 100);
    attemptsOf(pace, 0, 1);
    expect(attemptsOf(pace, 3_600_000, 1)).toHaveLength(5);
  });

  it('says when the next one may be made', () => {
    const pace = new Pace(10, 4);
    expect(attemptsOf(pace, 1000, 1)).toHaveLength(1);
    expect(pace.allowsAt(1000)).toBe(1250);
    expect(pace.allowsAt(1100)).toBeCloseTo(1250);
    expect(pace.allowsAt(1250)).toBe(0);
  });

  it('that is lowered counts at once, and without one nothing is waited for', () => {
    const pace = new Pace(10, 100);
    pace.configure(10, 2);
    expect(attemptsOf(pace, 0, 1)).toHaveLength(1);
    pace.configure(10, null);
    expect(pace.allowsAt(0)).toBe(0);
  });
});

describe('attempts at a time', () => {
  it('are four at first, one more with each that somebody took, and never more than were asked for', () => {
    const pace = new Pace(7, null);
    expect(windowOf(pace)).toBe(4);
    for (const grown of [5, 6, 7, 7, 7]) {
      pace.attempted();
      pace.ended(true);
      expect(windowOf(pace)).toBe(grown);
    }
    expect(windowOf(new Pace(2, null))).toBe(2);
  });

  it('are halved by each that nobody took, and never fewer than one', () => {
    const pace = new Pace(16, null);
    for (let n = 0; n < 12; n++) {
      pace.attempted();
      pace.ended(true);
    }
    expect(windowOf(pace)).toBe(16);
    for (const left of [8, 4, 2, 1, 1]) {
      pace.attempted();
      pace.ended(false);
      expect(windowOf(pace)).toBe(left);
    }
    pace.attempted();
    pace.ended(true);
    expect(windowOf(pace)).toBe(2);
  });

  it('stay as they are where one came to nothing, and leave room when they end', () => {
    const pace = new Pace(1, null);
    pace.attempted();
    expect([pace.allowsAt(0), pace.underWay]).toEqual([null, 1]);
    pace.unused();
    expect([pace.allowsAt(0), pace.underWay, windowOf(pace)]).toEqual([0, 0, 1]);
  });
});

it('makes nothing before the time that the endpoint named, and a shorter pause takes nothing from a longer one', () => {
  const pace = new Pace(10, null);
  pace.pause(9000);
  pace.pause(2000);
  expect([pace.allowsAt(1000), pace.allowsAt(8999), pace.allowsAt(9000)]).toEqual([9000, 9000, 0]);
});
