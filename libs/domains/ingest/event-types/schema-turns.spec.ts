import { newId } from '../../../platform/kernel/id.js';
import { SchemaTurns } from './schema-turns.js';

const busyFor = (ms: number) => {
  const until = performance.now() + ms;
  while (performance.now() < until);
};

it('one schema is read at a time, and all else has as long between', async () => {
  const turns = new SchemaTurns();
  const spans: { from: number; to: number }[] = [];
  const workspaces = [newId('wsp'), newId('wsp')];
  await Promise.all(
    Array.from({ length: 6 }, (_, i) =>
      turns.take(workspaces[i % 2]!, () => {
        const from = performance.now();
        busyFor(30);
        spans.push({ from, to: performance.now() });
      }),
    ),
  );
  expect(spans).toHaveLength(6);
  // A timer may ring a millisecond early.
  for (let i = 1; i < spans.length; i++) expect(spans[i]!.from - spans[i - 1]!.to).toBeGreaterThan(28);
});

it('a workspace that sends many at once is told to wait, and leaves others their turn', async () => {
  const turns = new SchemaTurns();
  const [greedy, other] = [newId('wsp'), newId('wsp')];
  let done = 0;
  const told = Array.from({ length: 40 }, () =>
    turns
      .take(greedy, () => {
        done++;
      })
      .then(
        () => null,
        (error: { code: string }) => error.code,
      ),
  );
  await turns.take(other, () => undefined);
  expect(done).toBeLessThan(5);
  const codes = await Promise.all(told);
  expect(codes.filter((code) => code === 'rate_limited').length).toBe(19);
  expect(done).toBe(21);
});

it('what fails ends its turn', async () => {
  const turns = new SchemaTurns();
  const workspace = newId('wsp');
  const failing = turns.take(workspace, () => {
    throw new Error('wrong');
  });
  await expect(failing).rejects.toThrow('wrong');
  expect(await turns.take(workspace, () => 1)).toBe(1);
});
