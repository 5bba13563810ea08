import fc from 'fast-check';
import { newId } from '../kernel/id.js';
import { type Add, openStore, outcome, personalWords, type ShellHooks, type Store } from './write-shell.fixture.js';

let store: Store;
beforeAll(async () => {
  store = await openStore();
});
afterEach(() => store.check());
afterAll(() => store.close());

describe('a command that lost twice', () => {
  /** A shell that loses every race for a stream, until it decides under the lock. */
  async function loser(stream: string, beforeLock?: () => Promise<unknown>) {
    const foreign = store.openShell();
    let lost = 0;
    let underLock = 0;
    const hooks: ShellHooks = {
      beforeAppend: async () => {
        await foreign.add({ stream, word: `foreign ${++lost}` });
      },
      beforeLock: async () => {
        if (++underLock === 1) await beforeLock?.();
      },
    };
    await foreign.add({ stream, word: 'one' });
    return { ...store.openShell(hooks), foreign, lost: () => lost, underLock: () => underLock };
  }

  // Caught when: LOSSES_BEFORE_LOCK is never reached (the test then ends by its time), or the path reads the head
  // before it has the lock.
  it('reads and decides while it holds the lock, and is carried out', async () => {
    const stream = newId('aia');
    const shell = await loser(stream, () => shell.foreign.add({ stream, word: 'last foreign' }));
    expect((await shell.add({ stream, word: 'mine' })).etag).toBe(5);
    expect(await store.wordsOf(stream)).toEqual(['one', 'foreign 1', 'foreign 2', 'last foreign', 'mine']);
    expect([shell.lost(), shell.underLock()]).toEqual([2, 1]);
  });

  it('is refused on what is true then', async () => {
    const stream = newId('aia');
    const shell = await loser(stream);
    expect((await shell.add({ stream, word: 'never', most: 3 })).status).toBe(422);
    expect(await store.wordsOf(stream)).toEqual(['one', 'foreign 1', 'foreign 2']);
  });

  it('gives the stored answer where its key was used meanwhile', async () => {
    const stream = newId('aia');
    const shell = await loser(stream, () => shell.foreign.add({ stream, word: 'mine', key: 'lost race' }));
    expect(await shell.add({ stream, word: 'mine', key: 'lost race' })).toMatchObject({ replayed: true, etag: 4 });
    expect(await store.wordsOf(stream)).toEqual(['one', 'foreign 1', 'foreign 2', 'mine']);
  });

  it('is refused where its name was taken meanwhile', async () => {
    const stream = newId('aia');
    const more: Add['more'] = { claims: [{ kind: 'thing', value: 'wanted' }] };
    const shell = await loser(stream, () => shell.foreign.add({ word: 'owner', more }));
    const reply = await shell.add({ stream, word: 'mine', more });
    expect(reply).toMatchObject({ status: 409 });
    expect(await store.wordsOf(stream)).toEqual(['one', 'foreign 1', 'foreign 2']);
  });

  it('takes a name that nobody took', async () => {
    const stream = newId('aia');
    const shell = await loser(stream);
    const more: Add['more'] = { claims: [{ kind: 'thing', value: 'free' }] };
    expect((await shell.add({ stream, word: 'mine', more })).status).toBe(200);
    expect((await shell.foreign.add({ word: 'late', more })).status).toBe(409);
  });

  it('opens a sealed state', async () => {
    const stream = newId('cus');
    const foreign = store.openShell();
    await foreign.add({ stream, aggregate: personalWords, word: 'one' });
    const shell = store.openShell({
      beforeAppend: async () => {
        await foreign.add({ stream, aggregate: personalWords, word: 'foreign' });
      },
    });
    expect((await shell.add({ stream, aggregate: personalWords, word: 'mine' })).etag).toBe(4);
  });

  // Caught when: what is heard is the error of the read behind the lock, which says only that the transaction has failed.
  it('is answered 503 when the lock is not to be had in time', async () => {
    const stream = newId('aia');
    const shell = await loser(stream, () => store.admin.query('begin; select pg_advisory_xact_lock(4851, 1)'));
    const [late] = await Promise.allSettled([shell.add({ stream, word: 'late' })]);
    await store.admin.query('rollback');
    expect(outcome(late!)).toEqual({ status: 503, code: 'unavailable' });
    expect(shell.underLock()).toBe(1);
    expect((await shell.foreign.add({ stream, word: 'four' })).etag).toBe(4);
  });

  it('fails alone where it is poison', async () => {
    const stream = newId('aia');
    const shell = await loser(stream);
    await expect(shell.add({ stream, word: 'poison' })).rejects.toMatchObject({ code: '23514' });
    expect((await shell.foreign.add({ stream, word: 'four' })).etag).toBe(4);
  });
});

