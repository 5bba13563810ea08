import { startServer } from '../../libs/platform/runtime/server.js';
import { checkDatabaseUrl } from '../../libs/platform/settings/database-check.js';
import { StartupError } from '../../libs/platform/settings/startup-error.js';
import { startRelayService } from '../relay/relay-service.js';
import type { Service } from '../services.js';
import { AppModule } from './app.module.js';
import { lookAtKafka, type Start } from './start.js';

/**
 * One service in this process, any number of which may share a store: so it has no data directory, and makes no
 * workspace. Returns what to print.
 */
export async function startService(service: Service, start: Start): Promise<string> {
  const { settings, registry, log, traces, version, onEnd } = start;
  const { databaseUrl, rootKey } = settings;
  if (databaseUrl === null) {
    throw new StartupError(
      `--service ${service.name} needs DATABASE_URL, the same for every service: the embedded Postgres belongs to one process.`,
    );
  }
  if (service.module === null) {
    await lookAtKafka(start);
    const relay = await startRelayService({ ...start, databaseUrl });
    return `Heddle's ${service.name} is ready at ${relay.url}`;
  }
  if (rootKey === null) {
    throw new StartupError(
      `--service ${service.name} needs HEDDLE_ROOT_KEY, the same for every service: a key that Heddle makes belongs to one process.`,
    );
  }
  await checkDatabaseUrl(databaseUrl);
  await lookAtKafka(start);
  const server = await startServer({
    module: service.module,
    documented: AppModule,
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
    traces,
  });
  onEnd(() => server.close());
  return `Heddle's ${service.name} is ready at ${server.url}`;
}
