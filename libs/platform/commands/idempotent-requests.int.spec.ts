import { newId } from '../kernel/id.js';
import { heldShell, openStore, outcome, type Store } from './write-shell.fixture.js';

let store: Store;
beforeAll(async () => {
  store = await openStore();
});
afterEach(() => store.check());
afterAll(() => store.close());

const replayed = (result: PromiseSettledResult<{ replayed?: boolean }>) =>
  result.status === 'fulfilled' && result.value.replayed === true;

it('gives the first answer again, with its version and its place, whatever happened since', async () => {
  const shell = store.openShell();
  const stream = newId('aia');
  const first = await shell.add({ stream, word: 'one', key: 'k1' });
  await shell.add({ stream, word: 'two' });
  const again = await shell.add({ stream, word: 'one', key: 'k1' });
  expect(again).toEqual({ ...first, replayed: true });
  expect(first.replayed).toBeUndefined();
  expect(await store.wordsOf(stream)).toEqual(['one', 'two']);
});

it('gives stored refusals again, also where the command would be accepted now', async () => {
  const shell = store.openShell();
  const stream = newId('aia');
  await shell.add({ stream, word: 'one' });
  const refused = await shell.add({ stream, word: 'never', after: 'two', key: 'k2' });
  await shell.add({ stream, word: 'two' });
  const again = await shell.add({ stream, word: 'never', after: 'two', key: 'k2' });
  expect(refused).toMatchObject({ status: 422, contentType: 'application/problem+json' });
  expect(again).toEqual({ ...refused, replayed: true });
  const stale = await shell.add({ stream, word: 'never', ifMatch: 1, key: 'k3' });
  expect(await shell.add({ stream, word: 'never', ifMatch: 1, key: 'k3' })).toEqual({ ...stale, replayed: true });
  expect(stale.status).toBe(412);
  expect(await store.wordsOf(stream)).toEqual(['one', 'two']);
});

it('does not keep a 404: what was missing may be there when the request is sent again', async () => {
  const shell = store.openShell();
  const stream = newId('aia');
  const missing = await shell.add({ stream, word: 'two', existing: true, key: 'k4' });
  await shell.add({ stream, word: 'one' });
  const there = await shell.add({ stream, word: 'two', existing: true, key: 'k4' });
  expect([missing.status, there.status, there.replayed]).toEqual([404, 200, undefined]);
});

it('gives the first answer again where the repeat would meet a refusal that is not kept', async () => {
  const shell = store.openShell();
  const stream = newId('aia');
  const once = { stream, word: 'one', mostUnkept: 1 };
  const first = await shell.add({ ...once, key: 'unkept 1' });
  expect(await shell.add({ ...once, key: 'unkept 1' })).toEqual({ ...first, replayed: true });
  const turnedAway = await shell.add({ ...once, key: 'unkept 2' });
  expect([
    turnedAway.status,
    (await shell.add({ stream, word: 'two', mostUnkept: 1, key: 'unkept 2' })).status,
  ]).toEqual([409, 409]);
  expect(await store.wordsOf(stream)).toEqual(['one']);
});

it('refuses a key that was used for another request: later, and while the first is in flight', async () => {
  const shell = heldShell(store);
  const stream = newId('aia');
  await shell.add({ stream, word: 'one', key: 'k5' });
  const later = await Promise.allSettled([shell.add({ stream, word: 'other', key: 'k5' })]);
  const held = await shell.hold([{ stream, word: 'two', key: 'k6' }]);
  const meanwhile = await Promise.allSettled([shell.add({ stream, word: 'other', key: 'k6' })]);
  held.release();
  await held.replies;
  expect([...later, ...meanwhile].map(outcome)).toEqual(
    Array.from({ length: 2 }, () => ({ status: 422, code: 'idempotency_key_reused' })),
  );
  expect(await store.wordsOf(stream)).toEqual(['one', 'two']);
});

// Caught when: an append does not look for used keys, or only the command with the key is taken out of the group.
it('takes a used key in the middle of a group out, and carries out the others once', async () => {
  const shell = heldShell(store);
  const foreign = store.openShell();
  const [a, b] = [newId('aia'), newId('aia')];
  const first = await foreign.add({ stream: a, word: 'one', key: 'k7' });
  const { settled } = await shell.together([
    { stream: a, word: 'two' },
    { stream: a, word: 'one', key: 'k7' },
    { stream: b, word: 'one' },
    { stream: a, word: 'three', after: 'two' },
  ]);
  expect(settled.map(outcome)).toEqual([
    { status: 200, seq: 2 },
    { status: 201, seq: 1 },
    { status: 201, seq: 1 },
    { status: 200, seq: 3 },
  ]);
  expect(settled.map(replayed)).toEqual([false, true, false, false]);
  expect((settled[1] as PromiseFulfilledResult<object>).value).toEqual({ ...first, replayed: true });
  expect(await store.wordsOf(a)).toEqual(['one', 'two', 'three']);
});

