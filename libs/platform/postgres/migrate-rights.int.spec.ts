import { type OwnCluster, run, startOwnCluster } from '../testing/own-cluster.js';
import { migrate } from './migrate.js';

/** Roles belong to the cluster: these tests need one that has none of Heddle's yet. */
let postgres: OwnCluster;

beforeAll(async () => {
  postgres = await startOwnCluster();
});
afterAll(() => postgres.remove());

/** A database, and the URL of its owner, who is no superuser. */
async function ownedBy(user: string, rights: string): Promise<string> {
  await run(
    postgres.url,
    `create role ${user} login password 'secret' ${rights}`,
    `create database ${user} owner ${user} template template0`,
  );
  const url = new URL(postgres.url);
  [url.username, url.password, url.pathname] = [user, 'secret', `/${user}`];
  return url.href;
}

it('says in one line which right a user lacks', async () => {
  const url = await ownedBy('plain', '');
  await expect(migrate(url, ['conversation'], [])).rejects.toThrow(
    /^DATABASE_URL: the user "plain" lacks a right \(permission denied to create role\): .*CREATEROLE/,
  );
});

it('needs no superuser: the owner of a database who may make roles is enough', async () => {
  const url = await ownedBy('maker', 'createrole');
  const sets = [{ schema: 'log', folder: 'libs/platform/event-store/migrations' }];
  await migrate(url, ['conversation'], sets);
  await migrate(url, ['conversation'], sets);
  await run(url, 'set role heddle_log_writer', 'select from log.events', 'reset role', 'set role heddle_conversation');
});

it('says what stands against a second user on the same cluster', async () => {
  const url = await ownedBy('other', 'createrole');
  await expect(migrate(url, ['conversation'], [])).rejects.toThrow(/the same user for every Heddle of this cluster/);
});
