import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { migrate } from '../postgres/migrate.js';
import { packageRoot } from '../postgres/package-root.js';
import { LogWriter } from '../testing/log-writer.js';
import { type OwnCluster, run, startOwnCluster } from '../testing/own-cluster.js';
import { messageCount } from './message-count.fixture.js';
import { messages } from './projection-bench.fixture.js';
import { rebuild } from './rebuild.js';
import { verify } from './verify.js';

/** Roles belong to the cluster: this test needs one in which they are its user's. */
let postgres: OwnCluster;
beforeAll(async () => {
  postgres = await startOwnCluster();
});
afterAll(() => postgres.remove());

it('needs no superuser, nor does a verify', async () => {
  await run(
    postgres.url,
    `create role maker login createrole password 'secret'`,
    'create database maker owner maker template template0',
  );
  const url = new URL(postgres.url);
  [url.username, url.password, url.pathname] = ['maker', 'secret', '/maker'];
  await migrate(
    url.href,
    ['analytics'],
    [
      { schema: 'log', folder: 'libs/platform/event-store/migrations' },
      { schema: 'analytics', folder: 'libs/platform/projections/migrations' },
    ],
  );
  const definition = await Promise.all(
    messageCount.definition.map((file) => readFile(join(packageRoot, file), 'utf8')),
  );
  await run(
    url.href,
    'set search_path = analytics, heddle, public',
    ...definition,
    `insert into projections (name, partition) values ('message_count', 'log')`,
    'create policy one on message_count using (true)',
  );
  const writer = await new LogWriter(postgres.url.replace(/\/[^/?]*(\?|$)/, '/maker$1')).connect();
  await writer.append(messages(5));
  await writer.close();
  const keys = { loadByIds: async () => new Map([[writer.key.id.toString('hex'), writer.key]]) };
  const options = { decoder: writer.codec, keys };
  expect(await rebuild(url.href, messageCount, options)).toMatchObject({ events: 5, rows: 1 });
  expect(await verify(url.href, messageCount, options)).toMatchObject({ equal: true });
});
