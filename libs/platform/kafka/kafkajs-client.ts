import { Kafka, type KafkaConfig, logLevel } from 'kafkajs';
import { quietenRequestQueue } from './request-queue.js';

/** kafkajs's client, without its own words on the console, and without its busy loop while idle. */
export function makeKafka(config: KafkaConfig): Kafka {
  quietenRequestQueue();
  return new Kafka({ connectionTimeout: 3000, logLevel: logLevel.NOTHING, ...config });
}
