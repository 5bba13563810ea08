import { DEFAULT_SCHEDULE } from '../endpoints/endpoint.state.js';
import { waitAfter } from './schedule.js';

const DAY_MS = 86_400_000;
const shortest = () => 0;
const longest = () => 1;

/** When each attempt is made, ms after the first. */
function attemptsAt(random: () => number): number[] {
  const at = [0];
  for (;;) {
    const wait = waitAfter(DEFAULT_SCHEDULE, at.length, null, random);
    if (wait === null) return at;
    at.push(at.at(-1)! + wait);
  }
}

it('makes 13 attempts over more than five days, and at most a fifth longer', () => {
  expect(attemptsAt(shortest)).toHaveLength(13);
  expect(attemptsAt(shortest).at(-1)).toBeGreaterThanOrEqual(5 * DAY_MS);
  expect(attemptsAt(longest).at(-1)).toBeCloseTo(attemptsAt(shortest).at(-1)! * 1.2);
  expect(attemptsAt(Math.random).at(-1)).toBeGreaterThanOrEqual(5 * DAY_MS);
});

it('waits no shorter the more often it failed', () => {
  expect(DEFAULT_SCHEDULE).toEqual([...DEFAULT_SCHEDULE].sort((a, b) => a - b));
});

it('lengthens a wait by up to a fifth, and never shortens it', () => {
  expect(waitAfter([100], 1, null, shortest)).toBe(100_000);
  expect(waitAfter([100], 1, null, longest)).toBe(120_000);
  const waits = Array.from({ length: 1000 }, () => waitAfter([100], 1, null, Math.random)!);
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(100_000);
  expect(Math.max(...waits)).toBeLessThanOrEqual(120_000);
  // What failed together does not come again together.
  expect(new Set(waits).size).toBeGreaterThan(900);
});

it('obeys a Retry-After that is longer than the wait, and none that is shorter', () => {
  expect(waitAfter([10], 1, 60_000, shortest)).toBe(60_000);
  expect(waitAfter([10], 1, 10_001, shortest)).toBe(10_001);
  expect(waitAfter([10], 1, 11_000, longest)).toBe(12_000);
  for (const shorter of [0, 1, 9999]) expect(waitAfter([10], 1, shorter, shortest)).toBe(10_000);
});

it('gives a message no further attempt by a Retry-After', () => {
  expect(waitAfter([10, 20], 2, null, shortest)).toBe(20_000);
  expect(waitAfter([10, 20], 3, 60_000, shortest)).toBeNull();
});
