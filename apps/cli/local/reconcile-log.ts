import { Buffer } from 'node:buffer';
import { EVENT_SCHEMAS } from '../../../libs/contract/generated/event-schemas.js';
import { type LostWithKeys, StreamRestorer } from '../../../libs/platform/commands/stream-restorer.js';
import { EventCodec } from '../../../libs/platform/event-codec/event-codec.js';
import { identifyStore } from '../../../libs/platform/event-store/epoch.js';
import { FEED } from '../../../libs/platform/feed/feed-keeper.js';
import { kafkaConfig } from '../../../libs/platform/kafka/kafka-config.js';
import type { KafkaSettings } from '../../../libs/platform/kafka/kafka-settings.js';
import { Topics } from '../../../libs/platform/kafka/topics.js';
import { KeyStore } from '../../../libs/platform/keys/key-store.js';
import { makeLogger } from '../../../libs/platform/observability/logger.js';
import { Connection } from '../../../libs/platform/postgres/connection.js';
import { liveTables } from '../../../libs/platform/projections/projection.js';
import { DivergedError } from '../../../libs/platform/relay/diverged-error.js';
import { type Query, type Reconciled, type ReturningEvent, reconcile } from '../../../libs/platform/relay/reconcile.js';
import { bindRegistry, type Registry } from '../../../libs/platform/relay/registry-binding.js';
import type { Domain } from '../../../libs/platform/runtime/domain-module.js';
import { Failure } from '../failure.js';

export interface ReconciledLog extends Reconciled {
  lost: LostWithKeys;
}

/**
 * Brings back what Kafka has and the store lacks, with heads, claims and inline read models, in one transaction; and
 * lets the store take appends. Throws Failure where the store has gone on by itself.
 */
export async function reconcileLog(
  databaseUrl: string,
  domains: readonly Domain[],
  { settings, registry }: { settings: KafkaSettings; registry: Registry },
  onProgress: (events: number) => void,
): Promise<ReconciledLog> {
  const connection = new Connection({ url: databaseUrl, applicationName: 'heddle log reconcile' });
  const codec = new EventCodec(EVENT_SCHEMAS);
  const aggregates = domains.flatMap((domain) => domain.aggregates);
  const restorer = new StreamRestorer(aggregates, codec, new KeyStore());
  let count = 0;
  const restore = async (query: Query, events: readonly ReturningEvent[]): Promise<void> => {
    const db = { query: query as KeyDatabaseQuery };
    const sealed = events.map(({ fingerprint, payload }) => codec.decode(Buffer.from(fingerprint, 'hex'), payload));
    const opened = await restorer.restore(db, sealed);
    for (const projection of domains.flatMap((domain) => domain.projections)) {
      if (!projection.inline) continue;
      const wanted = opened.filter(({ type }) => projection.types.includes(type));
      if (wanted.length === 0) continue;
      for (const statement of projection.project(wanted, liveTables(projection))) await query(statement);
    }
    count += events.length;
    onProgress(count);
  };
  try {
    // A fail-over that no server has seen yet begins its life here.
    const { id } = await connection.exclusively((query) => identifyStore({ query }));
    const { ids } = await bindRegistry(connection, registry, EVENT_SCHEMAS);
    const result = await reconcile({
      connection,
      kafka: kafkaConfig(settings, makeLogger('silent')),
      names: new Topics(settings.prefix),
      contract: EVENT_SCHEMAS,
      ids,
      store: id,
      restoreHeads: restore,
      passOver: async (query, positions) => {
        // Else the feed would wait for them for ever.
        const text = `insert into ${FEED.service}.events (position) select * from unnest($1::bigint[]) on conflict do nothing`;
        await query({ text, values: [positions] });
      },
    });
    return { ...result, lost: restorer.lost };
  } catch (error) {
    if (!(error instanceof DivergedError)) throw error;
    if (error.remedy !== 'reconcile') throw new Failure(error.message);
    throw new Failure(
      `Kafka and the store tell different histories: ${error.what}. Nothing was changed: bring the backup back into an empty database, and reconcile before Heddle is started on it.`,
    );
  } finally {
    await connection.close();
  }
}

type KeyDatabaseQuery = (statement: Parameters<Query>[0]) => Promise<{ rows: Record<string, unknown>[] }>;
