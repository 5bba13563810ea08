import pg from 'pg';
import { newId } from '../kernel/id.js';
import { migrate } from '../postgres/migrate.js';
import { LogWriter } from '../testing/log-writer.js';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.js';
import { identifyStore } from './epoch.js';
import { moveIn } from './log-home.js';

let database: TestDatabase;
let admin: pg.Client;
beforeEach(async () => {
  database = await createTestDatabase();
  await migrate(database.url, [], [{ schema: 'log', folder: 'libs/platform/event-store/migrations' }]);
  admin = new pg.Client({ connectionString: database.url });
  await admin.connect();
});
afterEach(async () => {
  await admin.end();
  await database.drop();
});

async function append(count: number): Promise<void> {
  const writer = await new LogWriter(database.url).connect();
  const stream = newId('aia');
  await writer.append(
    Array.from({ length: count }, () => ({ type: 'ai_agent.created', stream, data: { external_id: 'x', name: 'X' } })),
  );
  await writer.close();
}

it('names a new store, and the same store by the same name', async () => {
  const first = await identifyStore(admin);
  expect(first).toEqual({
    id: expect.stringMatching(/^[0-9a-f]{32}$/),
    epochs: [{ epoch: 1, forkPosition: 0 }],
    awaitsKafka: false,
  });
  await append(3);
  expect(await identifyStore(admin)).toEqual(first);
});

// Caught when: the epoch is bound to the system identifier alone; a failover keeps that and begins a new timeline.
it.each(["system_identifier = 'another'", 'timeline = timeline + 1'])(
  'begins a new epoch at the log’s end after %s',
  async (change) => {
    const first = await identifyStore(admin);
    await append(3);
    await admin.query(`update log.epochs set ${change}`);
    const second = await identifyStore(admin);
    expect(second).toEqual({ ...first, epochs: [...first.epochs, { epoch: 2, forkPosition: 3 }] });
    await append(1);
    expect(await identifyStore(admin)).toEqual(second);
  },
);

it('begins one epoch, however many processes see the change at once', async () => {
  await identifyStore(admin);
  await admin.query("update log.epochs set system_identifier = 'another'");
  const clients = Array.from({ length: 5 }, () => new pg.Client({ connectionString: database.url }));
  await Promise.all(clients.map((client) => client.connect()));
  const seen = await Promise.all(clients.map((client) => identifyStore(client)));
  await Promise.all(clients.map((client) => client.end()));
  expect(seen.map(({ epochs }) => epochs.length)).toEqual([2, 2, 2, 2, 2]);
});

it('may be asked by a service, which is no superuser', async () => {
  await admin.query('set role heddle_log_writer');
  await expect(identifyStore(admin)).resolves.toMatchObject({ epochs: [{ epoch: 1 }] });
});

it('leaves the session usable where it fails', async () => {
  await admin.query('drop table log.epochs cascade');
  await expect(identifyStore(admin)).rejects.toMatchObject({ code: '42P01' });
  expect((await admin.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
});

describe('a store whose log is on Kafka', () => {
  const another = (setting: string) => admin.query(`update log.epochs set ${setting}`);

  // Caught when: a new life waits whatever the home, or the first one does, which has lost nothing.
  it('awaits Kafka in a later life, until that is confirmed', async () => {
    await moveIn(admin, 'kafka');
    expect((await identifyStore(admin)).awaitsKafka).toBe(false);
    await another("system_identifier = 'another'");
    expect((await identifyStore(admin)).awaitsKafka).toBe(true);
    await admin.query('update log.epochs set confirmed_at = now() where epoch = 1');
    expect((await identifyStore(admin)).awaitsKafka).toBe(true);
    await admin.query('update log.epochs set confirmed_at = now() where epoch = 2');
    expect((await identifyStore(admin)).awaitsKafka).toBe(false);
  });

  // Caught when: the move leaves the epoch as it is, and a process that was started before goes on appending.
  it('begins another life when it moves there after it was put back', async () => {
    await identifyStore(admin);
    await another("system_identifier = 'another'");
    const embedded = await identifyStore(admin);
    await append(3);
    expect(embedded).toMatchObject({ epochs: [{}, { epoch: 2, forkPosition: 0 }], awaitsKafka: false });
    await moveIn(admin, 'kafka');
    const moved = await identifyStore(admin);
    expect(moved).toEqual({
      ...embedded,
      epochs: [...embedded.epochs, { epoch: 3, forkPosition: 3 }],
      awaitsKafka: true,
    });
    await moveIn(admin, 'kafka');
    expect(await identifyStore(admin)).toEqual(moved);
  });

  it('moves there in the life that it is in, where a relay has confirmed that', async () => {
    await identifyStore(admin);
    await another("system_identifier = 'another'");
    const embedded = await identifyStore(admin);
    await admin.query('update log.epochs set confirmed_at = now() where epoch = 2');
    await moveIn(admin, 'kafka');
    expect(await identifyStore(admin)).toEqual(embedded);
  });
});
