import { setTimeout as sleep } from 'node:timers/promises';
import { jest } from '@jest/globals';
import type { Connection, SqlStatement } from '../../../platform/postgres/connection.js';
import { type LeaseListener, ShardLeases } from './shard-leases.js';

/** What the table says to whoever renews: the shards that it has. */
interface Renewed {
  shard: number;
  token: number;
  is_share: boolean;
}

/** Leases whose table is `rows`, and what they did. */
function leasesOf(listener: Partial<LeaseListener> = {}) {
  const table: { rows: Renewed[]; owners: { owner: string; renewed_at: string }[] } = { rows: [], owners: [] };
  const given: unknown[] = [];
  const judged: { hung: unknown; trusted: unknown }[] = [];
  const connection = {
    isUp: true,
    query: ({ name, values }: SqlStatement) => {
      if (name === 'give shards back') given.push(values!.slice(1));
      if (name === 'renew shards') judged.push({ hung: values![2], trusted: values![3] });
      return Promise.resolve({ rows: name === 'renew shards' ? table.rows : name === 'owners' ? table.owners : [] });
    },
  };
  const leases = new ShardLeases(connection as unknown as Connection, {
    taken: () => undefined,
    lost: () => undefined,
    released: async () => undefined,
    renewed: () => undefined,
    onTrouble: (error) => {
      throw error;
    },
    ...listener,
  });
  return { leases, table, given, judged, connection };
}

const shard = (shard: number, token: number, is_share: boolean): Renewed => ({ shard, token, is_share });

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

it('begins nothing for a shard that is to be another’s, and keeps it until what was under way has ended', async () => {
  const released = Promise.withResolvers<void>();
  const { leases, table, given } = leasesOf({ released: () => released.promise });
  table.rows = [shard(1, 7, true), shard(2, 9, true)];
  await leases.look();
  expect([leases.has(1), leases.has(2)]).toEqual([true, true]);
  table.rows = [shard(1, 7, true), shard(2, 9, false)];
  await leases.look();
  expect([leases.has(1), leases.has(2)]).toEqual([true, false]);
  expect(leases.tokenOf(2)).toBe(9);
  expect(given).toEqual([]);
  released.resolve();
  await sleep(5);
  expect(leases.tokenOf(2)).toBeNull();
  expect(given).toEqual([[[2], [9]]]);
});

it('renews what it keeps while it waits for what it gives back', async () => {
  let renewals = 0;
  const asked: (readonly number[])[] = [];
  const { leases, table } = leasesOf({
    released: (shards) => {
      asked.push(shards);
      return new Promise(() => undefined);
    },
    renewed: () => renewals++,
  });
  table.rows = [shard(1, 7, true), shard(2, 9, false)];
  for (let i = 0; i < 3; i++) await leases.look();
  expect(renewals).toBe(3);
  expect(asked).toEqual([[2]]);
});

it('gives back nothing of what it lost while it waited, and was given anew', async () => {
  const released = Promise.withResolvers<void>();
  const lost: (readonly number[])[] = [];
  const { leases, table, given } = leasesOf({ released: () => released.promise, lost: (shards) => lost.push(shards) });
  table.rows = [shard(2, 9, true)];
  await leases.look();
  table.rows = [shard(2, 9, false)];
  await leases.look();
  table.rows = [shard(2, 12, true)];
  await leases.look();
  expect(lost).toEqual([[2]]);
  expect(leases.has(2)).toBe(true);
  released.resolve();
  await sleep(5);
  // The table gives back by this token, which is nobody's now.
  expect(given).toEqual([[[2], [9]]]);
  expect([leases.has(2), leases.tokenOf(2)]).toEqual([true, 12]);
});

it('is certain of nothing while its session is away, and until it has renewed in the next one', async () => {
  const { leases, connection } = leasesOf();
  expect(leases.mayBeLate).toBe(true);
  await leases.look();
  expect(leases.mayBeLate).toBe(false);
  connection.isUp = false;
  expect(leases.mayBeLate).toBe(true);
  connection.isUp = true;
  leases.sessionBegan();
  expect(leases.mayBeLate).toBe(true);
  await leases.look();
  expect(leases.mayBeLate).toBe(false);
});

it('keeps what it holds while the store is away, however long', async () => {
  const lost: (readonly number[])[] = [];
  const troubles: unknown[] = [];
  const { leases, table, connection } = leasesOf({
    lost: (shards) => lost.push(shards),
    onTrouble: (error) => troubles.push(error),
  });
  table.rows = [shard(1, 7, true)];
  await leases.look();
  const { query } = connection;
  connection.query = () => Promise.reject(new Error('away'));
  jest.spyOn(performance, 'now').mockReturnValue(performance.now() + 60_000);
  await leases.look();
  connection.query = query;
  await leases.look();
  expect([troubles.length, lost, leases.tokenOf(1)]).toEqual([1, [], 7]);
  jest.restoreAllMocks();
});

it('counts on whoever had their lock a look ago, and not on those who renew nothing in thirty looks', async () => {
  const { leases, table, judged } = leasesOf();
  const looks = async (count: number) => {
    for (let n = 0; n < count; n++) await leases.look();
    return judged.at(-1);
  };
  table.owners = [{ owner: '17', renewed_at: 'noon' }];
  expect(await looks(1)).toEqual({ hung: [], trusted: [] });
  expect(await looks(30)).toEqual({ hung: [], trusted: ['17'] });
  expect(await looks(1)).toEqual({ hung: ['17'], trusted: [] });
  // It goes on: whatever the clock of the store says.
  table.owners = [{ owner: '17', renewed_at: 'an hour before' }];
  expect(await looks(2)).toEqual({ hung: [], trusted: ['17'] });
});

it('takes nobody for hung because it was stopped itself', async () => {
  const { leases, table, judged } = leasesOf();
  table.owners = [{ owner: '17', renewed_at: 'noon' }];
  await leases.look();
  jest.spyOn(performance, 'now').mockReturnValue(performance.now() + 60_000);
  await leases.look();
  expect(judged.at(-1)).toEqual({ hung: [], trusted: ['17'] });
  jest.restoreAllMocks();
});
