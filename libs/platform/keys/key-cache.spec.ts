import type { DataKey } from './data-key.js';
import { KeyCache } from './key-cache.js';

const dataKey = (n: number, subject = `cus_${n}`): DataKey => ({
  id: Buffer.alloc(16, n),
  subject,
  key: null,
  withheld: null,
});
const idOf = (n: number) => Buffer.alloc(16, n).toString('hex');

test('the least recently used key goes first, by id and by person', () => {
  const cache = new KeyCache(3);
  for (const n of [1, 2, 3]) cache.put('w', dataKey(n));
  cache.get(idOf(1));
  cache.of('w', 'cus_2');
  cache.put('w', dataKey(4));
  expect(cache.get(idOf(3))).toBeUndefined();
  expect(cache.of('w', 'cus_3')).toBeUndefined();
  expect([1, 2, 4].map((n) => cache.of('w', `cus_${n}`)?.id[0])).toEqual([1, 2, 4]);
  expect(cache.size).toBe(3);
});

test('the same person in two workspaces has two keys', () => {
  const cache = new KeyCache(3);
  cache.put('v', dataKey(1, 'cus_same'));
  cache.put('w', dataKey(2, 'cus_same'));
  expect(cache.of('v', 'cus_same')?.id[0]).toBe(1);
  expect(cache.of('w', 'cus_same')?.id[0]).toBe(2);
});

test('a dropped key is found by neither, and dropping another leaves it', () => {
  const cache = new KeyCache(3);
  cache.put('w', dataKey(1));
  cache.put('w', dataKey(2));
  cache.drop(idOf(1));
  cache.drop(idOf(9));
  expect(cache.get(idOf(1))).toBeUndefined();
  expect(cache.of('w', 'cus_1')).toBeUndefined();
  expect(cache.of('w', 'cus_2')?.id[0]).toBe(2);
});
