import { Breaker } from './breaker.js';

const NO_JITTER = () => 0;
const MINUTES_5 = 300_000;

function fail(breaker: Breaker, times: number, now = 0): void {
  for (let n = 0; n < times; n++) {
    breaker.attempted();
    breaker.failed(now, NO_JITTER);
  }
}

/** One that has just opened, at 0. */
function opened(): Breaker {
  const breaker = new Breaker();
  fail(breaker, 10);
  return breaker;
}

it('opens with the tenth failure in a row, and not before', () => {
  const breaker = new Breaker();
  fail(breaker, 9);
  expect([breaker.isOpen, breaker.allows(0), breaker.allowsAt()]).toEqual([false, true, 0]);
  fail(breaker, 1);
  expect([breaker.isOpen, breaker.allows(0), breaker.allowsAt()]).toEqual([true, false, 1000]);
});

it('begins to count anew with each success', () => {
  const breaker = new Breaker();
  for (let n = 0; n < 5; n++) {
    fail(breaker, 9);
    expect(breaker.isOpen).toBe(false);
    breaker.attempted();
    breaker.succeeded();
  }
});

it('does not count attempts that came to nothing', () => {
  const breaker = new Breaker();
  fail(breaker, 9);
  for (let n = 0; n < 20; n++) {
    breaker.attempted();
    breaker.unused();
  }
  expect(breaker.isOpen).toBe(false);
  fail(breaker, 1);
  expect(breaker.isOpen).toBe(true);
});

it('lets one through when its pause is over, and no other while that is under way', () => {
  const breaker = opened();
  expect(breaker.allows(999)).toBe(false);
  expect(breaker.allows(1000)).toBe(true);
  breaker.attempted();
  expect([breaker.allows(1000), breaker.allows(3_600_000), breaker.allowsAt()]).toEqual([false, false, null]);
});

it('lets another one through where the one came to nothing', () => {
  const breaker = opened();
  breaker.attempted();
  breaker.unused();
  expect([breaker.isOpen, breaker.allows(1000), breaker.allowsAt()]).toEqual([true, true, 1000]);
});

it('pauses twice as long after each failure, up to five minutes', () => {
  const breaker = opened();
  const pauses: number[] = [];
  for (let n = 0; n < 12; n++) {
    const now = breaker.allowsAt()!;
    fail(breaker, 1, now);
    pauses.push(breaker.allowsAt()! - now);
  }
  expect(pauses).toEqual([
    ...[2000, 4000, 8000, 16_000, 32_000, 64_000, 128_000, 256_000],
    ...[MINUTES_5, MINUTES_5, MINUTES_5, MINUTES_5],
  ]);
});

it('lengthens each pause by up to a fifth at random', () => {
  const breaker = new Breaker();
  for (let n = 0; n < 10; n++) breaker.failed(0, () => 1);
  expect(breaker.allowsAt()).toBe(1200);
});

it('closes with a success, and pauses for a second again when it opens the next time', () => {
  const breaker = opened();
  for (let n = 0; n < 4; n++) fail(breaker, 1, breaker.allowsAt()!);
  breaker.attempted();
  breaker.succeeded();
  expect([breaker.isOpen, breaker.allows(0), breaker.allowsAt()]).toEqual([false, true, 0]);
  fail(breaker, 9);
  expect(breaker.isOpen).toBe(false);
  fail(breaker, 1);
  expect(breaker.allowsAt()).toBe(1000);
});

it('does not pause longer for what was under way when it opened', () => {
  const breaker = new Breaker();
  for (let n = 0; n < 40; n++) breaker.attempted();
  for (let n = 0; n < 40; n++) breaker.failed(n, NO_JITTER);
  expect(breaker.allowsAt()).toBe(1009);
});
