import { newId } from '../kernel/id.js';
import { until } from '../testing/until.js';
import { heldShell, openStore, outcome, personalWords, type Store } from './write-shell.fixture.js';

let store: Store;
beforeAll(async () => {
  store = await openStore();
});
afterEach(() => store.check());
afterAll(() => store.close());

const aggregate = personalWords;

it('lies sealed beside the stream’s version, and the words sealed in the log', async () => {
  const stream = newId('cus');
  await store.openShell().add({ stream, aggregate, word: 'Lovelace' });
  const { rows } = await store.admin.query<{ state: string; payload: Buffer }>(
    'select s.state, e.payload from log.streams s join log.events e using (stream) where s.stream = $1',
    [stream.slice(4)],
  );
  expect(rows).toHaveLength(1);
  expect(rows[0]!.state).toMatch(/^sealed:[A-Za-z0-9+/=]+$/);
  expect(Buffer.from(rows[0]!.state.slice(7), 'base64').includes('Lovelace')).toBe(false);
  expect(rows[0]!.payload.includes('Lovelace')).toBe(false);
});

it('is opened by a process that has not seen it', async () => {
  const stream = newId('cus');
  await store.openShell().add({ stream, aggregate, word: 'one' });
  const cold = store.openShell();
  expect((await cold.add({ stream, aggregate, word: 'two', after: 'one' })).etag).toBe(2);
});

it('is made once by two processes that make the person at the same moment', async () => {
  const shells = [store.openShell(), store.openShell()];
  await Promise.all(shells.map(({ append }) => append.ready()));
  for (let round = 0; round < 10; round++) {
    const orNew = newId('cus');
    const stream = { claim: { kind: 'customer', value: `ada ${round}` }, orNew };
    const results = await Promise.allSettled(shells.map(({ add }) => add({ aggregate, word: 'x', more: { stream } })));
    expect(results.map((result) => outcome(result).seq).sort()).toEqual([1, 2]);
  }
});

it('of a person who was erased takes no more commands', async () => {
  const stream = newId('cus');
  const shell = store.openShell();
  await shell.add({ stream, aggregate, word: 'one' });
  await shell.keys.destroy(store.admin, store.workspace, stream);
  const results = [];
  for (const { add } of [shell, store.openShell()]) {
    results.push(...(await Promise.allSettled([add({ stream, aggregate, word: 'never' })])));
  }
  expect(results.map(outcome)).toEqual([
    { status: 422, code: 'person_erased' },
    { status: 422, code: 'person_erased' },
  ]);
});

// Caught when: `decide` takes the newest head that is known though it is still sealed: the fold of bytes that are no
// state would be appended as the person's.
it('is never decided on while it is still sealed', async () => {
  const shell = heldShell(store, { groupWeight: 1 });
  const foreign = store.openShell();
  const [stream, other] = [newId('cus'), newId('aia')];
  await shell.add({ stream, aggregate, word: 'one' });
  await shell.add({ stream: other, word: 'one' });
  const first = await shell.hold([{ stream, aggregate, word: 'first' }]);
  // The groups after it: another stream's, which is held too, then one of the same person that is prepared already.
  const second = shell.add({ stream: other, word: 'two' });
  const third = shell.add({ stream, aggregate, word: 'third' });
  await until(() => shell.shell.waitingCommands === 2);
  await foreign.add({ stream, aggregate, word: 'foreign' });
  const loading = Promise.withResolvers<void>();
  const load = shell.keys.loadForSubjects.bind(shell.keys);
  let loads = 0;
  shell.keys.loadForSubjects = async (db, subjects) => {
    loads++;
    await loading.promise;
    return load(db, subjects);
  };
  // The first meets the foreign append; its head is read again, sealed, and waits for its key.
  const gate = shell.regate();
  first.release();
  await until(() => loads === 1);
  gate.release();
  const settled = Promise.allSettled([second, third]);
  setTimeout(() => loading.resolve(), 50);
  expect((await settled).map((result) => outcome(result).status)).toEqual([200, 200]);
  await first.replies;
  const names = await store.admin.query<{ name: string }>('select name from conversation.spoken where stream = $1', [
    stream.slice(4),
  ]);
  const numbers = names.rows.map(({ name }) => Number.parseInt(name, 10)).sort();
  expect(numbers).toEqual([1, 2, 3, 4]);
});
