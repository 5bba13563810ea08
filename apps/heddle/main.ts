import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { makeLogger } from '../../libs/platform/observability/logger.js';
import { openDataDirectory } from '../../libs/platform/postgres/data-directory.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../libs/platform/postgres/embedded.js';
import { packageRoot } from '../../libs/platform/postgres/package-root.js';
import { startServer } from '../../libs/platform/runtime/server.js';
import { checkDatabaseUrl } from '../../libs/platform/settings/database-check.js';
import { endOnSignal, endWithParent } from '../../libs/platform/settings/process-end.js';
import { loadSettings } from '../../libs/platform/settings/settings.js';
import { StartupError } from '../../libs/platform/settings/startup-error.js';
import { AppModule } from './app.module.js';
import { ensureDefaultWorkspace } from './default-workspace.js';
import { greeting } from './greeting.js';

const ends: (() => Promise<void>)[] = [];

/** Ends what was started, the last first. */
async function endAll(): Promise<void> {
  for (let end = ends.pop(); end !== undefined; end = ends.pop()) await end();
}

async function main(): Promise<void> {
  const settings = loadSettings();
  const log = makeLogger(settings.logLevel);
  endOnSignal(endAll);
  endWithParent(endAll);

  const directory = await openDataDirectory(settings.dataDir);
  ends.push(() => directory.release());
  const rootKey =
    settings.rootKey ?? (await directory.secret('root-key', () => `hdlroot_${randomBytes(32).toString('base64url')}`));

  let databaseUrl = settings.databaseUrl;
  if (databaseUrl === null) {
    const postgres: EmbeddedPostgres = await startEmbeddedPostgres({
      dataDir: settings.dataDir,
      onLog: (line) => log.warn(line),
    });
    ends.push(() => postgres.stop());
    databaseUrl = postgres.url;
  } else {
    await checkDatabaseUrl(databaseUrl);
  }

  const { version } = createRequire(import.meta.url)(join(packageRoot, 'package.json')) as { version: string };
  const server = await startServer({
    module: AppModule,
    databaseUrl,
    rootKey,
    host: settings.host,
    port: settings.port,
    version,
    log,
    quota: settings.rateLimit,
    schemaRegistryUrl: settings.schemaRegistryUrl,
  });
  ends.push(() => server.close());
  await ensureDefaultWorkspace(server.url, rootKey, settings.dataDir);
  console.log(greeting(server.url, settings.dataDir, settings.rootKey === null));
}

function explain(error: unknown): string {
  if (error instanceof StartupError) return error.message;
  const { code, message, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number };
  if (code === 'EADDRINUSE') {
    return `Port ${port} on ${address} is in use. Set HEDDLE_PORT to a free one, or end what listens there.`;
  }
  if (code === 'EACCES' && port !== undefined) {
    return `Port ${port} needs rights that this user does not have. Set HEDDLE_PORT to one above 1023.`;
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return `HEDDLE_HOST: ${address ?? 'the host'} is not an address of this machine. Set one that is, such as 127.0.0.1.`;
  }
  return `Heddle cannot start: ${message?.split('\n')[0] ?? String(error)}`;
}

main().catch(async (error) => {
  console.error(explain(error));
  if (process.env.HEDDLE_LOG_LEVEL === 'debug') console.error(error);
  await endAll().catch(() => undefined);
  process.exit(1);
});
