import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import kafkajs, { type AclEntry } from 'kafkajs';
import { pino } from 'pino';
import { InboundTopics } from '../consumers/inbound-topics.js';
import { ensureTopics } from '../relay/ensure-topics.js';
import { FencedProducer } from '../relay/fenced-producer.js';
import {
  describeWithGuardedBroker,
  type GuardedBroker,
  saslSettings,
  startGuardedBroker,
} from '../testing/kafka/guarded-broker.js';
import { eventually } from '../testing/until.js';
import {
  DOCUMENTED_WORKSPACE,
  type DocumentedRight,
  rightsOfCommands,
  rightsOfTable,
} from './documented-rights.fixture.js';
import { checkKafka } from './kafka-check.js';
import { kafkaConfig } from './kafka-config.js';
import type { KafkaSettings } from './kafka-settings.js';
import { Topics } from './topics.js';

const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, Kafka, logLevel, Partitioners, ResourcePatternTypes } =
  kafkajs;

const TOPIC = 'heddle.customer';
const DEAD_LETTERS = 'heddle.customer.dlq';
const OTHER_WORKSPACE = 'wsp_0198f2c0a1b27c3d8e4f5a6b7c8d9e06';
const RELAY_ID = 'heddle-relay-store';
const PASSWORD = 'the-password-of-everybody';

/** kafkajs asks for the coordinator first, and says of every refusal that it found none; so does one that is starting. */
const HIDDEN = /Failed to find group coordinator|[Nn]ot authorized/;

type Who = DocumentedRight['who'];

test('the commands of docs/kafka.md give what its table says', () => {
  const shown = (rights: DocumentedRight[]) => rights.map((right) => JSON.stringify(right)).sort();
  expect(rightsOfTable().length).toBeGreaterThan(20);
  expect(shown(rightsOfCommands())).toEqual(shown(rightsOfTable()));
});

