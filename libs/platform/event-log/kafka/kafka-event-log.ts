import type { KafkaConfig } from 'kafkajs';
import type { StoreId } from '../../event-store/store-id.js';
import { KafkaReader } from '../../kafka/kafka-reader.js';
import { PARTITIONS, Topics } from '../../kafka/topics.js';
import type { EventLog, LogPartition } from '../event-log.js';
import { KafkaPartition } from './kafka-partition.js';
import type { SchemaIds } from './schema-ids.js';

export interface KafkaEventLogOptions {
  kafka: KafkaConfig;
  ids: SchemaIds;
  /** Whose events are read: what is of another store is none. */
  store: StoreId;
  /** How long a read waits for a Kafka that is away or elects leaders, and for the registry, ms. */
  patienceMs?: number;
  /** Where the types lie; `heddle.<domain>` unless said. */
  topics?: Pick<Topics, 'ofTypes'>;
}

const PATIENCE_MS = 10_000;

/**
 * The log in the topics `heddle.<domain>` (docs/decisions/0015). It connects at the first read. A read that outlasts
 * its patience throws the problem `unavailable`.
 */
export class KafkaEventLog implements EventLog {
  private readonly reader: KafkaReader;
  private readonly ids: SchemaIds;
  private readonly store: StoreId;
  private readonly patienceMs: number;
  private readonly topics: Pick<Topics, 'ofTypes'>;
  private readonly partitions = new Map<string, readonly LogPartition[]>();

  constructor({ kafka, ids, store, patienceMs = PATIENCE_MS, topics = new Topics() }: KafkaEventLogOptions) {
    this.ids = ids;
    this.store = store;
    this.patienceMs = patienceMs;
    this.topics = topics;
    this.reader = new KafkaReader(kafka, patienceMs);
  }

  async partitionsOf(types: readonly string[]): Promise<readonly LogPartition[]> {
    return this.topics.ofTypes(types).flatMap((topic) => this.partitionsOfTopic(topic));
  }

  close(): Promise<void> {
    return this.reader.close();
  }

  private partitionsOfTopic(topic: string): readonly LogPartition[] {
    let partitions = this.partitions.get(topic);
    if (partitions === undefined) {
      partitions = Array.from({ length: PARTITIONS }, (_, partition) => {
        return new KafkaPartition({ topic, partition }, this.reader, this.ids, this.store, this.patienceMs);
      });
      this.partitions.set(topic, partitions);
    }
    return partitions;
  }
}
