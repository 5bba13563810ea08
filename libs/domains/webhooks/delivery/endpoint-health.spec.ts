import { DEFAULT_SCHEDULE } from '../endpoints/endpoint.state.js';
import { afterAttempt, FAILING_FOR_MS, FAILING_HOURS, type Health, isGivenUp, WELL } from './endpoint-health.js';

const HOUR_MS = 3_600_000;
const START = 480_000 * HOUR_MS;
const failedAt = (times: readonly number[], from: Health = WELL): Health =>
  times.reduce((health, at) => afterAttempt(health, false, at), from);
const hours = (...at: number[]) => at.map((hour) => START + hour * HOUR_MS);

it('remembers since when, and in how many different hours, an endpoint took nothing', () => {
  const health = failedAt([START + 5, START + 60_000, START + HOUR_MS, START + HOUR_MS + 1, START + 5 * HOUR_MS]);
  expect(health).toEqual({ failingSince: START + 5, hours: 3, lastHour: 480_005 });
});

it('is well again after one message that is taken', () => {
  expect(afterAttempt(failedAt(hours(0, 3, 9)), true, START + 10 * HOUR_MS)).toBe(WELL);
  expect(afterAttempt(WELL, true, START)).toBe(WELL);
});

it('changes nothing twice in an hour, so that nothing is written', () => {
  const health = failedAt(hours(0, 1));
  expect(afterAttempt(health, false, START + HOUR_MS + 59 * 60_000)).toBe(health);
  // Caught when: a clock that goes back counts an hour again.
  expect(afterAttempt(health, false, START)).toBe(health);
});

it('is given up by time and by spread, and by neither alone', () => {
  const spread = failedAt(hours(0, 1, 2, 3, 4, 5, 6, 7, 8, 9));
  expect(spread.hours).toBeGreaterThan(FAILING_HOURS);
  expect(isGivenUp(spread, START + 10 * HOUR_MS)).toBe(false);
  expect(isGivenUp(spread, START + FAILING_FOR_MS - 1)).toBe(false);
  expect(isGivenUp(spread, START + FAILING_FOR_MS)).toBe(true);
  // A million attempts in one hour, and one five days later.
  const rare = failedAt([...hours(0), ...Array.from({ length: 1000 }, (_, n) => START + n), ...hours(121)]);
  expect(rare.hours).toBe(2);
  expect(isGivenUp(rare, START + 130 * HOUR_MS)).toBe(false);
  expect(isGivenUp(WELL, START + 130 * HOUR_MS)).toBe(false);
});

// Caught when: an endpoint with one message has had all its attempts, and nobody disables it.
it('is given up by the last attempt of a single message, as the schedule is', () => {
  const at = [START];
  for (const seconds of DEFAULT_SCHEDULE) at.push(at.at(-1)! + seconds * 1000);
  expect(isGivenUp(failedAt(at.slice(0, -1)), at.at(-2)!)).toBe(false);
  expect(isGivenUp(failedAt(at), at.at(-1)!)).toBe(true);
});
