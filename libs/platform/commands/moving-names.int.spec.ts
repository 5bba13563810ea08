import { newId, toId } from '../kernel/id.js';
import { until } from '../testing/until.js';
import { type Add, heldShell, openStore, outcome, type Store, words } from './write-shell.fixture.js';

let store: Store;
beforeAll(async () => {
  store = await openStore();
});
afterEach(() => store.check());
afterAll(() => store.close());

const wordOf = (name: string) => name.replace(/^\d+:/, '');
const named = (sign: string) => (event: { data: unknown }) => {
  const word = wordOf((event.data as { name: string }).name);
  return word.startsWith(sign) ? [{ kind: 'thing', value: word.slice(1) }] : [];
};

/** Words that begin with `+` take the name after it, and those with `-` give it up. */
const movable: typeof words = { ...words, claimsOf: named('+'), releasesOf: named('-') };

/** Takes a name unless another stream has it. */
const taking = (stream: string, value: string): Add => ({
  aggregate: movable,
  stream,
  word: `+${value}`,
  more: {
    claims: [{ kind: 'thing', value }],
    toleratesTaken: true,
    command: ({ taken }) => {
      const owner = taken.get(0);
      const isOthers = owner !== undefined && toId('aia', owner) !== stream;
      return isOthers ? { word: '', most: 0 } : { word: `+${value}` };
    },
  },
});
const givingUp = (stream: string, value: string): Add => ({ aggregate: movable, stream, word: `-${value}` });

const ownerOf = (value: string) => store.openShell().shell.resolve(store.workspace, 'aia', { kind: 'thing', value });
const statuses = (results: PromiseSettledResult<{ status: number; body: unknown }>[]) =>
  results.map((result) => outcome(result as Parameters<typeof outcome>[0]).status);

/** Decided together, in their order. */
async function inOneGroup(shell: ReturnType<typeof heldShell>, commands: readonly Add[]): Promise<number[]> {
  const { release } = await shell.hold([{ word: 'first' }]);
  const before = shell.shell.counts.groups;
  const replies = [];
  for (const [i, command] of commands.entries()) {
    replies.push(shell.add(command));
    await until(() => shell.shell.waitingCommands === i + 1);
  }
  release();
  const settled = await Promise.allSettled(replies);
  expect(shell.shell.counts.groups - before).toBe(2);
  return statuses(settled);
}

it('lets another stream take a name that one gave up, and not before', async () => {
  const { add } = store.openShell();
  const [one, other] = [newId('aia'), newId('aia')];
  await add(taking(one, 'a'));
  expect((await add(taking(other, 'a'))).status).toBe(422);
  expect(await ownerOf('a')).toBe(one);
  await add(givingUp(one, 'a'));
  expect(await ownerOf('a')).toBeNull();
  expect((await add(taking(other, 'a'))).status).toBe(201);
  expect(await ownerOf('a')).toBe(other);
});

it('does not take a name away from another stream', async () => {
  const { add } = store.openShell();
  const [one, other] = [newId('aia'), newId('aia')];
  await add(taking(one, 'b'));
  await add(givingUp(other, 'b'));
  expect(await ownerOf('b')).toBe(one);
});

// Caught when: a name that was the stream's own when it was looked up is not taken again once the stream has given it up.
it('keeps a name that its stream gives up and takes again, in one group and in two', async () => {
  const shell = heldShell(store);
  const stream = newId('aia');
  await shell.add(taking(stream, 'c'));
  expect(await inOneGroup(shell, [givingUp(stream, 'c'), taking(stream, 'c')])).toEqual([200, 200]);
  expect(await ownerOf('c')).toBe(stream);

  const held = await shell.hold([givingUp(stream, 'c')]);
  const again = shell.add(taking(stream, 'c'));
  held.release();
  await held.replies;
  expect((await again).status).toBe(200);
  expect(await ownerOf('c')).toBe(stream);
});

it('gives up in the end what a group takes and gives up', async () => {
  const shell = heldShell(store);
  const stream = newId('aia');
  expect(await inOneGroup(shell, [taking(stream, 'd'), givingUp(stream, 'd')])).toEqual([201, 200]);
  expect(await ownerOf('d')).toBeNull();
});

