import { randomBytes } from 'node:crypto';
import pg from 'pg';

export interface TestDatabase {
  url: string;
  /** Ends every connection to the database and removes it. */
  drop(): Promise<void>;
}

async function asSuperuser(statement: string): Promise<void> {
  const connectionString = process.env.HEDDLE_TEST_POSTGRES_URL;
  if (!connectionString) {
    throw new Error(
      'HEDDLE_TEST_POSTGRES_URL is not set: name the spec *.int.spec.ts, or put it under test/journeys or test/replay.',
    );
  }
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/** Makes an empty database, whose owner is the superuser, on the test run's Postgres. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  // template0 is never connected to, so that workers can copy it at the same time.
  await asSuperuser(`create database ${name} template template0 strategy wal_log`);
  const url = new URL(process.env.HEDDLE_TEST_POSTGRES_URL!);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => asSuperuser(`drop database if exists ${name} with (force)`) };
}