// Caught when: streams or keys are locked in the order of arrival (deadlocks), the lock is not taken (holes, and
// positions out of the order of commit), or bases are not compared (a number that is not its seq).
it('of three processes on ten streams ends with everything acknowledged once, in every stream’s order', async () => {
  const shells = Array.from({ length: 3 }, () => store.openShell({ groupWeight: 16 }));
  await Promise.all(shells.map(({ append }) => append.ready()));
  const streams = Array.from({ length: 10 }, (_, i) => newId(i < 8 ? 'aia' : 'cus'));
  const acknowledged: { stream: string; seq: number; word: string }[] = [];
  const failures: object[] = [];
  const end = Date.now() + 3000;
  const client = async (shell: (typeof shells)[number], id: number) => {
    // On a busy machine few are through by then.
    for (let n = 0; Date.now() < end || (failures.length === 0 && acknowledged.length <= 300); n++) {
      const stream = streams[(id * 7 + n * 3) % 10]!;
      const word = `${id}-${n}`;
      const what: Add = { stream, word };
      if (stream.startsWith('cus')) what.aggregate = personalWords;
      if (n % 3 === 0) what.key = word;
      const [result] = await Promise.allSettled([shell.add(what)]);
      const { status, seq } = outcome(result!);
      if (status < 300) acknowledged.push({ stream, seq: seq!, word });
      else failures.push({ result });
    }
  };
  await Promise.all(shells.flatMap((shell, s) => Array.from({ length: 12 }, (_, c) => client(shell, s * 12 + c))));
  expect(failures).toEqual([]);
  const own = (await store.events()).filter(({ stream }) => streams.includes(stream));
  expect(own).toHaveLength(acknowledged.length);
  const byPlace = new Map(acknowledged.map((a) => [`${a.stream} ${a.seq}`, a.word]));
  expect(byPlace.size).toBe(acknowledged.length);
  for (const { stream, seq, name } of own) {
    if (stream.startsWith('aia')) expect(name).toBe(`${seq}:${byPlace.get(`${stream} ${seq}`)}`);
    else expect(byPlace.has(`${stream} ${seq}`)).toBe(true);
  }
  expect(shells.reduce((sum, { shell }) => sum + shell.counts.conflicts, 0)).toBeGreaterThan(0);
  expect(acknowledged.length).toBeGreaterThan(300);
}, 120_000);

const step = fc.record({
  shell: fc.nat(1),
  stream: fc.nat(2),
  most: fc.option(fc.integer({ min: 0, max: 6 }), { nil: undefined }),
  existing: fc.boolean(),
  key: fc.option(fc.nat(3), { nil: undefined }),
});

/**
 * Random commands, several at a time, on two shells, against a model: the log's own order says in which order those
 * of a round were carried out, and in that order a plain fold must come to the same answers.
 */
it('of random commands in two processes comes to what one process would, one after the other', async () => {
  const shells = [store.openShell(), store.openShell({ groupWeight: 3 })];
  await Promise.all(shells.map(({ append }) => append.ready()));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(step, { minLength: 1, maxLength: 6 }), { maxLength: 5 }), async (rounds) => {
      const streams = [newId('aia'), newId('aia'), newId('aia')];
      const run = newId('evt');
      const model = new Map(streams.map((stream) => [stream, [] as string[]]));
      const keys = new Map<number, { status: number; seq: number | undefined }>();
      for (const [r, round] of rounds.entries()) {
        const results = await Promise.all(
          round.map(async ({ shell, stream, most, existing, key }, i) => {
            const what: Add = { stream: streams[stream]!, word: `${r}.${i}`, existing, fingerprint: 'same' };
            if (most !== undefined) what.most = most;
            if (key !== undefined) what.key = `${run}-${key}`;
            const [result] = await Promise.allSettled([shells[shell]!.add(what)]);
            const replayed = result!.status === 'fulfilled' && result.value.replayed === true;
            return { ...outcome(result!), replayed, what, key };
          }),
        );
        // Answers that were given before are the first ones again.
        for (const { key, status, seq, replayed } of results) {
          if (key === undefined || status === 404) continue;
          const before = keys.get(key);
          if (before !== undefined) expect({ status, seq, replayed }).toEqual({ ...before, replayed: true });
          else if (!replayed) keys.set(key, { status, seq });
        }
        for (const stream of streams) {
          const before = model.get(stream)!;
          const after = await store.wordsOf(stream);
          const fresh = results.filter(({ what, replayed }) => what.stream === stream && !replayed);
          const accepted = fresh.filter(({ status }) => status < 300).sort((a, b) => a.seq! - b.seq!);
          expect(after).toEqual([...before, ...accepted.map(({ what }) => what.word)]);
          expect(accepted.map(({ seq }) => seq)).toEqual(accepted.map((_, i) => before.length + i + 1));
          for (const { status, seq, what } of fresh) {
            // Some moment of the round must be one at which this is the right answer.
            const moments = status < 300 ? [seq! - 1] : range(before.length, after.length);
            expect(moments.some((count) => answerAt(count, what) === status)).toBe(true);
          }
          model.set(stream, after);
        }
      }
    }),
    { numRuns: 25, seed: 20_260_101 },
  );
}, 120_000);

function answerAt(count: number, { existing, most }: Add): number {
  if (count === 0 && existing) return 404;
  if (most !== undefined && count >= most) return 422;
  return count === 0 ? 201 : 200;
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}
