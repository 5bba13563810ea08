import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../testing/until.js';
import { Rounds } from './rounds.js';

it('goes on after a round that failed', async () => {
  let begun = 0;
  const rounds = new Rounds(1, async () => {
    if (++begun < 3) throw new Error('The store is away.');
  });
  rounds.begin();
  await until(() => begun > 3);
  await rounds.end();
});

it('ends with the round that is under way, which is told of it, and spares the pause', async () => {
  const gate = Promise.withResolvers<void>();
  let told: AbortSignal | null = null;
  let begun = 0;
  const rounds = new Rounds(1_000_000, async (over) => {
    begun++;
    told = over;
    await gate.promise;
  });
  rounds.begin();
  let hasEnded = false;
  const end = rounds.end().then(() => {
    hasEnded = true;
  });
  await sleep(5);
  expect([hasEnded, told!.aborted]).toEqual([false, true]);
  gate.resolve();
  await end;
  expect(begun).toBe(1);
});

it('begins nothing where it had ended before', async () => {
  let begun = 0;
  const rounds = new Rounds(1, async () => void begun++);
  await rounds.end();
  rounds.begin();
  await sleep(5);
  expect(begun).toBe(0);
});
