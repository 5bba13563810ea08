import pg from 'pg';
import { EVENT_SCHEMAS } from '../../../libs/contract/generated/event-schemas.js';
import { EventCodec } from '../../../libs/platform/event-codec/event-codec.js';
import { migrate } from '../../../libs/platform/postgres/migrate.js';
import { createTestDatabase, type TestDatabase } from '../../../libs/platform/testing/test-database.js';
import { withLogs } from './log.js';

const BROKERS = { KAFKA_BROKERS: '127.0.0.1:1' };

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
  await migrate(database.url, [], [{ schema: 'log', folder: 'libs/platform/event-store/migrations' }]);
});
afterEach(() => database.drop());

const partitions = (env: Record<string, string>) =>
  withLogs(env, database.url, new EventCodec(EVENT_SCHEMAS), async ({ followed }) => {
    const found = await followed.partitionsOf(['conversation.created']);
    return found.map(({ name }) => name);
  });

async function move(): Promise<void> {
  const admin = new pg.Client({ connectionString: database.url });
  await admin.connect();
  await admin.query(`update log.home set kind = 'kafka', since = '2026-02-03'`);
  await admin.end();
}

it('is the store until the log has moved, also where the brokers are named already', async () => {
  expect(await partitions({})).toEqual(['log']);
  expect(await partitions(BROKERS)).toEqual(['log']);
});

it('is Kafka once the log has moved there, and nothing else', async () => {
  await move();
  expect(await partitions(BROKERS)).toContain('heddle.conversation/0');
  for (const env of [{}, { ...BROKERS, HEDDLE_LOG: 'postgres' }]) {
    await expect(partitions(env)).rejects.toThrow(/is on Kafka since 2026-02-03: set KAFKA_BROKERS/);
  }
});
