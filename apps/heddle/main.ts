import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { makeLogger } from '../../libs/platform/observability/logger.js';
import { startTraces } from '../../libs/platform/observability/start-traces.js';
import { packageRoot } from '../../libs/platform/postgres/package-root.js';
import { outsideRegistry } from '../../libs/platform/registry/outside-registry.js';
import { endOnSignal, endWithParent } from '../../libs/platform/settings/process-end.js';
import { loadSettings, type Settings } from '../../libs/platform/settings/settings.js';
import { StartupError } from '../../libs/platform/settings/startup-error.js';
import { serviceOption } from './service-option.js';
import type { Start } from './start.js';
import { startService } from './start-service.js';
import { startWhole } from './start-whole.js';

const ends: (() => Promise<void>)[] = [];

/** Ends what was started, the last first. */
async function endAll(): Promise<void> {
  for (let end = ends.pop(); end !== undefined; end = ends.pop()) await end();
}

async function main(): Promise<void> {
  const service = serviceOption(process.argv.slice(2));
  const settings = loadSettings();
  const log = makeLogger(settings.logLevel);
  const registry = outsideRegistry(settings);
  endOnSignal(endAll);
  endWithParent(endAll);
  const { version } = createRequire(import.meta.url)(join(packageRoot, 'package.json')) as { version: string };
  const traces = await tracesOf(settings, service === null ? 'heddle' : `heddle-${service.name}`, version, log);
  const start: Start = { settings, registry, log, traces, version, onEnd: (end) => void ends.push(end) };
  console.log(await (service === null ? startWhole(start) : startService(service, start)));
}

/** Ended last, so that what is done at the end is in them. */
async function tracesOf({ traces: settings }: Settings, service: string, version: string, log: Logger) {
  if (settings === null) return null;
  const { traces, close } = await startTraces({ settings, service, version, log });
  ends.push(close);
  return traces;
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