it('refuses a key that another process used for another request, in the middle of a group', async () => {
  const shell = heldShell(store);
  const foreign = store.openShell();
  const stream = newId('aia');
  await foreign.add({ stream, word: 'one', key: 'k8' });
  const { settled } = await shell.together([
    { stream, word: 'other', key: 'k8' },
    { stream, word: 'two' },
  ]);
  expect(settled.map(outcome)).toEqual([
    { status: 422, code: 'idempotency_key_reused' },
    { status: 200, seq: 2 },
  ]);
});

// Caught when: `execute` does not know what is in flight, so that both are in one group and the insert fails.
it('carries out once what is sent ten times at once to one process', async () => {
  const shell = store.openShell();
  const stream = newId('aia');
  const results = await Promise.allSettled(
    Array.from({ length: 10 }, () => shell.add({ stream, word: 'one', key: 'k9' })),
  );
  expect(results.map(outcome)).toEqual(Array.from({ length: 10 }, () => ({ status: 201, seq: 1 })));
  expect(results.filter(replayed)).toHaveLength(9);
  expect(await store.wordsOf(stream)).toEqual(['one']);
});

it('carries out once what is sent at once to two processes, twenty times', async () => {
  const shells = [store.openShell(), store.openShell()];
  const stream = newId('aia');
  await Promise.all(shells.map(({ append }) => append.ready()));
  for (let round = 1; round <= 20; round++) {
    const results = await Promise.allSettled(
      shells.map(({ add }) => add({ stream, word: `${round}`, key: `two-${round}` })),
    );
    const status = round === 1 ? 201 : 200;
    expect(results.map(outcome)).toEqual([
      { status, seq: round },
      { status, seq: round },
    ]);
    expect(results.filter(replayed)).toHaveLength(1);
  }
  expect(await store.wordsOf(stream)).toHaveLength(20);
});

it('holds keys apart by workspace', async () => {
  const shell = store.openShell();
  const [a, b] = [newId('wsp'), newId('wsp')];
  const results = [
    await shell.add({ word: 'one', workspace: a, key: 'same' }),
    await shell.add({ word: 'one', workspace: b, key: 'same' }),
  ];
  expect(results.map(({ status, replayed }) => [status, replayed])).toEqual([
    [201, undefined],
    [201, undefined],
  ]);
});

it('waits five seconds for the first request, then says that it is in flight', async () => {
  const shell = heldShell(store);
  const held = await shell.hold([{ word: 'slow', key: 'k10' }]);
  const started = Date.now();
  const [second] = await Promise.allSettled([shell.add({ word: 'slow', key: 'k10' })]);
  expect(outcome(second!)).toEqual({ status: 409, code: 'request_in_flight' });
  expect((second as PromiseRejectedResult).reason.more.retryAfter).toBeGreaterThan(0);
  expect(Date.now() - started).toBeGreaterThan(4900);
  held.release();
  expect((await held.replies).map(outcome)).toEqual([{ status: 201, seq: 1 }]);
}, 120_000);

it('keeps an answer with a secret sealed, and gives it again', async () => {
  const shell = store.openShell();
  const secret = { respond: () => ({ status: 201, body: { key: 'hdl_topsecret' } }), secretResponse: true };
  const first = await shell.add({ word: 'one', key: 'k11', more: secret });
  const again = await shell.add({ word: 'one', key: 'k11', more: secret });
  expect(again).toMatchObject({ body: first.body, replayed: true });
  expect(first.body).toContain('hdl_topsecret');
  const { rows } = await store.admin.query<{ response: Buffer }>('select response from log.idempotency');
  expect(rows.some(({ response }) => response.includes('hdl_topsecret'))).toBe(false);
  // The search can find something: other answers lie there as they are.
  expect(rows.some(({ response }) => response.includes('"stream"'))).toBe(true);
});

// Caught when: what is sealed and what is opened are told apart by other conditions, such as the status; or a command
// on a stream that is in memory comes to its answer without the workspace's key.
it('keeps refusals and later answers of such a request sealed, too, and gives them again', async () => {
  const shell = store.openShell();
  const stream = newId('aia');
  await shell.add({ stream, word: 'one' });
  const secret = { respond: () => ({ status: 200, body: { key: 'hdl_othersecret' } }), secretResponse: true };
  const refused = await shell.add({ stream, word: 'never', after: 'nothing', key: 'k12', more: secret });
  const accepted = await shell.add({ stream, word: 'two', key: 'k13', more: secret });
  expect([refused.status, accepted.status]).toEqual([422, 200]);
  const { rows } = await store.admin.query<{ response: Buffer }>('select response from log.idempotency');
  for (const text of ['hdl_othersecret', 'nothing is not last']) {
    expect(rows.some(({ response }) => response.includes(text))).toBe(false);
  }
  for (const { add } of [shell, store.openShell()]) {
    const again = await add({ stream, word: 'never', after: 'nothing', key: 'k12', more: secret });
    expect(again).toEqual({ ...refused, replayed: true });
    expect(await add({ stream, word: 'two', key: 'k13', more: secret })).toEqual({ ...accepted, replayed: true });
  }
});
