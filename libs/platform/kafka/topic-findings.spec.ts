import { lineOf, type TopicFacts, topicFindings } from './topic-findings.js';

const SAFE: Record<string, string> = {
  'retention.ms': '-1',
  'retention.bytes': '-1',
  'cleanup.policy': 'delete',
  'min.insync.replicas': '2',
  'unclean.leader.election.enable': 'false',
};

function facts(change: Partial<TopicFacts> = {}, config: Record<string, string> = {}): TopicFacts {
  const whole = new Map(Object.entries({ ...SAFE, ...config }));
  return { topic: 'heddle.customer', partitions: 12, replication: 3, ...change, config: whole };
}

test('a topic that keeps everything on three brokers has no fault', () => {
  expect(topicFindings([facts()])).toEqual([]);
});

test.each<Record<string, string>>([
  { 'compression.type': 'producer', 'max.message.bytes': '1048588' },
  { 'compression.type': 'gzip', 'max.message.bytes': '10485760' },
  { 'compression.type': 'uncompressed' },
])('%j can be written and read', (config) => {
  expect(topicFindings([facts({}, config)])).toEqual([]);
});

test.each<[string, TopicFacts, boolean]>([
  ['11 partitions', facts({ partitions: 11 }), true],
  ['13 partitions', facts({ partitions: 13 }), true],
  ['retention.ms=604800000', facts({}, { 'retention.ms': '604800000' }), true],
  ['retention.bytes=1', facts({}, { 'retention.bytes': '1' }), true],
  ['cleanup.policy=compact', facts({}, { 'cleanup.policy': 'compact' }), true],
  ['cleanup.policy=compact,delete', facts({}, { 'cleanup.policy': 'compact,delete' }), true],
  ['compression.type=zstd', facts({}, { 'compression.type': 'zstd' }), true],
  ['compression.type=lz4', facts({}, { 'compression.type': 'lz4' }), true],
  ['compression.type=snappy', facts({}, { 'compression.type': 'snappy' }), true],
  ['max.message.bytes=1000000', facts({}, { 'max.message.bytes': '1000000' }), true],
  ['a replication factor of 2', facts({ replication: 2 }), false],
  ['min.insync.replicas=1', facts({}, { 'min.insync.replicas': '1' }), false],
  ['unclean.leader.election.enable=true', facts({}, { 'unclean.leader.election.enable': 'true' }), false],
])('%s is found, and nothing else', (found, topic, isFatal) => {
  const findings = topicFindings([facts({ topic: 'heddle.user' }), topic]);
  expect(findings).toEqual([{ isFatal, found, topics: ['heddle.customer'], soWhat: expect.any(String) }]);
  expect(lineOf(findings[0]!)).toMatch(/^Kafka: heddle\.customer has [^\n]+: [^\n]+\.$/);
});

test('one line says of all topics what all have, what loses events before what may', () => {
  const bad = (topic: string, ms: string) => facts({ topic, replication: 1 }, { 'retention.ms': ms });
  const lines = topicFindings([bad('a', '1'), bad('b', '2'), bad('c', '1')]).map(lineOf);
  expect(lines.map((line) => line.split(':')[1])).toEqual([
    ' a, c have retention.ms=1',
    ' b has retention.ms=2',
    ' a, b, c have a replication factor of 1',
  ]);
});
