import { EVENT_SCHEMAS } from '../../contract/generated/event-schemas.js';

/** Of every topic, for ever: a stream's partition follows from it. */
export const PARTITIONS = 12;

/** `heddle.conversation`: the namespace of the type's record. */
const TOPIC_OF_TYPE = new Map(
  EVENT_SCHEMAS.map(({ type, record }) => [type, record.slice(0, record.lastIndexOf('.'))]),
);

/** The topics that may hold events of these types, in the order of their names. */
export function topicsOf(types: Iterable<string>): string[] {
  const topics = new Set<string>();
  for (const type of types) {
    const topic = TOPIC_OF_TYPE.get(type);
    if (topic === undefined)
      throw new Error(`No schema has the event type ${type}. Types are those of schemas/*/*.avsc.`);
    topics.add(topic);
  }
  return [...topics].sort();
}

export interface TopicPartition {
  topic: string;
  partition: number;
}

/** `heddle.conversation/7`. */
export function partitionName({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`;
}

/** Null for what is not the name of a partition on Kafka, such as `log`. */
export function parsePartitionName(name: string): TopicPartition | null {
  const slash = name.lastIndexOf('/');
  const partition = Number(name.slice(slash + 1));
  return slash > 0 && Number.isInteger(partition) ? { topic: name.slice(0, slash), partition } : null;
}
