import { createRequire } from 'node:module';
import type { KafkaConfig } from 'kafkajs';
import { mendKafkajs } from './kafkajs-mends.js';

/**
 * kafkajs's own cluster object, which its public API does not show: a producer that fences others has to say which
 * producer id and epoch its batches carry (docs/decisions/0014), and a reader of the log has no consumer group. Only
 * this file knows where kafkajs keeps it.
 */
export interface Cluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  addMultipleTargetTopics(topics: readonly string[]): Promise<void>;
  refreshMetadata(): Promise<void>;
  findTopicPartitionMetadata(topic: string): { partitionId: number; leader: number }[];
  findBroker(broker: { nodeId: number | string }): Promise<Broker>;
  findGroupCoordinator(of: { groupId: string; coordinatorType: number }): Promise<Broker>;
}

export interface ProducedPartition {
  partition: number;
  errorCode: number;
  /** As a decimal text. */
  baseOffset: string;
}

export interface FetchedRecord {
  offset: string;
  /** Milliseconds, as a decimal text. */
  timestamp: string;
  key: Buffer | null;
  value: Buffer | null;
  headers: Record<string, Buffer>;
  isControlRecord?: boolean;
}

export interface Broker {
  initProducerId(of: { transactionalId: string; transactionTimeout: number }): Promise<{
    producerId: string;
    producerEpoch: number;
  }>;
  addPartitionsToTxn(of: ProducerOf & { topics: { topic: string; partitions: number[] }[] }): Promise<unknown>;
  endTxn(of: ProducerOf & { transactionResult: boolean }): Promise<unknown>;
  produce(of: {
    acks: number;
    timeout: number;
    producerId: string;
    producerEpoch: number;
    topicData: {
      topic: string;
      partitions: { partition: number; firstSequence: number; messages: RecordToSend[] }[];
    }[];
  }): Promise<{ topics: { topicName: string; partitions: ProducedPartition[] }[] }>;
  listOffsets(of: {
    replicaId: number;
    isolationLevel: number;
    topics: { topic: string; partitions: { partition: number; timestamp: number }[] }[];
  }): Promise<{ responses: { topic: string; partitions: { partition: number; offset: string }[] }[] }>;
  fetch(of: {
    replicaId: number;
    isolationLevel: number;
    maxWaitTime: number;
    minBytes: number;
    maxBytes: number;
    topics: { topic: string; partitions: { partition: number; fetchOffset: string; maxBytes: number }[] }[];
  }): Promise<{
    responses: {
      topicName: string;
      partitions: { partition: number; messages: FetchedRecord[]; highWatermark: string }[];
    }[];
  }>;
}

interface ProducerOf {
  transactionalId: string;
  producerId: string;
  producerEpoch: number;
}

export interface RecordToSend {
  key: Buffer;
  value: Buffer;
  headers: Record<string, string | Buffer>;
  /** Milliseconds since 1970. */
  timestamp: number;
}

export const TRANSACTION_COORDINATOR = 1;
/** Sees what belongs to no committed transaction, too: nothing of ours does. */
export const READ_UNCOMMITTED = 0;
export const LATEST_OFFSET = -1;
export const EARLIEST_OFFSET = -2;

const require = createRequire(import.meta.url);

export function makeCluster(config: KafkaConfig): Cluster {
  mendKafkajs();
  const ClusterOfKafkajs = require('kafkajs/src/cluster') as new (options: object) => Cluster;
  const socketFactory = (require('kafkajs/src/network/socketFactory') as () => unknown)();
  const { createLogger } = require('kafkajs/src/loggers') as { createLogger(options: object): unknown };
  return new ClusterOfKafkajs({
    ...config,
    logger: createLogger({ level: config.logLevel ?? 0, logCreator: config.logCreator ?? (() => () => undefined) }),
    socketFactory: config.socketFactory ?? socketFactory,
    connectionTimeout: config.connectionTimeout ?? 3000,
    requestTimeout: config.requestTimeout ?? 30_000,
    enforceRequestTimeout: true,
    metadataMaxAge: 300_000,
    allowAutoTopicCreation: false,
    maxInFlightRequests: null,
    // What fails is not sent again inside of kafkajs: whoever sends has to look first at what arrived.
    retry: { ...config.retry, retries: 0 },
  });
}
