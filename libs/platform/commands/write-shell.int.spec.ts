import { newId } from '../kernel/id.js';
import { until } from '../testing/until.js';
import { heldShell, openStore, outcome, personalWords, type Store, words } from './write-shell.fixture.js';

let store: Store;
beforeAll(async () => {
  store = await openStore();
});
afterEach(() => store.check());
afterAll(() => store.close());

describe('a group', () => {
  it('gives each of its commands an outcome of its own, in one transaction', async () => {
    const shell = heldShell(store);
    const [a, b, c] = [newId('aia'), newId('aia'), newId('aia')];
    await shell.add({ stream: a, word: 'one' });
    const { settled, groups } = await shell.together([
      { stream: a, word: 'two' },
      { stream: a, word: 'never', most: 2 },
      { stream: b, word: 'one' },
      { stream: a, word: 'never', ifMatch: 1 },
      { stream: a, word: 'three', ifMatch: 2 },
      { stream: c, word: 'never', existing: true },
      { stream: b, word: 'two', ifMatch: 1 },
    ]);
    expect(settled.map(outcome)).toEqual([
      { status: 200, seq: 2 },
      { status: 422, code: 'conversation_closed' },
      { status: 201, seq: 1 },
      { status: 412, code: 'version_mismatch' },
      { status: 200, seq: 3 },
      { status: 404, code: 'not_found' },
      { status: 200, seq: 2 },
    ]);
    expect(groups).toBe(1);
    expect(await store.wordsOf(a)).toEqual(['one', 'two', 'three']);
    expect(await store.wordsOf(b)).toEqual(['one', 'two']);
    expect(await store.wordsOf(c)).toEqual([]);
  });

  it('answers each with its version and its place in the log', async () => {
    const shell = heldShell(store);
    const [a, b] = [newId('aia'), newId('aia')];
    const { settled } = await shell.together([
      { stream: a, word: 'one' },
      { stream: b, word: 'one' },
      { stream: a, word: 'two' },
    ]);
    const replies = settled.map(
      (result) => (result as PromiseFulfilledResult<{ etag: number; position: string }>).value,
    );
    expect(replies.map(({ etag }) => etag)).toEqual([1, 1, 2]);
    const events = await store.events();
    const placeOf = (stream: string, seq: number) => events.find((e) => e.stream === stream && e.seq === seq)!.position;
    const positions = replies.map(({ position }) => Number(Buffer.from(position, 'base64url').readBigUInt64BE(7)));
    // A stream's events lie together in a group: the positions are not in the order of the commands.
    expect(positions).toEqual([placeOf(a, 1), placeOf(b, 1), placeOf(a, 2)]);
  });

  it('is at most as large as asked', async () => {
    const shell = heldShell(store, { groupWeight: 3 });
    const stream = newId('aia');
    const { groups } = await shell.together(Array.from({ length: 7 }, (_, i) => ({ stream, word: `${i}` })));
    expect(groups).toBe(3);
    expect(await store.wordsOf(stream)).toEqual(['0', '1', '2', '3', '4', '5', '6']);
  });
});

