import { EVENT_SCHEMAS } from '../../../libs/contract/generated/event-schemas.js';
import { EventCodec } from '../../../libs/platform/event-codec/event-codec.js';
import type { EventLog } from '../../../libs/platform/event-log/event-log.js';
import { PostgresEventLog } from '../../../libs/platform/event-log/postgres-event-log.js';
import { moveIn } from '../../../libs/platform/event-store/log-home.js';
import { makeLogger } from '../../../libs/platform/observability/logger.js';
import { newClient } from '../../../libs/platform/postgres/client.js';
import { outsideRegistry } from '../../../libs/platform/registry/outside-registry.js';
import { KafkaEngine } from '../../../libs/platform/runtime/kafka-engine.js';
import { loadSettings } from '../../../libs/platform/settings/settings.js';
import { Failure } from '../failure.js';
import type { Environment } from './database.js';

export interface Logs {
  /** The store's own event table. */
  store: PostgresEventLog;
  /** What services follow: the same, or Kafka. */
  followed: EventLog;
}

/** Runs `work` with the logs of the installation whose database this is. */
export async function withLogs<T>(env: Environment, databaseUrl: string, work: (logs: Logs) => Promise<T>): Promise<T> {
  const settings = loadSettings(env);
  const kafka = settings.log === 'kafka' ? settings.kafka : null;
  if (kafka === null) await requireEmbedded(databaseUrl);
  const store = new PostgresEventLog(databaseUrl, 'heddle_log_writer');
  const log = makeLogger('fatal');
  const codec = new EventCodec(EVENT_SCHEMAS);
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

/** Both, for what may lie in either since the log has moved. */
export function everyLog({ store, followed }: Logs): EventLog {
  return {
    partitionsOf: async (types) => [
      ...(await followed.partitionsOf(types)),
      ...(followed === store ? [] : await store.partitionsOf()),
    ],
  };
}

async function requireEmbedded(databaseUrl: string): Promise<void> {
  const client = newClient({ connectionString: databaseUrl, application_name: 'heddle log home' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query<{ there: boolean }>(`select to_regclass('log.home') is not null as there`);
    if (!rows[0]!.there) throw new Failure('The database holds no store yet: start Heddle on it once.');
    await moveIn({ query: ({ text, values }) => client.query(text, values as unknown[]) }, 'postgres');
  } finally {
    await client.end().catch(() => undefined);
  }
}
