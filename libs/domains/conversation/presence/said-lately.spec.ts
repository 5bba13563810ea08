import { SaidLately } from './said-lately.js';

it('is told once a second', () => {
  let now = 0;
  const said = new SaidLately(10, () => now);
  expect([said.has('a'), said.has('b'), said.has('a')]).toEqual([false, false, true]);
  now = 999;
  expect(said.has('a')).toBe(true);
  now = 1000;
  expect([said.has('a'), said.has('a')]).toEqual([false, true]);
});

it('keeps no more than so many, the last', () => {
  const said = new SaidLately(3, () => 0);
  for (const what of ['a', 'b', 'c', 'd']) said.has(what);
  expect([said.has('d'), said.has('a')]).toEqual([true, false]);
});