describe('a foreign append between decision and insert, with two commands of that stream in the group', () => {
  // Caught when: `withoutConflicts` sends back only the first command of a stream and appends the rest, or the append
  // skips what it meets (`on conflict do nothing`) and lets the second command in on a refused first one.
  it('has both decided again, on what is true', async () => {
    const shell = heldShell(store);
    const foreign = store.openShell();
    const [stream, other] = [newId('aia'), newId('aia')];
    await shell.add({ stream, word: 'one' });
    await shell.add({ stream: other, word: 'one' });
    const held = await shell.hold([
      { stream, word: 'three' },
      { stream: other, word: 'two' },
      { stream, word: 'four' },
    ]);
    await foreign.add({ stream, word: 'two' });
    held.release();
    expect((await held.replies).map(outcome)).toEqual([
      { status: 200, seq: 3 },
      { status: 200, seq: 2 },
      { status: 200, seq: 4 },
    ]);
    expect(await store.wordsOf(stream)).toEqual(['one', 'two', 'three', 'four']);
    expect(shell.shell.counts.conflicts).toBe(1);
  });

  // Caught when: a command is kept that was decided after one that is dropped. `second` was right only on `first`.
  it('accepts neither where the first is now refused and the second was decided on it', async () => {
    const shell = heldShell(store);
    const foreign = store.openShell();
    const stream = newId('aia');
    await shell.add({ stream, word: 'one' });
    const held = await shell.hold([
      { stream, word: 'first', after: 'one' },
      { stream, word: 'second', after: 'first' },
    ]);
    await foreign.add({ stream, word: 'foreign' });
    held.release();
    expect((await held.replies).map(outcome)).toEqual([
      { status: 422, code: 'conversation_not_closed' },
      { status: 422, code: 'conversation_not_closed' },
    ]);
    expect(await store.wordsOf(stream)).toEqual(['one', 'foreign']);
  });

  // Caught when: the append compares bases only of streams that get events. A refusal is a decision on a state, too.
  it('does not refuse on a state that has passed', async () => {
    const shell = heldShell(store);
    const foreign = store.openShell();
    const stream = newId('aia');
    await shell.add({ stream, word: 'one' });
    const held = await shell.hold([{ stream, word: 'two', after: 'foreign' }]);
    await foreign.add({ stream, word: 'foreign' });
    held.release();
    expect((await held.replies).map(outcome)).toEqual([{ status: 200, seq: 3 }]);
  });

  it('has If-Match compared again', async () => {
    const shell = heldShell(store);
    const foreign = store.openShell();
    const stream = newId('aia');
    await shell.add({ stream, word: 'one' });
    const held = await shell.hold([
      { stream, word: 'never', ifMatch: 1 },
      { stream, word: 'three' },
    ]);
    await foreign.add({ stream, word: 'two' });
    held.release();
    expect((await held.replies).map(outcome)).toEqual([
      { status: 412, code: 'version_mismatch' },
      { status: 200, seq: 3 },
    ]);
  });

  it('may make the very stream that two commands of the group make', async () => {
    const shell = heldShell(store);
    const foreign = store.openShell();
    const stream = newId('aia');
    const gate = await shell.hold([{ word: 'first' }]);
    const replies = Promise.allSettled([shell.add({ stream, word: 'two' }), shell.add({ stream, word: 'three' })]);
    await until(() => shell.shell.waitingCommands === 2);
    await foreign.add({ stream, word: 'one' });
    gate.release();
    expect((await replies).map(outcome)).toEqual([
      { status: 200, seq: 2 },
      { status: 200, seq: 3 },
    ]);
    expect(await store.wordsOf(stream)).toEqual(['one', 'two', 'three']);
  });
});

describe('If-Match', () => {
  it('refuses a stale version, and nothing is written', async () => {
    const shell = store.openShell();
    const stream = newId('aia');
    await shell.add({ stream, word: 'one' });
    await shell.add({ stream, word: 'two' });
    const before = (await store.events()).length;
    const [result] = await Promise.allSettled([shell.add({ stream, word: 'never', ifMatch: 1 })]);
    expect(outcome(result)).toEqual({ status: 412, code: 'version_mismatch' });
    expect(await store.events()).toHaveLength(before);
    expect((await shell.add({ stream, word: 'three', ifMatch: 2 })).etag).toBe(3);
  });
});

describe('a command that cannot be carried out', () => {
  // Caught when: an error that is no conflict fails its group, or only the first or the last command of it.
  it.each([
    ['whose event does not fit its schema', { word: 'x', unfit: true }],
    ['that a projection’s statement fails for', { word: 'poison' }],
    ['that holds a NUL', { word: 'a\u0000b' }],
  ])('%s fails alone', async (_, poison) => {
    const shell = heldShell(store);
    const [a, b] = [newId('aia'), newId('aia')];
    await shell.add({ stream: a, word: 'one' });
    const { settled } = await shell.together([
      { stream: a, word: 'two' },
      { stream: a, ...poison, key: `poison-${_}` },
      { stream: b, word: 'one' },
      { stream: a, word: 'three' },
      { stream: b, word: 'two' },
    ]);
    expect(settled.map((result) => outcome(result).status)).toEqual([200, 500, 201, 200, 200]);
    expect(await store.wordsOf(a)).toEqual(['one', 'two', 'three']);
    expect(await store.wordsOf(b)).toEqual(['one', 'two']);
    expect(store.errors.pop()).toMatchObject({ stream: a });
    // Nothing is kept of it: the same key may be used for what works.
    expect((await shell.add({ stream: a, word: 'four', key: `poison-${_}` })).status).toBe(200);
  });

  it('leaves nothing of what it held in what is logged of it', async () => {
    const shell = store.openShell();
    await expect(shell.add({ word: 'poison for Ada Lovelace' })).rejects.toThrow();
    expect(JSON.stringify(store.errors.pop())).not.toContain('Lovelace');
  });
});

