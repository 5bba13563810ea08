import { type KafkaConfig, logLevel } from 'kafkajs';
import type { Logger } from 'pino';
import type { EventSchema } from '../../contract/event-schema.js';
import { makeKafka } from '../kafka/kafkajs-client.js';
import { requireSafeTopics } from '../kafka/topic-check.js';
import type { Topics } from '../kafka/topics.js';
import type { Connection } from '../postgres/connection.js';
import { RegistryUnavailable } from '../registry/registry-client.js';
import { StartupError } from '../settings/startup-error.js';
import { ensureTopics } from './ensure-topics.js';
import { type Binding, bindRegistry, type Registry } from './registry-binding.js';
import type { Destination } from './turn.js';

export interface PreparationOptions {
  connection: Connection;
  kafka: KafkaConfig;
  registry: Registry;
  contract: readonly EventSchema[];
  names: Topics;
  /** Replicas of topics that are made; null: one a broker, and three at most. */
  replication: number | null;
  log: Pick<Logger, 'warn'>;
}

/** What a relay knows of its surroundings before it takes over. */
export interface Prepared {
  /** The store's id, 32 hex digits. */
  store: string;
  /** Registry ids by the schemas' fingerprints. */
  ids: ReadonlyMap<string, number>;
  destination: Destination;
}

const CONFIRM_EVERY_MS = 10_000;

/** Topics, schema ids and the store's id: asked for until they are known, and again after something went wrong. */
export class RelayPreparation {
  private binding: Binding | null = null;
  private boundAt = 0;
  private cluster: string | null = null;
  private saidAway = false;

  constructor(private readonly options: PreparationOptions) {}

  /** Throws StartupError for a Kafka, topics or a registry that are not the ones that they must be. */
  async prepare(): Promise<Prepared> {
    const { connection, names } = this.options;
    const { rows } = await connection.query<{ id: string }>({ text: 'select id from log.store' });
    if (rows[0] === undefined) throw new Error('The store has no id yet: no service has been started on it.');
    const ids = await this.bind();
    if (ids.size === 0) throw new RegistryUnavailable('No registry has given the schemas ids yet, and it is away.');
    this.cluster ??= await this.makeTopics();
    return {
      store: rows[0].id.replaceAll('-', ''),
      ids,
      destination: { prefix: names.prefix, cluster: this.cluster },
    };
  }

  /** Topics may have gone since, and the store may have been bound to another registry. */
  forget(): void {
    this.cluster = null;
    this.binding = null;
  }

  /** A relay that began while the registry was away asks again, for it may be another one. */
  async confirmRegistry(): Promise<void> {
    if (this.binding!.isConfirmed || performance.now() - this.boundAt < CONFIRM_EVERY_MS) return;
    await this.ask();
  }

  /** Returns Kafka's id of the cluster. */
  private async makeTopics(): Promise<string> {
    const { kafka, names, replication, connection } = this.options;
    const admin = makeKafka({ ...kafka, logLevel: logLevel.NOTHING, retry: { retries: 2 } }).admin();
    try {
      await admin.connect();
      const { clusterId: cluster } = await admin.describeCluster();
      // Before topics are made in a cluster that is not the store's.
      await requireDestination(connection, { prefix: names.prefix, cluster });
      await ensureTopics(admin, names.partitioned, names, replication);
      // A start while Kafka was away could not look at them. What is no more than a warning it tells at the next start.
      await requireSafeTopics(admin, names.all);
      return cluster;
    } finally {
      await admin.disconnect().catch(() => undefined);
    }
  }

  private async bind(): Promise<ReadonlyMap<string, number>> {
    if (this.binding?.isConfirmed !== true) {
      await this.ask();
      const isAway = !this.binding!.isConfirmed;
      if (isAway && !this.saidAway) this.options.log.warn('the registry is away: the relay uses the recorded ids');
      this.saidAway = isAway;
    }
    return this.binding!.ids;
  }

  private async ask(): Promise<void> {
    const { connection, registry, contract } = this.options;
    this.boundAt = performance.now();
    this.binding = await bindRegistry(connection, registry, contract);
  }
}

/**
 * Elsewhere the relay would go on in the middle: what it carried before would never come there. Throws StartupError where
 * the store's events are carried to other topics or another cluster.
 */
export async function requireDestination(connection: Connection, { prefix, cluster }: Destination): Promise<void> {
  const { rows } = await connection.query<{ prefix: string | null; cluster: string | null }>({
    text: 'select topic_prefix as prefix, cluster from log.relay',
  });
  const before = rows[0];
  if (before === undefined || before.prefix === null) return;
  if (before.prefix === prefix && before.cluster === cluster) return;
  throw new StartupError(
    `This store's events are carried to the topics ${before.prefix}.* of the Kafka cluster ${before.cluster}, and the \
settings name ${prefix}.* of ${cluster}: set KAFKA_BROKERS and HEDDLE_KAFKA_PREFIX back, or send all of it there by \`heddle log resend\`.`,
  );
}
