import type { Logger } from 'pino';
import type { KafkaSettings } from '../../libs/platform/kafka/kafka-settings.js';
import { startStatusServer } from '../../libs/platform/runtime/status-server.js';
import { checkDatabaseUrl } from '../../libs/platform/settings/database-check.js';
import type { Settings } from '../../libs/platform/settings/settings.js';
import { StartupError } from '../../libs/platform/settings/startup-error.js';
import { type RelayParts, startRelay } from './start-relay.js';

export interface RelayServiceOptions {
  settings: Settings;
  registry: RelayParts['registry'];
  databaseUrl: string;
  log: Logger;
  onEnd(end: () => Promise<void>): void;
}

/** The relay alone: what carries the store's events to Kafka, and no API but what operating needs. */
export async function startRelayService({ settings, registry, databaseUrl, log, onEnd }: RelayServiceOptions) {
  const kafka = brokersOf(settings);
  await checkDatabaseUrl(databaseUrl);
  const relay = await startRelay({ databaseUrl, kafka, registry, log });
  onEnd(() => relay.close());
  const server = await startStatusServer({
    host: settings.host,
    port: settings.port,
    trouble: () => relay.trouble(),
    register: (metrics) => relay.register(metrics),
  });
  onEnd(() => server.close());
  return server;
}

function brokersOf({ log, kafka }: Settings): KafkaSettings {
  if (log === 'kafka' && kafka !== null) return kafka;
  throw new StartupError(
    '--service relay needs KAFKA_BROKERS, and not HEDDLE_LOG=postgres: without Kafka there is nothing to carry.',
  );
}
