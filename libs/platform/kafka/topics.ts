import type { EventSchema } from '../../contract/event-schema.js';
import { EVENT_SCHEMAS } from '../../contract/generated/event-schemas.js';

/** Of every topic, and never changed: another number would put a stream's next event on another partition. */
export const PARTITIONS = 12;

/** What the names of topics and groups begin with where nothing else is set. */
export const USUAL_PREFIX = 'heddle';

export interface TopicPartition {
  topic: string;
  partition: number;
}

export interface TopicPartitions {
  topic: string;
  partitions: number;
}

/** The topics of an installation: one a domain of the contract. Installations on one Kafka differ in the prefix. */
export class Topics {
  /** In the order of their names. */
  readonly all: readonly string[];
  private readonly byType: ReadonlyMap<string, string>;

  constructor(
    readonly prefix: string = USUAL_PREFIX,
    contract: readonly EventSchema[] = EVENT_SCHEMAS,
  ) {
    this.byType = new Map(contract.map(({ type, domain }) => [type, this.of(domain)]));
    this.all = [...new Set(this.byType.values())].sort();
  }

  /** `heddle.conversation`: where the events of a domain are, in partitions by stream. */
  of(domain: string): string {
    return `${this.prefix}.${domain}`;
  }

  /** Those that may hold events of these types, in the order of their names. */
  ofTypes(types: Iterable<string>): string[] {
    const topics = new Set<string>();
    for (const type of types) {
      const topic = this.byType.get(type);
      if (topic === undefined) {
        throw new Error(`No schema has the event type ${type}. Types are those of schemas/*/*.avsc.`);
      }
      topics.add(topic);
    }
    return [...topics].sort();
  }

  /** Where a workspace's own producers write. */
  rawOf(workspace: string): string {
    return `${this.prefix}.in.${workspace}`;
  }

  /** Whose raw topic it is; null where it is none. */
  workspaceOfRaw(topic: string): string | null {
    const workspace = topic.slice(`${this.prefix}.in.`.length);
    return /^wsp_[0-9a-f]{32}$/.test(workspace) && topic === this.rawOf(workspace) ? workspace : null;
  }

  /** Where the events of a topic go that a reader could not apply. */
  deadLettersOf(topic: string): string {
    return `${topic}.dlq`;
  }

  /** Each topic with the number of its partitions. */
  get partitioned(): TopicPartitions[] {
    return this.all.map((topic) => ({ topic, partitions: PARTITIONS }));
  }
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
