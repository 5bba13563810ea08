import { type Due, LIVE, newDue, type Retry } from './due.js';
import { RetryQueue } from './retry-queue.js';

const rowOf = (position: number): Due => newDue({ run: LIVE, position, lane: 'a', pin: '' }, 'waiting', 1);

/** All that a queue gives out of a table in which so many rows wait, one each half second. */
function takenOf(rows: number, jumpAfter: number, jumpMs: number): number[] {
  const table = new Map(Array.from({ length: rows }, (_, i) => [i, i * 500]));
  const queue = new RetryQueue(true);
  const taken: number[] = [];
  let ahead = 0;
  for (let now = 0; now < rows * 500 + 1000 && taken.length < rows; now += 500) {
    if (now === jumpAfter) ahead = jumpMs;
    const load = queue.load();
    if (load !== null) {
      const page = [...table].slice(0, load.limit).map(([n, at]): Retry => ({ due: rowOf(n), at: at - ahead }));
      queue.loaded(page, page.length < load.limit);
    }
    for (let due = queue.take(now); due !== null; due = queue.take(now)) {
      taken.push(due.position);
      // It is written a while after, when others were taken.
      const gone = taken.at(-3);
      if (gone !== undefined) {
        table.delete(gone);
        queue.forget(rowOf(gone));
      }
    }
  }
  return taken;
}

it.each([
  ['as it comes', 0],
  ['five minutes forward', 300_000],
  ['five minutes back', -300_000],
])('gives each out once, in their order, where the table’s clock goes %s', (_, jumpMs) => {
  const taken = takenOf(1000, 60_000, jumpMs);
  expect(new Set(taken).size).toBe(taken.length);
  if (jumpMs >= 0) expect(taken).toEqual(Array.from({ length: 1000 }, (_, i) => i));
  else expect(taken).toEqual(Array.from({ length: taken.length }, (_, i) => i));
});
