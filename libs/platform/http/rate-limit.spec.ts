import { jest } from '@jest/globals';
import { Problem } from '../kernel/problem.js';
import { RateLimit } from './rate-limit.js';

let now = 1000;
beforeEach(() => {
  now = 1000;
  jest.spyOn(performance, 'now').mockImplementation(() => now);
});
afterEach(() => jest.restoreAllMocks());

const refusal = (limit: RateLimit, key = 'k', cost = 1): Problem | null => {
  try {
    limit.take(key, cost);
    return null;
  } catch (error) {
    return error as Problem;
  }
};

it('gives a key its quota at once, and says how much is left', () => {
  const limit = new RateLimit(3);
  expect([limit.take('k', 1), limit.take('k', 1), limit.take('k', 1)]).toEqual([
    '"default";r=2;t=1',
    '"default";r=1;t=1',
    '"default";r=0;t=1',
  ]);
  expect(limit.policy).toBe('"default";q=3;w=1');
  expect(refusal(limit)).toMatchObject({ code: 'rate_limited', status: 429, more: { retryAfter: 1 } });
});

it('fills up again with time, and not beyond the quota', () => {
  const limit = new RateLimit(10);
  limit.take('k', 10);
  expect(refusal(limit)).not.toBeNull();
  now += 100;
  expect(refusal(limit)).toBeNull();
  expect(refusal(limit)).not.toBeNull();
  now += 60_000;
  expect(limit.take('k', 1)).toBe('"default";r=9;t=1');
});

it('takes nothing for what it refuses', () => {
  const limit = new RateLimit(10);
  limit.take('k', 8);
  for (let i = 0; i < 100; i++) expect(refusal(limit, 'k', 5)).not.toBeNull();
  expect(refusal(limit, 'k', 2)).toBeNull();
});

it('holds keys apart', () => {
  const limit = new RateLimit(1);
  limit.take('a', 1);
  expect(refusal(limit, 'a')).not.toBeNull();
  expect(refusal(limit, 'b')).toBeNull();
});

it('says after how many seconds there will be enough', () => {
  const limit = new RateLimit(2);
  limit.take('k', 2);
  expect(refusal(limit, 'k', 5)?.more.retryAfter).toBe(3);
  now += 3000;
  expect(refusal(limit, 'k', 2)).toBeNull();
});
