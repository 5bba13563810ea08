import type { StoredEvent } from '../event-log/event-log.js';
import { Feed, type FeedOptions } from './feed.js';

/** Of a log that has these positions, and can be read up to an end. */
function feedOf(there: readonly number[], end: number): Feed {
  const log = {
    at: async (positions: readonly number[], mostBytes: number, order: 'asc' | 'desc') => {
      const stored: StoredEvent[] = [];
      for (const position of positions) {
        if (!there.includes(position) || position > end || stored.length * 10 >= mostBytes) continue;
        stored.push({ position, storePosition: position, fingerprint: Buffer.alloc(16), payload: Buffer.alloc(10) });
      }
      expect(['asc', 'desc']).toContain(order);
      return stored;
    },
    end: async () => end,
    onAppend: () => () => undefined,
  };
  return new Feed({ log } as unknown as FeedOptions);
}

const positionsOf = async (stored: Promise<StoredEvent[]>) => (await stored).map(({ position }) => position);

it('passes over what it has no event of, and is cut by weight', async () => {
  const feed = feedOf([1, 2, 3, 5], 6);
  expect(await positionsOf(feed.at([2, 3, 4], 1000))).toEqual([2, 3]);
  expect(await positionsOf(feed.at([6, 5, 3], 1000, 'desc'))).toEqual([5, 3]);
  expect(await positionsOf(feed.at([1, 2, 3], 20))).toEqual([1, 2]);
  expect(await positionsOf(feed.at([], 20))).toEqual([]);
});

it('passes over nothing that it lacks while it is made anew', async () => {
  const feed = feedOf([1, 2, 3, 4, 5], 2);
  for (const [positions, order] of [
    [[1, 2, 3], 'asc'],
    [[4, 5], 'asc'],
    [[3, 2, 1], 'desc'],
  ] as const) {
    await expect(feed.at(positions, 1000, order)).rejects.toMatchObject({ code: 'unavailable' });
  }
  expect(await positionsOf(feed.at([1, 2], 1000))).toEqual([1, 2]);
});
