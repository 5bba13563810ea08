import { parseStart, parseTime } from './start.js';

const NOW = Date.parse('2026-11-22T08:05:10.123Z');

it.each([
  [undefined, { kind: 'now' }],
  ['now', { kind: 'now' }],
  ['beginning', { kind: 'beginning' }],
  ['now-90s', { kind: 'time', ms: NOW - 90_000 }],
  ['now-1m', { kind: 'time', ms: NOW - 60_000 }],
  ['now-2h', { kind: 'time', ms: NOW - 7_200_000 }],
  ['now-7d', { kind: 'time', ms: NOW - 7 * 86_400_000 }],
  ['now-999999d', { kind: 'time', ms: Date.parse('0001-01-01T00:00:00Z') }],
  ['2026-11-22T10:05:10.123+02:00', { kind: 'time', ms: NOW }],
  ['AgECAwQAAQ', { kind: 'cursor', cursor: 'AgECAwQAAQ' }],
])('%s is a start', (text, start) => {
  expect(parseStart(text, NOW)).toEqual(start);
});

it.each(['now-1', 'now-1y', 'nowhere', '2026-13-22T08:05:10Z', '2026-11-22T08:05', '10:00'])('%s is none', (text) => {
  const told = { code: 'invalid_value', more: { errors: [expect.objectContaining({ pointer: '/query/since' })] } };
  expect(() => parseStart(text, NOW)).toThrow(expect.objectContaining(told));
});

it('a list takes no cursor and no beginning as a time', () => {
  expect(parseTime('now', NOW, '/query/until')).toBe(NOW);
  for (const text of ['beginning', 'AgECAwQAAQ'])
    expect(() => parseTime(text, NOW, '/query/until')).toThrow(expect.objectContaining({ code: 'invalid_value' }));
});
