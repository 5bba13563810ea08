import kafkajs, { type Admin } from 'kafkajs';
import { StartupError } from '../settings/startup-error.js';
import { topicsUnseen } from './kafka-trouble.js';
import { lineOf, type TopicFacts, topicFindings } from './topic-findings.js';

// Node.js does not see all names that this package of CommonJS exports.
const { ConfigResourceTypes } = kafkajs;

/**
 * Looks at those of the topics that are there, by an admin client that is connected. Returns a line for each thing that
 * makes a loss more likely, and where we may not see how they are set. Throws StartupError of one line where one would
 * lose acknowledged events or could not be read, and what kafkajs throws where Kafka is away.
 */
export async function requireSafeTopics(admin: Admin, topics: readonly string[]): Promise<string[]> {
  let facts: TopicFacts[];
  try {
    facts = await factsOf(admin, topics);
  } catch (error) {
    const unseen = topicsUnseen(error);
    if (unseen === null) throw error;
    return [unseen];
  }
  const findings = topicFindings(facts);
  const fatal = findings.find(({ isFatal }) => isFatal);
  if (fatal !== undefined) throw new StartupError(lineOf(fatal));
  return findings.map(lineOf);
}

async function factsOf(admin: Admin, wanted: readonly string[]): Promise<TopicFacts[]> {
  const there = new Set(await admin.listTopics());
  const names = wanted.filter((topic) => there.has(topic));
  if (names.length === 0) return [];
  const [{ topics }, { resources }] = await Promise.all([
    admin.fetchTopicMetadata({ topics: names }),
    admin.describeConfigs({
      includeSynonyms: false,
      resources: names.map((name) => ({ type: ConfigResourceTypes.TOPIC, name })),
    }),
  ]);
  const configs = new Map(
    resources.map(({ resourceName, configEntries }) => [
      resourceName,
      new Map(configEntries.map(({ configName, configValue }) => [configName, configValue])),
    ]),
  );
  return topics.map(({ name, partitions }) => ({
    topic: name,
    partitions: partitions.length,
    replication: Math.min(...partitions.map(({ replicas }) => replicas.length)),
    config: configs.get(name) ?? new Map(),
  }));
}
