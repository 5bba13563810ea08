import { newId } from '../kernel/id.js';
import { type Add, heldShell, openStore, outcome, type Store } from './write-shell.fixture.js';

let store: Store;
beforeAll(async () => {
  store = await openStore();
});
afterEach(() => store.check());
afterAll(() => store.close());

/** A create that takes a name, and is refused where it is taken. */
const creating = (value: string, scope?: string): Add => ({
  word: 'made',
  more: { claims: [{ kind: 'thing', value, ...(scope === undefined ? {} : { scope }) }] },
});

/** A create, or a change of the stream that has the name. */
const upserting = (value: string, word: string): Add => {
  const orNew = newId('aia');
  return { word, more: { stream: { claim: { kind: 'thing', value }, orNew } } };
};

const TAKEN = { status: 409, code: 'external_id_taken' };
const MADE = { status: 201, seq: 1 };

// Caught when: the append inserts claims `on conflict do nothing`, or does not compare them under its lock.
it('lets one of two creates of a group have a name, and refuses the other', async () => {
  const shell = heldShell(store);
  const { settled } = await shell.together([creating('a'), creating('a'), creating('b')]);
  expect(settled.map(outcome)).toEqual([MADE, TAKEN, MADE]);
});

it('lets one of two processes have a name, twenty times', async () => {
  const shells = [store.openShell(), store.openShell()];
  await Promise.all(shells.map(({ append }) => append.ready()));
  for (let round = 0; round < 20; round++) {
    const results = await Promise.allSettled(shells.map(({ add }) => add(creating(`round ${round}`))));
    const sorted = results.map(outcome).sort((a, b) => a.status - b.status);
    expect(sorted).toEqual([MADE, TAKEN]);
  }
});

it('names the stream that has the name', async () => {
  const shell = store.openShell();
  const first = await shell.add(creating('c'));
  const refused = await shell.add(creating('c'));
  const { stream } = JSON.parse(first.body as string) as { stream: string };
  expect(refused.body).toContain(stream);
  expect(await shell.shell.resolve(store.workspace, 'aia', { kind: 'thing', value: 'c' })).toBe(stream);
  expect(await shell.shell.resolve(store.workspace, 'aia', { kind: 'thing', value: 'none' })).toBeNull();
});

it('holds names apart by kind, scope and workspace', async () => {
  const shell = store.openShell();
  const other: Add = { word: 'made', more: { claims: [{ kind: 'other', value: 'd' }] } };
  const results = await Promise.allSettled(
    [creating('d'), other, creating('d', 's1'), creating('d', 's2'), { ...creating('d'), workspace: newId('wsp') }].map(
      (what) => shell.add(what),
    ),
  );
  expect(results.map(outcome)).toEqual([MADE, MADE, MADE, MADE, MADE]);
});

it('does not take the name of a command that is refused', async () => {
  const shell = store.openShell();
  const refused = await shell.add({ ...creating('e'), existing: true });
  expect(refused.status).toBe(404);
  expect(outcome((await Promise.allSettled([shell.add(creating('e'))]))[0]!)).toEqual(MADE);
});

// Caught when: a command that waits for a name is put back in the queue before its group is decided: where another
// command of the group throws, all go one by one, and this one again after that.
it('carries out once a command that waited for a name in a group that fails', async () => {
  const shell = heldShell(store);
  const stream = newId('aia');
  const claims = [{ kind: 'thing', value: 'h' }];
  const { settled } = await shell.together([
    creating('h'),
    { stream, word: 'one', more: { claims, toleratesTaken: true } },
    { ...creating('i'), unfit: true },
  ]);
  expect(settled.map((result) => outcome(result).status)).toEqual([201, 201, 500]);
  expect((await shell.add({ stream, word: 'two' })).etag).toBe(2);
  expect(await store.wordsOf(stream)).toEqual(['one', 'two']);
});

describe('an upsert by a name', () => {
  it('makes one stream of two in a group, and changes it', async () => {
    const shell = heldShell(store);
    const { settled } = await shell.together([upserting('f', 'one'), upserting('f', 'two')]);
    expect(settled.map(outcome)).toEqual([MADE, { status: 200, seq: 2 }]);
    const streams = settled.map((r) => JSON.parse((r as PromiseFulfilledResult<{ body: string }>).value.body).stream);
    expect(new Set(streams).size).toBe(1);
    expect(await store.wordsOf(streams[0])).toEqual(['one', 'two']);
  });

  it('makes one stream in two processes at once, twenty times', async () => {
    const shells = [store.openShell(), store.openShell()];
    await Promise.all(shells.map(({ append }) => append.ready()));
    for (let round = 0; round < 20; round++) {
      const results = await Promise.allSettled(shells.map(({ add }) => add(upserting(`upsert ${round}`, 'x'))));
      const sorted = results.map(outcome).sort((a, b) => b.status - a.status);
      expect(sorted).toEqual([MADE, { status: 200, seq: 2 }]);
    }
  });
});

it('tells the command which of its names are taken, where that is no reason to refuse', async () => {
  const shell = store.openShell();
  await shell.add(creating('g'));
  const claims = ['new', 'g'].map((value) => ({ kind: 'thing', value }));
  const command = ({ taken }: { taken: ReadonlyMap<number, string> }) => ({ word: [...taken.keys()].join() });
  const reply = await shell.add({ word: '', more: { claims, toleratesTaken: true, command } });
  const { stream } = JSON.parse(reply.body as string) as { stream: string };
  expect(await store.wordsOf(stream)).toEqual(['1']);
});

it('keeps names as hashes only', async () => {
  const shell = store.openShell();
  await shell.add(creating('ada@example.org'));
  const { rows } = await store.admin.query<{ row: string }>(
    "select c::text as row from log.claims c union all select encode(k.response, 'escape') from log.idempotency k",
  );
  expect(rows.length).toBeGreaterThan(0);
  expect(rows.some(({ row }) => row.includes('example.org'))).toBe(false);
});
