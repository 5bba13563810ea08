import type { EventCodec } from '../../../libs/platform/event-codec/event-codec.js';
import type { EventLog } from '../../../libs/platform/event-log/event-log.js';
import { PostgresEventLog } from '../../../libs/platform/event-log/postgres-event-log.js';
import { needsKafka, readHome } from '../../../libs/platform/event-store/log-home.js';
import type { KafkaSettings } from '../../../libs/platform/kafka/kafka-settings.js';
import { makeLogger } from '../../../libs/platform/observability/logger.js';
import { newClient } from '../../../libs/platform/postgres/client.js';
import { outsideRegistry } from '../../../libs/platform/registry/outside-registry.js';
import { KafkaEngine } from '../../../libs/platform/runtime/kafka-engine.js';
import { loadSettings, type Settings } from '../../../libs/platform/settings/settings.js';
import { Failure } from '../failure.js';
import type { Environment } from './database.js';

export interface Logs {
  /** The store's own event table. */
  store: PostgresEventLog;
  /** What services follow: the same, or Kafka. */
  followed: EventLog;
}

/**
 * Runs `work` with the logs of the installation whose database this is: those that its services follow, whatever the
 * environment says; `codec` is what is to read them. Throws StartupError where they follow Kafka, and the environment does not name it.
 */
export async function withLogs<T>(
  env: Environment,
  databaseUrl: string,
  codec: EventCodec,
  work: (logs: Logs) => Promise<T>,
): Promise<T> {
  const settings = loadSettings(env);
  const kafka = await followedKafka(databaseUrl, settings);
  const store = new PostgresEventLog(databaseUrl, 'heddle_log_writer');
  const log = makeLogger('fatal');
  const engine =
    kafka === null
      ? null
      : new KafkaEngine({ databaseUrl, kafka, registry: outsideRegistry(settings), relays: false, codec, log });
  try {
    return await work({ store, followed: engine?.eventLog ?? store });
  } finally {
    await Promise.allSettled([store.close(), engine?.close()]);
  }
}

/** Null for a log that is kept in the store. */
async function followedKafka(databaseUrl: string, settings: Settings): Promise<KafkaSettings | null> {
  const client = newClient({ connectionString: databaseUrl, application_name: 'heddle log home' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query<{ there: boolean }>(`select to_regclass('log.home') is not null as there`);
    if (!rows[0]!.there) throw new Failure('The database holds no store yet: start Heddle on it once.');
    const { kind, since } = await readHome({ query: ({ text }) => client.query(text) });
    if (kind === 'postgres') return null;
    if (settings.log !== 'kafka' || settings.kafka === null) throw needsKafka(since);
    return settings.kafka;
  } finally {
    await client.end().catch(() => undefined);
  }
}
