import { randomBytes } from 'node:crypto';
import { openDataDirectory } from '../../libs/platform/postgres/data-directory.js';
import { startEmbeddedPostgres } from '../../libs/platform/postgres/embedded.js';
import { startServer } from '../../libs/platform/runtime/server.js';
import { checkDatabaseUrl } from '../../libs/platform/settings/database-check.js';
import { AppModule } from './app.module.js';
import { ensureDefaultWorkspace } from './default-workspace.js';
import { greeting } from './greeting.js';
import { lookAtKafka, type Start } from './start.js';

/** Every service in this process, with a data directory, and a Postgres where none is named. Returns what to print. */
export async function startWhole(start: Start): Promise<string> {
  const { settings, registry, log, traces, version, onEnd } = start;
  const directory = await openDataDirectory(settings.dataDir);
  onEnd(() => directory.release());
  await lookAtKafka(start);
  const rootKey =
    settings.rootKey ?? (await directory.secret('root-key', () => `hdlroot_${randomBytes(32).toString('base64url')}`));
  let databaseUrl = settings.databaseUrl;
  if (databaseUrl === null) {
    const postgres = await startEmbeddedPostgres({ dataDir: settings.dataDir, onLog: (line) => log.warn(line) });
    onEnd(() => postgres.stop());
    databaseUrl = postgres.url;
  } else {
    await checkDatabaseUrl(databaseUrl);
  }
  const server = await startServer({
    module: AppModule,
    databaseUrl,
    rootKey,
    host: settings.host,
    port: settings.port,
    version,
    log,
    quota: settings.rateLimit,
    registry,
    kafka: settings.log === 'kafka' ? settings.kafka : null,
    webhooks: settings.webhooks,
    relays: true,
    traces,
  });
  onEnd(() => server.close());
  await ensureDefaultWorkspace(server.url, rootKey, settings.dataDir);
  return greeting(server.url, settings.dataDir, settings.rootKey === null);
}
