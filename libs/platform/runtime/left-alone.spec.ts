import { jest } from '@jest/globals';
import { LeftAlone } from './left-alone.js';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

it('leaves alone what fails again for twice as long, and for no more than a minute', () => {
  const left = new LeftAlone();
  const pauses: number[] = [];
  for (let n = 0; n < 8; n++) {
    pauses.push(left.leave('one'));
    expect(left.ids()).toEqual(['one']);
    jest.advanceTimersByTime(pauses.at(-1)!);
    expect(left.ids()).toEqual([]);
  }
  expect(pauses).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
});

it('begins anew with what was done meanwhile', () => {
  const left = new LeftAlone();
  left.leave('one');
  left.leave('one');
  left.forget('one');
  expect([left.ids(), left.leave('one')]).toEqual([[], 1000]);
});

it('knows ten thousand, and forgets those that failed the longest ago', () => {
  const left = new LeftAlone();
  for (let n = 0; n < 10_001; n++) left.leave(`id-${n}`);
  const ids = left.ids();
  expect([ids.length, ids.includes('id-0'), ids.includes('id-1')]).toEqual([10_000, false, true]);
});
