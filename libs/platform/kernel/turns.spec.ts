import { Turns } from './turns.js';

/** Takes turns, and keeps who has one. */
function taker(turns: Turns) {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const take = (workspace: string, name: string) =>
    void turns.take(workspace).then((end) => {
      begun.push(name);
      ends.set(name, end);
    });
  return { begun, take, end: (name: string) => ends.get(name)!() };
}
const settled = () => new Promise(setImmediate);

it('are so many at a time, for one workspace and for all', async () => {
  const { begun, take, end } = taker(new Turns(3, 2));
  for (const name of ['a1', 'a2', 'a3']) take('a', name);
  for (const name of ['b1', 'b2']) take('b', name);
  await settled();
  expect(begun).toEqual(['a1', 'a2', 'b1']);
  end('a1');
  await settled();
  expect(begun).toHaveLength(4);
  end('b1');
  await settled();
  expect(begun.toSorted()).toEqual(['a1', 'a2', 'a3', 'b1', 'b2']);
});

it('go round among workspaces, however many wait of one', async () => {
  const { begun, take, end } = taker(new Turns(1, 1));
  for (const name of ['a1', 'a2', 'a3']) take('a', name);
  take('b', 'b1');
  for (const name of ['a1', 'a2', 'b1']) {
    await settled();
    end(name);
  }
  await settled();
  expect(begun).toEqual(['a1', 'a2', 'b1', 'a3']);
});