it('decides anew where another process took a name that was its own', async () => {
  const shell = heldShell(store);
  const elsewhere = store.openShell();
  const [one, other] = [newId('aia'), newId('aia')];
  await shell.add(taking(one, 'e'));
  const { replies, release } = await shell.hold([taking(one, 'e')]);
  await elsewhere.add(givingUp(one, 'e'));
  await elsewhere.add(taking(other, 'e'));
  release();
  expect(statuses(await replies)).toEqual([422]);
  expect(await ownerOf('e')).toBe(other);
});

// Caught when: a name is held although another stream has it, because that one gives it up in the same transaction: its
// event may stand after the one that takes the name.
it('holds no name that another stream holds, or gives up, in the same transaction', async () => {
  const [one, other] = [newId('aia'), newId('aia')];
  await store.openShell().add(taking(other, 'g'));
  const { rows } = await store.admin.query<{ claim: string }>('select claim from log.claims where stream = $1', [
    other.slice(4),
  ]);
  const { claim } = rows[0]!;
  const moving = store.admin.query('select log.move_claims($1, $2, $3, $1, $4)', [
    [claim],
    [store.workspace.slice(4)],
    [one.slice(4)],
    [other.slice(4)],
  ]);
  await expect(moving).rejects.toMatchObject({ code: 'HD001', detail: expect.stringContaining(claim) });
  expect(await ownerOf('g')).toBe(other);
  const free = [claim.replaceAll(/[0-9a-f]/g, '0')];
  const [workspace] = [store.workspace.slice(4)];
  const both = store.admin.query('select log.move_claims($1, $2, $3, $4, $4)', [
    [...free, ...free],
    [workspace, workspace],
    [one.slice(4), other.slice(4)],
    [],
  ]);
  await expect(both).rejects.toMatchObject({ code: 'HD001' });
});

// Caught when: only the last move of a name is compared. What takes it was decided on what had passed.
it('decides anew what takes a name and gives it up in one group, where another stream has it by then', async () => {
  const shell = heldShell(store);
  const elsewhere = store.openShell();
  const [one, other] = [newId('aia'), newId('aia')];
  await shell.add(taking(one, 'h'));
  const first = await shell.hold([givingUp(one, 'h')]);
  const waiting = [shell.add(taking(one, 'h'))];
  await until(() => shell.shell.waitingCommands === 1);
  waiting.push(shell.add(givingUp(one, 'h')));
  await until(() => shell.shell.waitingCommands === 2);
  const second = shell.regate();
  first.release();
  await second.reached;
  expect((await elsewhere.add(taking(other, 'h'))).status).toBe(201);
  second.release();
  expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([422, 200]);
  expect(await ownerOf('h')).toBe(other);
});

it('refuses events that take a name which their command did not look up', async () => {
  const { add } = store.openShell();
  await expect(add({ aggregate: movable, stream: newId('aia'), word: '+f' })).rejects.toThrow('did not look up');
});

// The names that the store has are what the log says, whoever was first: 600 commands of two processes on few names.
it('has the owners that the log gives, whatever two processes take and give up at once', async () => {
  const shells = [store.openShell(), store.openShell()];
  await Promise.all(shells.map(({ append }) => append.ready()));
  const streams = Array.from({ length: 6 }, () => newId('aia'));
  const names = ['n0', 'n1', 'n2'];
  let seed = 7;
  const any = <One>(from: readonly One[]): One => {
    seed = (seed * 48271) % 2147483647;
    return from[seed % from.length]!;
  };
  const commands = Array.from({ length: 600 }, () => any([taking, givingUp, taking])(any(streams), any(names)));
  for (let i = 0; i < commands.length; i += 60) {
    const round = commands.slice(i, i + 60);
    await Promise.allSettled(round.map((command, n) => shells[n % 2]!.add(command)));
  }
  const owners = new Map<string, string>();
  for (const { stream, name } of (await store.events()).filter((event) => streams.includes(event.stream))) {
    const [sign, value] = [wordOf(name)[0], wordOf(name).slice(1)];
    if (sign === '-' && owners.get(value) === stream) owners.delete(value);
    if (sign !== '+') continue;
    expect([undefined, stream]).toContain(owners.get(value));
    owners.set(value, stream);
  }
  const found = await Promise.all(names.map(async (name) => [name, await ownerOf(name)]));
  expect(found).toEqual(names.map((name) => [name, owners.get(name) ?? null]));
  expect(shells[0]!.shell.counts.conflicts + shells[1]!.shell.counts.conflicts).toBeGreaterThan(0);
});
