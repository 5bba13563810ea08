import { Remembered } from './remembered.js';

it('makes a thing once, also for those who ask meanwhile', async () => {
  const remembered = new Remembered(10);
  let made = 0;
  const make = async () => `thing ${++made}`;
  const asked = [remembered.of('a', make), remembered.of('a', make)];
  expect(await Promise.all([...asked, remembered.of('a', make)])).toEqual(['thing 1', 'thing 1', 'thing 1']);
  expect(made).toBe(1);
});

it('makes again what failed', async () => {
  const remembered = new Remembered(10);
  await expect(remembered.of('a', () => Promise.reject(new Error('away')))).rejects.toThrow('away');
  expect(await remembered.of('a', async () => 'here')).toBe('here');
});

it('forgets what was not asked for longest', async () => {
  const remembered = new Remembered(2);
  const make = (text: string) => async () => text;
  await remembered.of('a', make('first'));
  await remembered.of('b', make('first'));
  await remembered.of('a', make('second'));
  await remembered.of('c', make('first'));
  expect(remembered.size).toBe(2);
  expect(await remembered.of('a', make('second'))).toBe('first');
  expect(await remembered.of('b', make('second'))).toBe('second');
});
