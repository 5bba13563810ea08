import { retryAfterMs } from './retry-after.js';

const NOW = Date.UTC(2026, 10, 22, 12, 0, 0);
const DAY = 86_400_000;

test.each<[string | undefined, number | null]>([
  [undefined, null],
  ['', null],
  ['0', 0],
  ['120', 120_000],
  [' 7 ', 7000],
  ['86400', DAY],
  ['86401', DAY],
  ['99999999999999999999999999', DAY],
  ['-1', null],
  ['1.5', null],
  ['1e3', null],
  ['soon', null],
  ['Sun, 22 Nov 2026 12:01:30 GMT', 90_000],
  ['Sunday, 22-Nov-26 12:01:30 GMT', 90_000],
  ['Sun Nov 22 12:01:30 2026', 90_000],
  ['Wed Dec  2 12:00:00 2026', DAY],
  ['Sun, 22 Nov 2026 11:00:00 GMT', 0],
  ['Sunday, 06-Nov-94 08:49:37 GMT', 0],
  ['Sun, 22 Nov 2099 12:00:00 GMT', DAY],
  ['Sun, 99 Nov 2026 12:00:00 GMT', null],
  ['2026-11-22T12:01:30Z', null],
])('Retry-After: %s is %s ms', (value, ms) => {
  expect(retryAfterMs(value, undefined, NOW)).toBe(ms);
});

test('a date counts from the date of the answer, whatever our own clock says', () => {
  const [until, sent] = ['Sun, 22 Nov 2026 12:01:30 GMT', 'Sun, 22 Nov 2026 12:00:30 GMT'];
  expect(retryAfterMs(until, sent, NOW)).toBe(60_000);
  expect(retryAfterMs(until, sent, NOW + 300_000)).toBe(60_000);
  expect(retryAfterMs(until, 'today', NOW)).toBe(90_000);
});
