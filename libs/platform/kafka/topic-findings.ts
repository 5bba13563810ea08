import { PARTITIONS } from './topics.js';

/** What a cluster says of a topic. */
export interface TopicFacts {
  topic: string;
  partitions: number;
  /** On how many brokers the partition with the fewest copies is kept. */
  replication: number;
  /** By Kafka's names: https://kafka.apache.org/documentation/#topicconfigs */
  config: ReadonlyMap<string, string>;
}

/** Something about topics that does not go with a log that is kept for ever. */
export interface Finding {
  /** Acknowledged events would be lost, or could not be sent or read; false: it only makes a loss more likely. */
  isFatal: boolean;
  /** `retention.ms=604800000`. */
  found: string;
  topics: string[];
  /** Ends the sentence "<topics> have <found>: ". */
  soWhat: string;
}

const SAFE_COPIES = 3;
const SAFE_IN_SYNC = 2;
/** Brokers store batches so whatever the producer sent; kafkajs unpacks gzip only, and its consumers stop at others. */
const UNREADABLE = /^(zstd|lz4|snappy)$/;
/** A batch of the relay's with keys, headers and framing, bytes: libs/platform/relay/page.ts stays below. */
const LARGEST_BATCH = 1024 * 1024;
/** Kafka's default of max.message.bytes. */
const KAFKAS_OWN = 1_048_588;

interface Check {
  isFatal: boolean;
  /** What is wrong; null for nothing. */
  found(facts: TopicFacts): string | null;
  soWhat: string;
}

const CHECKS: readonly Check[] = [
  {
    isFatal: true,
    found: ({ partitions }) => (partitions === PARTITIONS ? null : `${partitions} partitions`),
    soWhat: `it must be ${PARTITIONS}, or a stream's events lie in two places; make the topic anew with ${PARTITIONS} while it is empty`,
  },
  ...['retention.ms', 'retention.bytes'].map((name) => ({
    isFatal: true,
    found: ({ config }: TopicFacts) => ((config.get(name) ?? '-1') === '-1' ? null : `${name}=${config.get(name)}`),
    soWhat: `Kafka would delete events for good; set ${name}=-1 (kafka-configs.sh --alter --add-config)`,
  })),
  {
    isFatal: true,
    found: ({ config }) => {
      const policy = config.get('cleanup.policy') ?? 'delete';
      return policy.includes('compact') ? `cleanup.policy=${policy}` : null;
    },
    soWhat: 'Kafka would keep the last event of each stream only; set cleanup.policy=delete',
  },
  {
    isFatal: true,
    found: ({ config }) => {
      const type = config.get('compression.type') ?? 'producer';
      return UNREADABLE.test(type) ? `compression.type=${type}` : null;
    },
    soWhat:
      'Kafka would give Heddle records that it cannot read; set compression.type=producer (kafka-configs.sh --alter --add-config)',
  },
  {
    isFatal: true,
    found: ({ config }) => {
      const most = config.get('max.message.bytes');
      return most !== undefined && Number(most) < LARGEST_BATCH ? `max.message.bytes=${most}` : null;
    },
    soWhat: `Kafka would refuse what the relay sends, up to 1 MiB at a time; set max.message.bytes=${KAFKAS_OWN} (kafka-configs.sh --alter --add-config)`,
  },
  {
    isFatal: false,
    found: ({ replication }) => (replication < SAFE_COPIES ? `a replication factor of ${replication}` : null),
    soWhat: `a broker that is lost may take acknowledged events along; ${SAFE_COPIES} is safe (kafka-reassign-partitions.sh)`,
  },
  {
    isFatal: false,
    found: ({ config }) => {
      const inSync = config.get('min.insync.replicas') ?? '1';
      return Number(inSync) < SAFE_IN_SYNC ? `min.insync.replicas=${inSync}` : null;
    },
    soWhat: `an event may be acknowledged by one broker alone; set it to ${SAFE_IN_SYNC}, with ${SAFE_COPIES} copies`,
  },
  {
    isFatal: false,
    found: ({ config }) => {
      const unclean = config.get('unclean.leader.election.enable');
      return unclean === 'true' ? 'unclean.leader.election.enable=true' : null;
    },
    soWhat: 'a broker that lacks acknowledged events may become the leader; set it to false',
  },
];

/** What is wrong with the topics, the fatal first; topics with the same fault are one finding. */
export function topicFindings(all: readonly TopicFacts[]): Finding[] {
  return CHECKS.flatMap(({ isFatal, found, soWhat }) => {
    const bad = all.flatMap((facts) => {
      const what = found(facts);
      return what === null ? [] : [{ what, topic: facts.topic }];
    });
    const alike = Map.groupBy(bad, ({ what }) => what);
    return [...alike].map(([what, its]) => ({ isFatal, found: what, topics: its.map(({ topic }) => topic), soWhat }));
  });
}

/** One line. */
export function lineOf({ found, topics, soWhat }: Finding): string {
  return `Kafka: ${topics.join(', ')} ${topics.length === 1 ? 'has' : 'have'} ${found}: ${soWhat}.`;
}
