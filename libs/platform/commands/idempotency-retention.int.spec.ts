import { Connection } from '../postgres/connection.js';
import { IdempotencyRetention } from './idempotency-retention.js';
import { openStore, type Store } from './write-shell.fixture.js';

let store: Store;
beforeAll(async () => {
  store = await openStore();
});
afterAll(() => store.close());

it('forgets answers after a day and an hour, not before, however many there are', async () => {
  const shell = store.openShell();
  await shell.add({ word: 'one', key: 'young' });
  await store.admin.query(
    `insert into log.idempotency (key, fingerprint, status, response, stored_at)
     select gen_random_uuid(), gen_random_uuid(), 200, '{}'::bytea, now() - interval '26 hours' from generate_series(1, 4500)
     union all
     select gen_random_uuid(), gen_random_uuid(), 200, '{}'::bytea, now() - interval '24 hours 30 minutes' from generate_series(1, 3)`,
  );
  const connection = new Connection({ url: store.url, role: 'heddle_conversation', applicationName: 'retention' });
  const retention = new IdempotencyRetention(connection);
  expect(await retention.sweep()).toBe(4500);
  expect(await retention.sweep()).toBe(0);
  const { rows } = await store.admin.query<{ n: number }>('select count(*)::integer as n from log.idempotency');
  expect(rows[0]!.n).toBe(4);
  expect(await shell.add({ word: 'one', key: 'young' })).toMatchObject({ replayed: true });
  retention.close();
  await connection.close();
});
