import { Kafka, type KafkaConfig, logLevel } from 'kafkajs';
import { mendKafkajs } from './kafkajs-mends.js';

/** kafkajs's client, without its own words on the console, and without its busy loop while idle. */
export function makeKafka(config: KafkaConfig): Kafka {
  mendKafkajs();
  return new Kafka({ connectionTimeout: 3000, logLevel: logLevel.NOTHING, ...config });
}
