import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import type { SqlStatement } from '../postgres/connection.js';
import type { Projection } from '../projections/projection.js';
import { SchemaRegistry } from '../registry/schema-registry.js';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.js';
import { backup, backupKeys } from './backup.js';
import { type RestoreOptions, restore } from './restore.js';
import { SampleStore } from './sample-store.fixture.js';

const NAME = 'Wilhelmina Canary-Bird';
const TABLES = ['log.claims', 'log.events', 'log.idempotency', 'log.store', 'log.streams'];

describe('backup and restore', () => {
  let folder: string;
  let source: TestDatabase;
  let store: SampleStore;
  const databases: TestDatabase[] = [];
  const asWhole: RestoreOptions = {
    migrate: SampleStore.prepare,
    projections: [],
    rebuild: async () => ({ events: 0, rows: 0 }),
  };

  async function emptyDatabase(): Promise<string> {
    const database = await createTestDatabase();
    databases.push(database);
    return database.url;
  }

  /** Every row of a table, byte for byte, in the order of its key. */
  async function content(from: SampleStore, table: string): Promise<string[]> {
    const { rows } = await from.query<{ row: string }>(`select t::text as row from ${table} t order by 1`);
    return rows.map(({ row }) => row);
  }

  async function opened(url: string): Promise<SampleStore> {
    return SampleStore.start(url);
  }

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'heddle-backup-'));
    source = await createTestDatabase();
    databases.push(source);
    store = await SampleStore.start(source.url);
  });

  afterEach(async () => {
    await store.close();
    for (const database of databases.splice(0)) await database.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('brings the log back byte for byte, with the store’s id, its old epochs and a new one', async () => {
    for (let i = 0; i < 20; i++) await store.addCustomer(`${NAME} ${i}`);
    const taken = await backup(source.url, join(folder, 'one'));
    expect(taken).toMatchObject({ lastPosition: 20, keys: 21, rows: { 'log.events': 20, 'log.epochs': 1 } });

    const url = await emptyDatabase();
    const done = await restore(url, join(folder, 'one'), asWhole);
    expect(done).toMatchObject({ storeId: taken.storeId, lastPosition: 20, epoch: 2 });
    const copy = await opened(url);
    try {
      for (const table of [...TABLES, 'keys.data_keys', 'keys.workspace_keys', 'keys.destructions', 'keys.withheld']) {
        expect(await content(copy, table)).toEqual(await content(store, table));
      }
      const epochs = await copy.query('select epoch, fork_position::int as fork from log.epochs order by epoch');
      expect(epochs.rows).toEqual([
        { epoch: 1, fork: 0 },
        { epoch: 2, fork: 20 },
      ]);
      await copy.addCustomer('who comes after the fork');
      expect((await copy.query('select max(position)::int as last from log.events')).rows).toEqual([{ last: 21 }]);
      const forced = await copy.query(
        `select relname from pg_class where relforcerowsecurity and relname in ('events', 'streams')`,
      );
      expect(forced.rowCount).toBe(2);
    } finally {
      await copy.close();
    }
  });

  it('is one moment of a log that goes on: a prefix without a hole, with every key that it needs', async () => {
    for (let i = 0; i < 30; i++) await store.addCustomer(`${NAME} ${i}`);
    let stop = false;
    const writers = await Promise.all([1, 2].map(() => SampleStore.start(source.url)));
    const writing = writers.map(async (writer) => {
      while (!stop) await writer.addCustomer(NAME);
    });
    const taken = await backup(source.url, join(folder, 'online'));
    await new Promise((resolve) => setTimeout(resolve, 50));
    stop = true;
    await Promise.all(writing);
    for (const writer of writers) await writer.close();

    const url = await emptyDatabase();
    await restore(url, join(folder, 'online'), asWhole);
    const copy = await opened(url);
    try {
      const end = (await store.query<{ last: number }>('select max(position)::int as last from log.events')).rows[0]!
        .last;
      expect(taken.lastPosition).toBeGreaterThanOrEqual(30);
      expect(taken.lastPosition).toBeLessThan(end);
      const before = `(select * from log.events where position <= ${taken.lastPosition})`;
      expect(await content(copy, 'log.events')).toEqual(await content(store, before));
      // Each command wrote one event, stream, record, claim and key: a torn copy would have more of one than of another.
      const counts = await copy.query(`select (select count(*) from log.events)::int as events,
        (select count(*) from log.streams)::int as streams, (select count(*) from log.idempotency)::int as records,
        (select count(*) from log.claims)::int as claims, (select count(*) from keys.data_keys)::int as keys`);
      const n = taken.lastPosition;
      expect(counts.rows).toEqual([{ events: n, streams: n, records: n, claims: n, keys: n }]);
    } finally {
      await copy.close();
    }
  });

  it('holds no name in plain text, in any of its files, nor a key', async () => {
    await store.addCustomer(NAME);
    await backup(source.url, join(folder, 'sealed'));
    const keys = await store.query<{ hex: string }>(
      `select encode(wrapped, 'hex') as hex from keys.data_keys union all select encode(key, 'hex') from keys.workspace_keys`,
    );
    const files = readdirSync(join(folder, 'sealed'));
    expect(files).toContain('log.events.copy.zst');
    for (const file of files) {
      const bytes = readFileSync(join(folder, 'sealed', file));
      const text = (file.endsWith('.zst') ? zstdDecompressSync(bytes) : bytes).toString('latin1');
      for (const secret of [NAME, Buffer.from(NAME).toString('hex'), ...keys.rows.map(({ hex }) => hex)]) {
        expect(`${file} ${text.includes(secret)}`).toBe(`${file} false`);
      }
    }
    expect(statSync(join(folder, 'sealed.keys')).mode & 0o777).toBe(0o600);
  });

  it('brings nobody back who was erased or redacted after the backup, given the keys file that was renewed since', async () => {
    const erased = await store.addCustomer(NAME);
    const kept = await store.addCustomer('who stays');
    const redacted = await store.addCustomer('what was redacted');
    await backup(source.url, join(folder, 'old'));
    cpSync(join(folder, 'old.keys'), join(folder, 'stale.keys'));
    const lost = { stream: redacted, seq: 2, workspace: store.workspace };
    const database_ = { query: (statement: SqlStatement) => store.query(statement.text, statement.values) };
    await store.keys.destroy(database_, store.workspace, erased);
    const [key] = await store.keys.loadForSubjects(database_, [{ workspace: store.workspace, subject: redacted }]);
    const place = { stream: redacted, seq: 1, workspace: store.workspace, key: key!.id };
    // The second is about an event that the backup does not have.
    await database_.query(store.keys.withholdRows([place, { ...lost, key: key!.id }]));
    await backupKeys(source.url, join(folder, 'old.keys'));

    const url = await emptyDatabase();
    await restore(url, join(folder, 'old'), asWhole);
    const copy = await opened(url);
    try {
      const db = {
        query: (statement: { text: string; values?: unknown[] }) => copy.query(statement.text, statement.values),
      };
      const { rows } = await copy.query<{ schema_fingerprint: Buffer; payload: Buffer }>(
        'select schema_fingerprint, payload from log.events order by position',
      );
      const names: unknown[] = [];
      for (const row of rows) {
        const event = copy.codec.decode(row.schema_fingerprint, row.payload);
        const keyring = await copy.keys.loadByIds(db, copy.codec.keyIdsOf(event));
        names.push(copy.codec.open(event, keyring).data.name);
      }
      expect(names).toEqual(['erased', 'who stays', 'redacted']);
      expect((await copy.query('select stream, seq from keys.withheld')).rows).toEqual([{ stream: redacted, seq: 1 }]);
      expect(await copy.keys.loadForSubjects(db, [{ workspace: store.workspace, subject: kept }])).toMatchObject([
        { subject: kept },
      ]);
    } finally {
      await copy.close();
    }
    await backup(source.url, join(folder, 'new'), { keysFile: join(folder, 'old.keys') });
    const stale = restore(await emptyDatabase(), join(folder, 'new'), {
      ...asWhole,
      keysFile: join(folder, 'stale.keys'),
    });
    await expect(stale).rejects.toThrow(/stale\.keys is older than the backup/);
  });

  it('does not let an older store replace a newer keys file, nor another store’s', async () => {
    const erased = await store.addCustomer(NAME);
    await backup(source.url, join(folder, 'a'));
    const url = await emptyDatabase();
    await restore(url, join(folder, 'a'), asWhole);
    await store.keys.destroy(
      { query: (statement) => store.query(statement.text, statement.values) },
      store.workspace,
      erased,
    );
    await backupKeys(source.url, join(folder, 'a.keys'));
    await expect(backup(url, join(folder, 'b'), { keysFile: join(folder, 'a.keys') })).rejects.toThrow(/it is newer/);
    expect(readdirSync(join(folder, 'b'))).toEqual([]);

    const other = await emptyDatabase();
    await (await SampleStore.start(other)).close();
    await expect(backup(other, join(folder, 'c'), { keysFile: join(folder, 'a.keys') })).rejects.toThrow(
      /another store/,
    );
  });

  describe('of a damaged or unfit backup', () => {
    let url: string;
    const part = () => join(folder, 'b', 'log.events.copy.zst');

    beforeEach(async () => {
      await store.addCustomer(NAME);
      await backup(source.url, join(folder, 'b'));
      url = await emptyDatabase();
    });

    async function refusal(pattern: RegExp): Promise<void> {
      await expect(restore(url, join(folder, 'b'), asWhole)).rejects.toThrow(pattern);
      const nothing = await SampleStore.start(url);
      try {
        expect((await nothing.query('select from log.events')).rowCount).toBe(0);
        expect((await nothing.query('select from keys.data_keys')).rowCount).toBe(0);
      } finally {
        await nothing.close();
      }
    }

    it('refuses a part that was cut off', async () => {
      truncateSync(part(), statSync(part()).size - 1);
      await refusal(/log\.events\.copy\.zst has \d+ bytes, the manifest says \d+/);
    });

    it('refuses a part of which one bit was altered', async () => {
      const bytes = readFileSync(part());
      bytes[bytes.length >> 1]! ^= 1;
      writeFileSync(part(), bytes);
      await refusal(/log\.events\.copy\.zst was altered/);
    });

    it('refuses a part that is missing', async () => {
      rmSync(part());
      await refusal(/log\.events\.copy\.zst is missing/);
    });

    it('refuses altered keys', async () => {
      const bytes = readFileSync(join(folder, 'b.keys'));
      bytes[bytes.length - 3]! ^= 1;
      writeFileSync(join(folder, 'b.keys'), bytes);
      await refusal(/b\.keys was altered or cut off/);
    });

    it('refuses to do without the keys', async () => {
      rmSync(join(folder, 'b.keys'));
      await refusal(/b\.keys does not exist/);
    });

    it('refuses a folder without a manifest, which is a backup that did not finish', async () => {
      rmSync(join(folder, 'b', 'manifest.json'));
      await refusal(/no readable manifest\.json \(ENOENT\)/);
    });

    it('refuses what a newer Heddle made', async () => {
      const path = join(folder, 'b', 'manifest.json');
      const manifest = JSON.parse(readFileSync(path, 'utf8'));
      manifest.migrations.push('log:libs/platform/event-store/migrations/9999_future.sql');
      writeFileSync(path, JSON.stringify(manifest));
      await refusal(/newer Heddle \(this one has no log:.*9999_future\.sql\)/);
      writeFileSync(path, JSON.stringify({ ...manifest, version: 2 }));
      await refusal(/format 2, this Heddle reads 1/);
    });

    it('loads nothing when a later table does not load', async () => {
      const path = join(folder, 'b', 'manifest.json');
      const manifest = JSON.parse(readFileSync(path, 'utf8'));
      manifest.parts.find((entry: { table: string }) => entry.table === 'log.streams').rows += 1;
      writeFileSync(path, JSON.stringify(manifest));
      await refusal(/log\.streams\.copy\.zst holds 1 rows, the manifest says 2/);
    });
  });

  describe('of the schema registry', () => {
    const registries: SchemaRegistry[] = [];
    const tables = ['registry.schemas', 'registry.settings', 'registry.versions'];
    const record = (name: string) => ({ schema: JSON.stringify({ type: 'record', name, fields: [] }) });
    const proposal = (name: string) => ({ ...record(name), references: [], normalize: false });

    async function registryAt(url: string): Promise<SchemaRegistry> {
      const registry = new SchemaRegistry(url);
      registries.push(registry);
      await registry.ready();
      return registry;
    }
    afterEach(async () => {
      await Promise.all(registries.splice(0).map((registry) => registry.close()));
    });

    it('brings every id back as it was, and gives none that may have been given since', async () => {
      const registry = await registryAt(source.url);
      for (const name of ['One', 'Two', 'Three']) await registry.register(`heddle.${name}`, proposal(name));
      await registry.setLevel('heddle.One', 'NONE');
      await registry.deleteSubject('heddle.Two', false);
      await registry.deleteSubject('heddle.Two', true);
      const taken = await backup(source.url, join(folder, 'b'));
      expect(taken.rows).toMatchObject({ 'registry.schemas': 3, 'registry.versions': 2, 'registry.settings': 1 });
      expect(await registry.register('heddle.Later', proposal('Later'))).toBe(4);
      await registry.deleteSubject('heddle.Later', false);
      await registry.deleteSubject('heddle.Later', true);

      const url = await emptyDatabase();
      await restore(url, join(folder, 'b'), asWhole);
      const copy = await opened(url);
      for (const table of tables) {
        const before = (await content(store, table)).filter((row) => !row.includes('Later'));
        expect([table, await content(copy, table)]).toEqual([table, before]);
      }
      await copy.close();
      const restored = await registryAt(url);
      expect(await restored.schema(3)).toEqual({ ...record('Three'), references: [] });
      expect(await restored.register('heddle.Two', proposal('Two'))).toBe(2);
      await expect(restored.schema(4)).rejects.toMatchObject({ code: 40403 });
      expect(await restored.register('heddle.Other', proposal('Other'))).toBe(1004);
    });

    it('refuses a database with schemas of its own, and leaves them', async () => {
      await backup(source.url, join(folder, 'b'));
      const url = await emptyDatabase();
      await SampleStore.prepare(url);
      const registry = await registryAt(url);
      await registry.register('heddle.Mine', proposal('Mine'));
      await expect(restore(url, join(folder, 'b'), asWhole)).rejects.toThrow(/holds schemas already/);
      expect(await registry.latestId()).toBe(1);
    });

    it('takes a backup from before there was one', async () => {
      await store.addCustomer(NAME);
      await backup(source.url, join(folder, 'b'));
      const path = join(folder, 'b', 'manifest.json');
      const manifest = JSON.parse(readFileSync(path, 'utf8'));
      manifest.parts = manifest.parts.filter(({ table }: { table: string }) => table.startsWith('log.'));
      manifest.migrations = manifest.migrations.filter((name: string) => !name.startsWith('registry:'));
      writeFileSync(path, JSON.stringify(manifest));
      const url = await emptyDatabase();
      await restore(url, join(folder, 'b'), asWhole);
      expect(await (await registryAt(url)).register('heddle.One', proposal('One'))).toBe(1001);
    });
  });

  it('refuses a database that holds a store, and leaves it as it was', async () => {
    await store.addCustomer(NAME);
    await backup(source.url, join(folder, 'b'));
    const before = await content(store, 'log.events');
    await expect(restore(source.url, join(folder, 'b'), asWhole)).rejects.toThrow(/holds a store already/);
    expect(await content(store, 'log.events')).toEqual(before);
    expect((await store.query('select from log.epochs')).rowCount).toBe(1);
  });

  it('refuses a folder that holds something, and a keys file inside the backup', async () => {
    writeFileSync(join(folder, 'something'), '');
    await expect(backup(source.url, folder)).rejects.toThrow(/is not empty/);
    expect(readdirSync(folder)).toEqual(['something']);
    const inside = backup(source.url, join(folder, 'b'), { keysFile: join(folder, 'b', 'keys') });
    await expect(inside).rejects.toThrow(/lies in the backup/);
  });

  it('makes the folders that it needs, and says in one line which it cannot make', async () => {
    const keysFile = join(folder, 'safe', 'deep', 'keys');
    await backup(source.url, join(folder, 'of', 'today'), { keysFile });
    expect(statSync(join(folder, 'safe', 'deep')).mode & 0o777).toBe(0o700);
    await backupKeys(source.url, keysFile);
    writeFileSync(join(folder, 'file'), '');
    const inTheWay = /^The folder .*file for the backup cannot be made \(a file is in its way\): name another one\.$/;
    await expect(backup(source.url, join(folder, 'file'), {})).rejects.toThrow(inTheWay);
    await expect(backup(source.url, '/proc/nowhere', { keysFile })).rejects.toThrow(
      /^The folder \/proc\/nowhere .*ENOENT/,
    );
    await expect(backupKeys(source.url, '/proc/nowhere/keys')).rejects.toThrow(/for the keys file cannot be made/);
  });

  it('refuses a database without a store in one line', async () => {
    await expect(backup(await emptyDatabase(), join(folder, 'b'))).rejects.toThrow(/holds no store yet/);
  });

  it('builds every read model after the log is there, and says how far it is', async () => {
    await store.addCustomer(NAME);
    await backup(source.url, join(folder, 'b'));
    const steps: string[] = [];
    const done = await restore(await emptyDatabase(), join(folder, 'b'), {
      ...asWhole,
      projections: [{ name: 'inbox' }, { name: 'facts' }] as Projection[],
      rebuild: async (url, projection) => {
        const copy = await opened(url);
        const rows = (await copy.query('select from log.events')).rowCount!;
        await copy.close();
        return { events: rows, rows: projection.name === 'inbox' ? rows : 0 };
      },
      onProgress: ({ step, name }) => steps.push(`${step} ${name}`),
    });
    expect(done.readModels).toEqual({ inbox: 1, facts: 0 });
    expect(steps).toEqual(['rebuild inbox', 'rebuild facts']);
  });

  it('works for an owner who is no superuser, on whom row-level security is forced', async () => {
    const role = `owner_${Math.random().toString(36).slice(2)}`;
    await store.query(`create role ${role} login createrole password 'secret'`);
    try {
      const { rows } = await store.query<{ name: string }>(
        `select quote_ident(rolname) as name from pg_roles where rolname like 'heddle\\_%'`,
      );
      await store.query(`grant ${rows.map(({ name }) => name).join(', ')} to ${role} with admin option`);
      const ownedDatabase = async () => {
        const url = new URL(await emptyDatabase());
        const superuser = url.href;
        await store.query(`alter database ${url.pathname.slice(1)} owner to ${role}`);
        url.username = role;
        url.password = 'secret';
        return { superuser, owner: url.href };
      };
      const from = await ownedDatabase();
      const to = await ownedDatabase();
      await SampleStore.prepare(from.owner);
      const original = await opened(from.superuser);
      await original.addCustomer(NAME);
      await original.addCustomer(NAME);
      const taken = await backup(from.owner, join(folder, 'owned'));
      expect(taken).toMatchObject({ lastPosition: 2, keys: 3, rows: { 'log.events': 2, 'log.streams': 2 } });
      await restore(to.owner, join(folder, 'owned'), asWhole);
      const copy = await opened(to.superuser);
      expect(await content(copy, 'log.events')).toEqual(await content(original, 'log.events'));
      await expect(restore(to.owner, join(folder, 'owned'), asWhole)).rejects.toThrow(/holds a store already/);
      await Promise.all([original.close(), copy.close()]);
    } finally {
      for (const database of databases.splice(1)) await database.drop();
      await store.query(`drop owned by ${role}`);
      await store.query(`drop role ${role}`);
    }
  });

  it('knows every column of the schema keys: a new one has to go into the keys file', async () => {
    const { rows } = await store.query<{ column: string }>(
      `select table_name || '.' || column_name as column from information_schema.columns
        where table_schema = 'keys' order by 1`,
    );
    expect(rows.map(({ column }) => column)).toEqual([
      ...['data_keys.created_at', 'data_keys.destroyed_at', 'data_keys.destruction', 'data_keys.id'],
      ...['data_keys.subject', 'data_keys.workspace', 'data_keys.wrapped'],
      ...['destructions.latest', 'destructions.only_row'],
      ...['withheld.destruction', 'withheld.key', 'withheld.seq', 'withheld.stream', 'withheld.withheld_at'],
      'withheld.workspace',
      ...['workspace_keys.created_at', 'workspace_keys.destroyed_at', 'workspace_keys.destruction'],
      ...['workspace_keys.key', 'workspace_keys.workspace'],
    ]);
  });
});
