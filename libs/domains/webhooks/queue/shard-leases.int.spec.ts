import type { Connection } from '../../../platform/postgres/connection.js';
import { until } from '../../../platform/testing/until.js';
import { WebhooksOnTheirOwn } from '../webhooks.fixture.js';
import { SHARDS } from './shard.js';
import { ShardLeases } from './shard-leases.js';

let service: WebhooksOnTheirOwn;
beforeAll(async () => {
  service = await WebhooksOnTheirOwn.begin();
});
afterAll(() => service.end());

interface Owner {
  leases: ShardLeases;
  connection: Connection;
  lost: number[];
}

/** As a process has them, but for its clock: it looks when it is told to. */
function owner(name: string): Owner {
  const lost: number[] = [];
  const connection = service.ports.openSession(name, {
    onSession: async () => leases.sessionBegan(),
  });
  const leases = new ShardLeases(connection, {
    taken: () => undefined,
    lost: (shards) => lost.push(...shards),
    released: async () => undefined,
    renewed: () => undefined,
    onTrouble: () => undefined,
  });
  return { leases, connection, lost };
}

const shardsOf = ({ leases }: Owner) => leases.shards().length;

/** Both look, by turns, until each has its half. */
async function shareOut(one: Owner, other: Owner): Promise<void> {
  await until(async () => {
    await one.leases.look();
    await other.leases.look();
    return shardsOf(one) === SHARDS / 2 && shardsOf(other) === SHARDS / 2;
  });
}

it('leaves a process its shards whose session was cut off, and takes those of one that was killed', async () => {
  const [one, other] = [owner('one'), owner('other')];
  await shareOut(one, other);
  await service.admin.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
      where application_name = 'heddle webhooks one' and datname = current_database()`,
  );
  await until(async () => !one.connection.isUp || one.leases.mayBeLate);
  expect(one.leases.mayBeLate).toBe(true);
  // Sooner than the one that was cut off.
  await other.leases.look();
  expect(shardsOf(other)).toBe(SHARDS / 2);
  await until(() => one.connection.isUp);
  await one.leases.look();
  await other.leases.look();
  expect([one.lost, other.lost, shardsOf(one), shardsOf(other)]).toEqual([[], [], SHARDS / 2, SHARDS / 2]);
  expect([one.leases.mayBeLate, one.leases.hasOthers]).toEqual([false, true]);
  // As the kernel ends it with its process.
  await one.connection.close();
  await other.leases.look();
  await other.leases.look();
  expect([shardsOf(other), other.leases.hasOthers]).toEqual([SHARDS, false]);
  await other.leases.close();
  await other.connection.close();
});

it('takes at once what a process gave back that left', async () => {
  const [one, other] = [owner('one'), owner('other')];
  await shareOut(one, other);
  await one.leases.close();
  await other.leases.look();
  expect(shardsOf(other)).toBe(SHARDS);
  await other.leases.close();
  await Promise.all([one.connection.close(), other.connection.close()]);
});
