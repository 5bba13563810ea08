import { notBegun, notReached, pastOf } from './past-query.js';

it('is the present where nothing is asked for', () => {
  expect(pastOf({})).toBeNull();
});

it.each([
  [{ at: '2019-06-01T00:00:00.000Z' }, { kind: 'at', time: Date.UTC(2019, 5, 1) }],
  [{ recorded_at: '2019-06-01T00:00:00.000Z' }, { kind: 'recorded_at', time: Date.UTC(2019, 5, 1) }],
  [{ seq: 7 }, { kind: 'seq', seq: 7 }],
])('is what %j says', (query, past) => {
  expect(pastOf(query)).toEqual(past);
});

it('is refused where two are asked for, by their names', () => {
  expect(() => pastOf({ at: '2019-06-01T00:00:00.000Z', seq: 7 })).toThrow('names at and seq');
});

it('says what there was not', () => {
  expect(notBegun('conv_1', { kind: 'at', time: 0 }).detail).toContain('no conv_1 at 1970-01-01T00:00:00.000Z');
  expect(notReached('conv_1', 9, 1).detail).toContain('has one event so far, and no seq 9');
});
