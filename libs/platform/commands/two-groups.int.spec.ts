import { newId } from '../kernel/id.js';
import type { Reply } from '../operations/reply.js';
import { until } from '../testing/until.js';
import { heldShell, openStore, outcome, type Store } from './write-shell.fixture.js';

let store: Store;
beforeEach(async () => {
  store = await openStore();
});
afterEach(() => store.close());

/** Status of what a command came to: 201 for a stream's first. */
const statuses = (settled: readonly PromiseSettledResult<Reply>[]) => settled.map((one) => outcome(one).status);

it('appends a second group, of other streams, while the first one is under way', async () => {
  const shell = heldShell(store, { groupsUnderWay: 2 });
  const [a, b] = [newId('aia'), newId('aia')];
  const first = await shell.hold([{ stream: a, word: 'one' }]);
  expect((await shell.add({ stream: b, word: 'one' })).status).toBe(201);
  expect(await store.wordsOf(a)).toEqual([]);
  first.release();
  expect(statuses(await first.replies)).toEqual([201]);
  expect(await store.wordsOf(a)).toEqual(['one']);
});

// Caught when: `take` does not leave out the streams that are under way. The second command would be decided on the
// head from before the first one, lose, and be decided again: the conflict shows it.
it('leaves the commands of a stream that is under way for later, in their order', async () => {
  const shell = heldShell(store, { groupsUnderWay: 2 });
  const [a, b] = [newId('aia'), newId('aia')];
  const first = await shell.hold([{ stream: a, word: '1' }]);
  const later = Promise.all([
    shell.add({ stream: a, word: '2' }),
    shell.add({ stream: b, word: '1' }),
    shell.add({ stream: a, word: '3' }),
  ]);
  await until(async () => (await store.wordsOf(b)).length > 0);
  expect(await store.wordsOf(a)).toEqual([]);
  first.release();
  await Promise.all([first.replies, later]);
  expect(await store.wordsOf(a)).toEqual(['1', '2', '3']);
  expect(shell.shell.counts.conflicts).toBe(0);
});

it('decides the first group again after a foreign append, whatever the second one has done meanwhile', async () => {
  const shell = heldShell(store, { groupsUnderWay: 2 });
  const foreign = store.openShell();
  const [a, b, c] = [newId('aia'), newId('aia'), newId('aia')];
  await shell.add({ stream: a, word: '1' });
  const first = await shell.hold([
    { stream: a, word: '3' },
    { stream: c, word: '1' },
    { stream: a, word: '4' },
  ]);
  await foreign.add({ stream: a, word: '2' });
  await shell.add({ stream: b, word: '1' });
  const after = shell.add({ stream: a, word: '5' });
  first.release();
  expect(statuses(await first.replies)).toEqual([200, 201, 200]);
  await after;
  expect(await store.wordsOf(a)).toHaveLength(5);
  expect((await store.wordsOf(a)).slice(0, 2)).toEqual(['1', '2']);
  expect(await store.wordsOf(b)).toEqual(['1']);
  expect(await store.wordsOf(c)).toEqual(['1']);
  await store.check();
});

it('has whoever needs the lock wait for both', async () => {
  let held: (() => void) | null = null;
  const shell = heldShell(store, { groupsUnderWay: 2, beforeLock: async () => held?.() });
  const foreign = store.openShell();
  const [a, b] = [newId('aia'), newId('aia')];
  await shell.add({ stream: a, word: '1' });
  // Two lost races: the third time the command goes under the lock.
  const first = await shell.hold([{ stream: a, word: '4' }]);
  await foreign.add({ stream: a, word: '2' });
  const again = shell.regate();
  first.release();
  await again.reached;
  await foreign.add({ stream: a, word: '3' });
  const other = shell.regate();
  let locked = false;
  held = () => {
    locked = true;
  };
  const second = shell.add({ stream: b, word: '1' });
  await other.reached;
  again.release();
  await until(() => shell.shell.waitingCommands === 1);
  expect(locked).toBe(false);
  other.release();
  await Promise.all([first.replies, second]);
  expect(locked).toBe(true);
  expect(await store.wordsOf(a)).toEqual(['1', '2', '3', '4']);
});
