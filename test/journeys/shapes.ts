import { pino } from 'pino';
import { AppModule } from '../../apps/heddle/app.module.js';
import { startServer } from '../../libs/platform/runtime/server.js';
import type { TestDatabase } from '../../libs/platform/testing/test-database.js';
import { testBrokers, testKafka, testName } from '../../libs/platform/testing/test-kafka.js';
import { type ApartInstallation, startApart } from './apart/installation.js';

export const ROOT_KEY = 'hdlroot_of_the_journeys';

export interface ShapeOptions {
  /** Whether it must have a store and processes of its own, where others would share them. */
  own?: boolean;
  /** Requests a second for each key. */
  quota?: number;
  /** How long a body is waited for; ms. Of one process only: it is no setting. */
  bodyMs?: number;
}

/** An installation, in whichever shape. */
export type Installation = ApartInstallation;

/** `apart`: two processes of each service that may be many, and their log on Kafka; by the jest project. */
export const SHAPE: 'whole' | 'apart' = process.env.HEDDLE_TEST_SHAPE === 'apart' ? 'apart' : 'whole';

/** Serves a database's store, on a port or any. */
export function serve(database: TestDatabase, options: ShapeOptions, port: number): Promise<Installation> {
  return SHAPE === 'apart' ? apart(database, options, port) : whole(database, options, port);
}

async function whole(
  database: TestDatabase,
  { quota = 1_000_000, bodyMs }: ShapeOptions,
  port: number,
): Promise<Installation> {
  const server = await startServer({
    module: AppModule,
    databaseUrl: database.url,
    rootKey: ROOT_KEY,
    host: '127.0.0.1',
    port,
    version: '0.0.0',
    log: pino({ level: 'silent' }),
    quota,
    webhooks: { http: true, networks: ['127.0.0.0/8'] },
    ...(bodyMs === undefined ? {} : { bodyMs }),
  });
  return {
    url: server.url,
    processes: [{ service: null, url: server.url }],
    environment: { DATABASE_URL: database.url, HEDDLE_ROOT_KEY: ROOT_KEY },
    close: () => server.close(),
  };
}

/** A database's topics keep their names, so that its services find them again. */
const prefixes = new WeakMap<TestDatabase, string>();

async function apart(database: TestDatabase, { quota = 1_000_000 }: ShapeOptions, port: number): Promise<Installation> {
  const prefix = prefixes.get(database) ?? testName('journey');
  prefixes.set(database, prefix);
  const brokers = testBrokers().join(',');
  return startApart({ databaseUrl: database.url, brokers, prefix, rootKey: ROOT_KEY, quota, port });
}

/** The installation that all journeys of a run share, where there is one: each makes workspaces of its own. */
export function sharedInstallation(): { installation: Installation; database: TestDatabase } | null {
  const { HEDDLE_TEST_APART: shared } = process.env;
  if (SHAPE !== 'apart' || shared === undefined) return null;
  const nothing = async () => undefined;
  const told = JSON.parse(shared) as Omit<Installation, 'close'>;
  return {
    installation: { ...told, close: nothing },
    database: { url: told.environment.DATABASE_URL!, drop: nothing },
  };
}

/** Removes what a database's services left on Kafka. */
export async function forgetTopics(database: TestDatabase): Promise<void> {
  const prefix = prefixes.get(database);
  if (prefix === undefined) return;
  const admin = testKafka().admin();
  await admin.connect();
  const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(`${prefix}.`));
  await admin.deleteTopics({ topics });
  await admin.disconnect();
}
