import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from '../../../platform/postgres/connection.js';
import { ShardLeases } from './shard-leases.js';

it('outlives a store that answers none of its statements', async () => {
  const away = new Error('away');
  const troubles: unknown[] = [];
  const leases = new ShardLeases({ query: () => Promise.reject(away) } as unknown as Connection, {
    taken: () => undefined,
    lost: () => undefined,
    released: async () => undefined,
    renewed: () => undefined,
    onTrouble: (error) => troubles.push(error),
  });
  await leases.look();
  // A rejection that nobody hears of would end the process.
  await sleep(5);
  expect(troubles).toEqual([away]);
});
