import type { EventSchema } from '../../contract/event-schema.js';
import type { TopicPartitions } from './fenced-producer.js';

/** Of every topic, and never changed: another number would put a stream's next event on another partition. */
export const PARTITIONS = 12;

/** The names of the topics. Tests on one Kafka tell their installations apart by the prefix. */
export class TopicNames {
  constructor(readonly prefix = 'heddle') {}

  /** Where the events of a domain are, in partitions by stream. */
  of(domain: string): string {
    return `${this.prefix}.${domain}`;
  }

  /** Where the events of a topic go that a reader could not apply. */
  deadLettersOf(topic: string): string {
    return `${topic}.dlq`;
  }
}

/** One topic a domain of the contract, in the order of their names. */
export function topicsOf(contract: readonly EventSchema[], names: TopicNames): TopicPartitions[] {
  const domains = new Set(contract.map(({ domain }) => domain));
  return [...domains].sort().map((domain) => ({ topic: names.of(domain), partitions: PARTITIONS }));
}