describeWithGuardedBroker('the rights that docs/kafka.md gives', () => {
  const silent = pino({ level: 'silent' });
  let folder: string;
  let own: GuardedBroker<'SASL'>;

  const as = (username: Who): KafkaSettings => ({
    brokers: [own.address.SASL],
    tls: null,
    sasl: { mechanism: 'scram-sha-256', username, password: PASSWORD },
    prefix: 'heddle',
    replication: null,
  });
  const configOf = (username: Who) => ({ ...kafkaConfig(as(username), silent), logLevel: logLevel.NOTHING });
  const takeOver = (username: Who) =>
    FencedProducer.takeOver(configOf(username), RELAY_ID, [{ topic: TOPIC, partitions: 12 }]);

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'heddle-rights-'));
    own = await startGuardedBroker(
      folder,
      { SASL: 'SASL_PLAINTEXT' },
      {
        scramUsers: { relay: PASSWORD, services: PASSWORD, others: PASSWORD, producers: PASSWORD },
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
    const acl = rightsOfTable().map(
      ({ who, resource, name, pattern, operation }): AclEntry => ({
        principal: `User:${who}`,
        host: '*',
        operation: AclOperationTypes[operation as keyof typeof AclOperationTypes] as number,
        permissionType: AclPermissionTypes.ALLOW,
        resourceType: AclResourceTypes[resource],
        resourceName: name,
        resourcePatternType: ResourcePatternTypes[pattern],
      }),
    );
    await admin.createAcls({ acl });
    await admin.disconnect();
    const relay = new Kafka(configOf('relay')).admin();
    await relay.connect();
    await ensureTopics(relay, new Topics().partitioned, new Topics(), null);
    await relay.disconnect();
    const inbound = new InboundTopics({
      kafka: configOf('services'),
      topics: new Topics(),
      replication: null,
      registry: { schema: () => Promise.reject(new Error('not asked')) },
      store: async () => '0',
      log: silent,
    });
    await inbound.make([DOCUMENTED_WORKSPACE, OTHER_WORKSPACE]);
  }, 120_000);
  afterAll(async () => {
    await own?.broker.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The first record of the topic. */
  async function readAs(who: Who, groupId: string): Promise<string> {
    const consumer = new Kafka(configOf(who)).consumer({ groupId });
    await consumer.connect();
    await consumer.subscribe({ topic: TOPIC, fromBeginning: true });
    const read = Promise.withResolvers<string>();
    await consumer.run({ eachMessage: async ({ message }) => read.resolve(String(message.value)) });
    const value = await read.promise;
    await consumer.disconnect();
    return value;
  }

  async function sendAs(who: Who, topic: string): Promise<unknown> {
    const producer = new Kafka({ ...configOf(who), retry: { retries: 0 } }).producer({
      createPartitioner: Partitioners.DefaultPartitioner,
      allowAutoTopicCreation: false,
    });
    await producer.connect();
    try {
      return await producer.send({ topic, messages: [{ key: 'k', value: 'sent' }] });
    } finally {
      await producer.disconnect();
    }
  }

  /** Sends one record as the relay does, and returns what it then reads. */
  async function relayOne(): Promise<string[]> {
    const producer = await takeOver('relay');
    const record = { key: Buffer.from('k'), value: Buffer.from('v'), headers: {}, timestamp: Date.now() };
    await producer.send([{ topic: TOPIC, partition: 3, records: [record] }]);
    const { records } = await producer.read({ topic: TOPIC, partition: 3 }, 0);
    await producer.close();
    return records.map(({ value }) => String(value));
  }

  test('let the relay make topics, take over, write, and see what arrived', async () => {
    expect(await relayOne()).toContain('v');
  });

  test.each<[Who, string]>([
    ['services', 'heddle.0190.analytics.facts'],
    ['relay', 'heddle.0190.feed'],
    ['others', 'warehouse'],
  ])('let the %s read in the group %s', async (who, groupId) => {
    await relayOne();
    expect(await readAs(who, groupId)).toBe('v');
  });

  test.each<Who>(['services', 'relay'])('let the %s write dead letters', async (who) => {
    expect(await sendAs(who, DEAD_LETTERS)).toEqual([expect.objectContaining({ errorCode: 0 })]);
  });

  test('let the producers of a workspace write its own raw topic, and nothing else', async () => {
    const own = `heddle.in.${DOCUMENTED_WORKSPACE}`;
    await eventually(async () => {
      expect(await sendAs('producers', own)).toEqual([expect.objectContaining({ errorCode: 0 })]);
    });
    for (const topic of [`heddle.in.${OTHER_WORKSPACE}`, TOPIC, DEAD_LETTERS]) {
      await expect(sendAs('producers', topic)).rejects.toThrow(/[Nn]ot authorized to access topics|does not host/);
    }
    await expect(sendAs('others', own)).rejects.toThrow(/[Nn]ot authorized to access topics|does not host/);
  });

  test('let others write no dead letters', async () => {
    await expect(sendAs('others', DEAD_LETTERS)).rejects.toThrow(/[Nn]ot authorized to access topics|does not host/);
  });

  test.each<Who>(['services', 'others'])('let nobody but the relay write events: not the %s', async (who) => {
    await expect(sendAs(who, TOPIC)).rejects.toThrow(/[Nn]ot authorized to access topics/);
    await (await takeOver('relay')).close();
    const relay = new Kafka({ ...configOf(who), retry: { retries: 0 } }).producer({ transactionalId: RELAY_ID });
    await relay.connect();
    await expect(relay.transaction()).rejects.toThrow(HIDDEN);
    await relay.disconnect();
  });

  test.each<[Who, string]>([
    ['others', 'heddle.0190.analytics.facts'],
    ['others', 'warehouse-of-somebody'],
    ['services', 'warehouse'],
  ])('let the %s not into the group %s', async (who, groupId) => {
    await relayOne();
    // A broker that has only started finds nobody's coordinator.
    expect(await readAs('relay', 'heddle.0190.other')).toBe('v');
    const consumer = new Kafka({ ...configOf(who), retry: { retries: 0 } }).consumer({ groupId });
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
    const lines = async (who: Who): Promise<string> => {
      const said: string[] = [];
      await checkKafka(as(who), pino({ level: 'warn' }, { write: (line: string) => void said.push(line) }), [TOPIC]);
      return said.join('');
    };
    for (const who of ['relay', 'services'] as const)
      expect(await lines(who)).toContain(`${TOPIC} has a replication factor of 1`);
    expect(await lines('others')).toMatch(/how the topics are set cannot be seen .*allow Describe and DescribeConfigs/);
  });
});
