import pg from 'pg';
import { AppModule } from '../../apps/heddle/app.module.js';
import { EVENT_SCHEMAS } from '../../libs/contract/generated/event-schemas.js';
import { PostgresEventLog } from '../../libs/platform/event-log/postgres-event-log.js';
import { migrate } from '../../libs/platform/postgres/migrate.js';
import { EventOpener } from '../../libs/platform/projections/event-opener.js';
import { liveTables } from '../../libs/platform/projections/projection.js';
import { rebuild } from '../../libs/platform/projections/rebuild.js';
import { verify } from '../../libs/platform/projections/verify.js';
import { domainsOf } from '../../libs/platform/runtime/domain-module.js';
import { migrationsOf, servicesOf } from '../../libs/platform/runtime/migrations.js';
import { LogWriter } from '../../libs/platform/testing/log-writer.js';
import { createTestDatabase, type TestDatabase } from '../../libs/platform/testing/test-database.js';
import { everyKindOfEvent } from './every-kind-of-event.js';

/** Every read model that Heddle has: a new one is tested here without being named. */
const domains = domainsOf(AppModule);
const projections = domains.flatMap((domain) => domain.projections);

let database: TestDatabase;
let admin: pg.Client;
let writer: LogWriter;
let log: PostgresEventLog;
let keys: { loadByIds(): Promise<Map<string, LogWriter['key']>> };

beforeAll(async () => {
  database = await createTestDatabase();
  await migrate(database.url, servicesOf(domains), migrationsOf(domains));
  admin = new pg.Client({ connectionString: database.url });
  await admin.connect();
  writer = await new LogWriter(database.url).connect();
  log = new PostgresEventLog(database.url, 'heddle_log_writer');
  keys = { loadByIds: async () => new Map([[writer.key.id.toString('hex'), writer.key]]) };
  const events = everyKindOfEvent(12, writer.workspace);
  const types = new Set(events.map(({ type }) => type));
  expect([...types].sort()).toEqual([...new Set(EVENT_SCHEMAS.map(({ type }) => type))].sort());
  await writer.append(events);
});
afterAll(async () => {
  await Promise.all([writer.close(), log.close(), admin.end()]);
  await database.drop();
});

describe.each(projections.map((projection) => ({ name: projection.name, projection })))('$name', ({ projection }) => {
  const replaying = () => ({ decoder: writer.codec, keys });

  const rows = async () => {
    const tables: Record<string, string[]> = {};
    for (const name of projection.tables) {
      const { rows: all } = await admin.query<{ row: string }>(
        `select t::text as row from ${projection.service}.${name} t order by 1`,
      );
      tables[name] = all.map(({ row }) => row);
    }
    return tables;
  };

  beforeAll(async () => {
    const opener = new EventOpener(writer.codec, keys);
    const page = await log.read(0, { limit: 10_000, types: projection.types });
    for (const stored of page.events) {
      const opened = await opener.open(projection, admin, [opener.decode(stored)]);
      const events = opened.map((event) => ({ ...event, position: stored.storePosition }));
      for (const { text, values } of projection.project(events, liveTables(projection)))
        await admin.query(text, values);
    }
    if (!projection.inline) {
      await admin.query(
        `insert into ${projection.service}.projections (name, partition, next) values ($1, 'log', $2)`,
        [projection.name, page.scannedTo + 1],
      );
    }
  });

  it('is the same one event at a time and all at once', async () => {
    const report = await verify(database.url, projection, replaying());
    expect(report).toMatchObject({ equal: true, differences: [], failing: [] });
    expect(report.rows).toBeGreaterThan(0);
  });

  it('comes back the same when its tables were dropped', async () => {
    const before = await rows();
    for (const name of projection.tables) await admin.query(`drop table ${projection.service}.${name}`);
    await rebuild(database.url, projection, replaying());
    expect(await rows()).toEqual(before);
    expect(await verify(database.url, projection, replaying())).toMatchObject({ equal: true });
  });

  it('is told from one with a planted fault in each of its tables', async () => {
    for (const name of projection.tables) {
      const table = `${projection.service}.${name}`;
      await admin.query(`delete from ${table} where ctid = (select min(ctid) from ${table})`);
    }
    const report = await verify(database.url, projection, replaying());
    expect(report.differences.map(({ table, missing }) => ({ table, missing }))).toEqual(
      projection.tables.map((table) => ({ table, missing: 1 })),
    );
  });
});
