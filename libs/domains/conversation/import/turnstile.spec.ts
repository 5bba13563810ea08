import { Turnstile } from './turnstile.js';

/** Work that ends when it is told to, and says when it began. */
function works(room: Turnstile, sizes: readonly number[]) {
  const began: number[] = [];
  const ends: ((error?: Error) => void)[] = [];
  const done = sizes.map((size, i) =>
    room.within(size, () => {
      began.push(i);
      return new Promise<void>((resolve, reject) => {
        ends[i] = (error) => (error === undefined ? resolve() : reject(error));
      });
    }),
  );
  const end = async (i: number, error?: Error) => {
    ends[i]!(error);
    await done[i]!.catch(() => undefined);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { began, end, done };
}

it('lets in what there is room for, in the order of asking', async () => {
  const { began, end } = works(new Turnstile(10), [6, 4, 3, 8, 1]);
  expect(began).toEqual([0, 1]);
  await end(1);
  expect(began).toEqual([0, 1, 2]);
  // The fifth has room, but came after the fourth.
  await end(0);
  expect(began).toEqual([0, 1, 2]);
  await end(2);
  expect(began).toEqual([0, 1, 2, 3, 4]);
});

it('gives all of it to what wants more', async () => {
  const { began, end } = works(new Turnstile(10), [1, 1000, 1]);
  expect(began).toEqual([0]);
  await end(0);
  expect(began).toEqual([0, 1]);
  await end(1);
  expect(began).toEqual([0, 1, 2]);
});

it('is free again after work that failed', async () => {
  const { began, end, done } = works(new Turnstile(1), [1, 1]);
  const refused = expect(done[0]).rejects.toThrow('no');
  await end(0, new Error('no'));
  await refused;
  expect(began).toEqual([0, 1]);
});
