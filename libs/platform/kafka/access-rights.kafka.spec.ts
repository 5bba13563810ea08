import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import kafkajs, { type AclEntry } from 'kafkajs';
import { pino } from 'pino';
import { FencedProducer } from '../relay/fenced-producer.js';
import {
  describeWithGuardedBroker,
  type GuardedBroker,
  saslSettings,
  startGuardedBroker,
} from '../testing/kafka/guarded-broker.js';
import { makeTopics } from '../testing/kafka/make-topics.js';
import { checkKafka } from './kafka-check.js';
import { kafkaConfig } from './kafka-config.js';
import type { KafkaSettings } from './kafka-settings.js';

const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, Kafka, logLevel, ResourcePatternTypes } = kafkajs;

const TOPIC = 'heddle.rights';
const RELAY_ID = 'heddle-relay-store';
const PASSWORD = 'the-password-of-everybody';

/** kafkajs asks for the coordinator first, and says of every refusal that it found none. */
const HIDDEN = /Failed to find group coordinator|[Nn]ot authorized/;

type Right = [who: string, resource: 'TOPIC' | 'GROUP' | 'TRANSACTIONAL_ID', prefix: string, operations: string[]];

/** As docs/kafka.md says, and a reader who may not see the settings of topics. */
const RIGHTS: Right[] = [
  ['relay', 'TOPIC', 'heddle.', ['CREATE', 'DESCRIBE', 'DESCRIBE_CONFIGS', 'READ', 'WRITE']],
  ['relay', 'TRANSACTIONAL_ID', 'heddle-relay-', ['DESCRIBE', 'WRITE']],
  ['service', 'TOPIC', 'heddle.', ['DESCRIBE', 'DESCRIBE_CONFIGS', 'READ']],
  ['service', 'GROUP', 'heddle.', ['DESCRIBE', 'READ']],
  ['reader', 'TOPIC', 'heddle.', ['DESCRIBE', 'READ']],
  ['reader', 'GROUP', 'readers', ['READ']],
];

describeWithGuardedBroker('the rights that docs/kafka.md gives', () => {
  const silent = pino({ level: 'silent' });
  let folder: string;
  let own: GuardedBroker<'SASL'>;

  const as = (username: string): KafkaSettings => ({
    brokers: [own.address.SASL],
    tls: null,
    sasl: { mechanism: 'scram-sha-256', username, password: PASSWORD },
    prefix: 'heddle',
    replication: null,
  });
  const configOf = (username: string) => ({ ...kafkaConfig(as(username), silent), logLevel: logLevel.NOTHING });
  const takeOver = (username: string) =>
    FencedProducer.takeOver(configOf(username), RELAY_ID, [{ topic: TOPIC, partitions: 12 }]);

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'heddle-rights-'));
    own = await startGuardedBroker(
      folder,
      { SASL: 'SASL_PLAINTEXT' },
      {
        scramUsers: { relay: PASSWORD, service: PASSWORD, reader: PASSWORD },
        settings: {
          ...saslSettings('SASL'),
          'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
          // Who names nobody: the broker to itself, and this suite where it gives the rights.
          'super.users': 'User:ANONYMOUS',
        },
      },
    );
    const admin = new Kafka({ brokers: [own.address.PLAINTEXT], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    const acl = RIGHTS.flatMap(([who, resource, resourceName, operations]) =>
      operations.map(
        (operation): AclEntry => ({
          principal: `User:${who}`,
          host: '*',
          operation: AclOperationTypes[operation as keyof typeof AclOperationTypes] as number,
          permissionType: AclPermissionTypes.ALLOW,
          resourceType: AclResourceTypes[resource],
          resourceName,
          resourcePatternType: ResourcePatternTypes.PREFIXED,
        }),
      ),
    );
    await admin.createAcls({ acl });
    await admin.disconnect();
  }, 120_000);
  afterAll(async () => {
    await own?.broker.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('let the relay make topics, take over, write, and see what arrived', async () => {
    const admin = new Kafka(configOf('relay')).admin();
    await admin.connect();
    const configEntries = ['retention.ms', 'retention.bytes'].map((name) => ({ name, value: '-1' }));
    await makeTopics(admin, [{ topic: TOPIC, numPartitions: 12, configEntries }]);
    await admin.disconnect();
    const producer = await takeOver('relay');
    const record = { key: Buffer.from('k'), value: Buffer.from('v'), headers: {}, timestamp: String(Date.now()) };
    await producer.send([{ topic: TOPIC, partition: 3, records: [record] }]);
    const { records } = await producer.read({ topic: TOPIC, partition: 3 }, 0);
    await producer.close();
    expect(records.map(({ value }) => String(value))).toEqual(['v']);
  });

  test.each([
    ['service', 'heddle.analytics.facts'],
    ['reader', 'readers-of-ours'],
  ])('let the %s read in a group of its own', async (who, groupId) => {
    const consumer = new Kafka(configOf(who)).consumer({ groupId });
    await consumer.connect();
    await consumer.subscribe({ topic: TOPIC, fromBeginning: true });
    const read = Promise.withResolvers<string>();
    await consumer.run({ eachMessage: async ({ message }) => read.resolve(String(message.value)) });
    expect(await read.promise).toBe('v');
    await consumer.disconnect();
  });

  test.each(['service', 'reader'])('let nobody but the relay write: not the %s', async (who) => {
    const producer = new Kafka({ ...configOf(who), retry: { retries: 0 } }).producer();
    await producer.connect();
    const sent = producer.send({ topic: TOPIC, messages: [{ key: 'k', value: 'forged' }] });
    await expect(sent).rejects.toThrow(/[Nn]ot authorized to access topics/);
    await producer.disconnect();
    const relay = new Kafka({ ...configOf(who), retry: { retries: 0 } }).producer({ transactionalId: RELAY_ID });
    await relay.connect();
    await expect(relay.transaction()).rejects.toThrow(HIDDEN);
    await relay.disconnect();
  });

  test("let a stranger into no group of the services'", async () => {
    const consumer = new Kafka({ ...configOf('reader'), retry: { retries: 0 } }).consumer({
      groupId: 'heddle.analytics.facts',
    });
    await consumer.connect();
    await consumer.subscribe({ topic: TOPIC });
    const crashed = new Promise<string>((resolve) => {
      consumer.on(consumer.events.CRASH, ({ payload }) => resolve(payload.error.message));
    });
    await consumer.run({ eachMessage: async () => undefined }).catch(() => undefined);
    expect(await crashed).toMatch(HIDDEN);
    await consumer.disconnect();
  });

  test('show the start how topics are set, and it says so where they do not', async () => {
    const lines = async (who: string): Promise<string> => {
      const said: string[] = [];
      await checkKafka(as(who), pino({ level: 'warn' }, { write: (line: string) => void said.push(line) }), [TOPIC]);
      return said.join('');
    };
    for (const who of ['relay', 'service'])
      expect(await lines(who)).toContain(`${TOPIC} has a replication factor of 1`);
    expect(await lines('reader')).toMatch(/how the topics are set cannot be seen .*allow Describe and DescribeConfigs/);
  });
});
