import { DeliveryCounts } from './delivery-counts.js';
import type { Change, Due } from './due.js';

const change = (to: Change['to'], table: Due['table'] = 'fresh') => ({ to, due: { table } }) as Change;

it('counts attempts by what came of them', () => {
  const counts = new DeliveryCounts();
  counts.attempted({ taken: true, error: null, durationMs: 500 });
  counts.attempted({ taken: false, error: null, durationMs: 250 });
  for (let n = 0; n < 2; n++) counts.attempted({ taken: false, error: 'timeout', durationMs: 15_000 });
  expect([...counts.attempts]).toEqual([
    ['taken', 1],
    ['refused', 1],
    ['timeout', 2],
  ]);
  expect(counts.seconds).toBe(30.75);
});

// Caught when: a message that fails twice waits twice.
it('counts a message once for each thing that becomes of it', () => {
  const counts = new DeliveryCounts();
  counts.due(7);
  counts.written([change('gone'), change('retry'), change('behind')]);
  counts.written([change('retry', 'waiting'), change('parked', 'waiting'), change('given_up', 'waiting')]);
  counts.written([change('gone', 'waiting')]);
  expect(Object.fromEntries(counts.messages)).toEqual({ due: 7, taken: 2, waiting: 2, parked: 1, given_up: 1 });
});