describe('an id', () => {
  // Streams are stored by uuid alone. Caught when: heads are taken by uuid without a look at the stream's type.
  it('of one kind does not lead to a stream of another with the same uuid', async () => {
    const shell = store.openShell();
    const cold = store.openShell();
    const stream = newId('aia');
    await shell.add({ stream, word: 'one' });
    const disguised = stream.replace('aia_', 'cus_');
    for (const { add } of [shell, cold]) {
      const results = await Promise.allSettled([
        add({ stream: disguised, aggregate: personalWords, word: 'never', existing: true }),
        add({ word: 'never', more: { references: [disguised] } }),
      ]);
      expect(results.map(outcome)).toEqual([
        { status: 404, code: 'not_found' },
        { status: 404, code: 'unknown_reference' },
      ]);
    }
    expect(await store.wordsOf(stream)).toEqual(['one']);
  });

  it('of another workspace is not found, as a stream and as a reference', async () => {
    const shell = store.openShell();
    const stream = newId('aia');
    await shell.add({ stream, word: 'one' });
    const results = await Promise.allSettled([
      shell.add({ stream, word: 'never', workspace: newId('wsp') }),
      shell.add({ word: 'never', workspace: newId('wsp'), more: { references: [stream] } }),
    ]);
    expect(results.map(outcome)).toEqual([
      { status: 404, code: 'not_found' },
      { status: 404, code: 'unknown_reference' },
    ]);
    expect(await store.wordsOf(stream)).toEqual(['one']);
  });
});

describe('a store that goes away', () => {
  it('in the middle of an append is answered 503, and the shell recovers', async () => {
    const shell = store.openShell();
    const stream = newId('aia');
    await shell.add({ stream, word: 'one' });
    await store.admin.query('begin');
    await store.admin.query('select pg_advisory_xact_lock(4851, 1)');
    const replies = Promise.allSettled([shell.add({ stream, word: 'lost' }), shell.add({ word: 'lost' })]);
    const waiting = "datname = current_database() and wait_event_type = 'Lock' and wait_event = 'advisory'";
    await until(async () => (await store.admin.query(`select from pg_stat_activity where ${waiting}`)).rowCount! > 0);
    await store.admin.query(`select pg_terminate_backend(pid) from pg_stat_activity where ${waiting}`);
    expect((await replies).map(outcome)).toEqual([
      { status: 503, code: 'unavailable' },
      { status: 503, code: 'unavailable' },
    ]);
    await store.admin.query('rollback');
    await until(() => shell.append.isUp);
    expect((await shell.add({ stream, word: 'two' })).etag).toBe(2);
    expect(await store.wordsOf(stream)).toEqual(['one', 'two']);
  });

  it('is answered 503 when the lock is not to be had in time', async () => {
    const shell = store.openShell();
    const stream = newId('aia');
    await shell.append.ready();
    await store.admin.query('begin');
    await store.admin.query('select pg_advisory_xact_lock(4851, 1)');
    const [late] = await Promise.allSettled([shell.add({ stream, word: 'late' })]);
    await store.admin.query('rollback');
    expect(outcome(late!)).toEqual({ status: 503, code: 'unavailable' });
    expect(await store.wordsOf(stream)).toEqual([]);
    expect((await shell.add({ stream, word: 'one' })).etag).toBe(1);
  });
});

it('counts what it did', async () => {
  const { shell, add } = store.openShell();
  await add({ aggregate: words, word: 'one' });
  await expect(add({ word: 'never', existing: true })).resolves.toMatchObject({ status: 404 });
  expect(shell.counts).toEqual({ groups: 2, commands: 2, events: 1, conflicts: 0 });
});
