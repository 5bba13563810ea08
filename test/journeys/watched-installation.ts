import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase, type TestDatabase } from '../../libs/platform/testing/test-database.js';
import { testBrokers, testName } from '../../libs/platform/testing/test-kafka.js';
import { startApart } from './apart/installation.js';
import { ROOT_KEY } from './journey.js';
import { type Printed, ServerProgram } from './programs.js';
import { SHAPE } from './shapes.js';

/** An installation of built programs, in the shape that the jest project asks for, whose output is kept. */
export interface WatchedInstallation {
  url: string;
  database: TestDatabase;
  /** Of each process. */
  urls: readonly string[];
  /** All that its processes have printed so far. */
  said(): Printed;
  /** Ends the processes; `forget` removes what they leave. */
  stop(): Promise<void>;
  forget(): Promise<void>;
}

/** `variables` are given to each process. */
export async function startWatched(variables: Record<string, string>): Promise<WatchedInstallation> {
  const database = await createTestDatabase();
  return SHAPE === 'apart' ? apart(database, variables) : whole(database, variables);
}

async function whole(database: TestDatabase, variables: Record<string, string>): Promise<WatchedInstallation> {
  const folder = await mkdtemp(join(tmpdir(), 'heddle-watched-'));
  const program = await ServerProgram.start({
    DATABASE_URL: database.url,
    HEDDLE_ROOT_KEY: ROOT_KEY,
    HEDDLE_DATA_DIR: folder,
    ...variables,
  });
  return {
    url: program.url,
    database,
    urls: [program.url],
    said: program.said,
    stop: () => program.stop(),
    forget: async () => {
      await rm(folder, { recursive: true });
      await database.drop();
    },
  };
}

async function apart(database: TestDatabase, variables: Record<string, string>): Promise<WatchedInstallation> {
  const installation = await startApart({
    databaseUrl: database.url,
    brokers: testBrokers().join(','),
    prefix: testName('watched'),
    rootKey: ROOT_KEY,
    quota: 1_000_000,
    // Beside the installation that the others share, in one Postgres.
    once: true,
    variables,
  });
  return {
    url: installation.url,
    database,
    urls: installation.processes.map(({ url }) => url),
    said: installation.said,
    stop: () => installation.close(),
    forget: () => database.drop(),
  };
}
