import { newId } from '../kernel/id.js';
import { until } from '../testing/until.js';
import { type Add, heldShell, openStore, type Store } from './write-shell.fixture.js';

let store: Store;
beforeEach(async () => {
  store = await openStore();
});
afterEach(async () => {
  await store.check();
  await store.close();
});

/** A group takes 25 of these, and not 26. */
const LONG = 'x'.repeat(10 * 1024);

const commands = (count: number, what: Partial<Add>): Add[] =>
  Array.from({ length: count }, () => ({ stream: newId('aia'), word: 'x', ...what }));

/** How many events each transaction appended after this position, in the order of the log. */
async function groups(after = 0): Promise<number[]> {
  const { rows } = await store.admin.query<{ events: number }>(
    'select count(*)::integer as events from log.events where position > $1 group by xmin order by min(position)',
    [after],
  );
  return rows.map(({ events }) => events);
}

// Caught when: the weight of a group is twice as large, or half, or texts are weighed by another measure.
it.each([
  ['256 Ki characters', commands(60, { word: LONG }), [25, 25, 10]],
  ['256 commands', commands(300, {}), [256, 44]],
])('takes %s at most', async (_, waiting, expected) => {
  await heldShell(store).together(waiting);
  expect(await groups()).toEqual([1, ...expected]);
});

it('takes as many names', async () => {
  const waiting = commands(5, {}).map((what) => {
    const claims = Array.from({ length: 100 }, (_, i) => ({ kind: 'thing', value: `${what.stream} ${i}` }));
    return { ...what, more: { claims } };
  });
  await heldShell(store).together(waiting);
  expect(await groups()).toEqual([1, 2, 2, 1]);
});

it('takes a command alone that is heavier than a group', async () => {
  await heldShell(store).together(commands(3, { word: LONG.repeat(30) }));
  expect(await groups()).toEqual([1, 1, 1, 1]);
});

// Caught when: the second of two groups has the weight of a whole one.
it('takes no more into a second group than the first one leaves', async () => {
  const shell = heldShell(store, { groupsUnderWay: 2 });
  const made = commands(32, {});
  await Promise.all(made.map((what) => shell.add(what)));
  // Streams that are in memory: those of a turn are one group.
  const long = made.map((what) => ({ ...what, word: LONG }));
  const first = await shell.hold(long.slice(0, 20));
  const others = Promise.all(long.slice(20).map((what) => shell.add(what)));
  await until(async () => (await groups(32)).length > 0);
  expect(await groups(32)).toEqual([5]);
  expect(shell.shell.waitingCommands).toBe(7);
  first.release();
  await Promise.all([first.replies, others]);
  expect((await groups(32)).sort((a, b) => a - b)).toEqual([5, 7, 20]);
});
