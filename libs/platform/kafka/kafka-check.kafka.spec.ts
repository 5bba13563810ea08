import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs, { type Admin } from 'kafkajs';
import { pino } from 'pino';
import { StartupError } from '../settings/startup-error.js';
import {
  describeWithGuardedBroker,
  type GuardedBroker,
  saslSettings,
  startGuardedBroker,
} from '../testing/kafka/guarded-broker.js';
import { makeTopics } from '../testing/kafka/make-topics.js';
import { type CertificateFiles, TestAuthority } from '../testing/test-certificates.js';
import { testName } from '../testing/test-kafka.js';
import { checkKafka } from './kafka-check.js';
import { kafkaConfig } from './kafka-config.js';
import type { KafkaSettings } from './kafka-settings.js';

const { ConfigResourceTypes, Kafka, logLevel } = kafkajs;

const PASSWORD = 'the-password-of-heddle';

describeWithGuardedBroker('the check of Kafka at the start', () => {
  let folder: string;
  let own: GuardedBroker<keyof typeof LISTENERS>;
  let ours: TestAuthority;
  let other: TestAuthority;
  let client: CertificateFiles;
  const LISTENERS = { TLS: 'SSL', MUTUAL: 'SSL', SASL: 'SASL_PLAINTEXT', SASLTLS: 'SASL_SSL' };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'heddle-kafka-check-'));
    ours = new TestAuthority(join(folder, 'ours'));
    other = new TestAuthority(join(folder, 'other'));
    client = ours.issue('heddle', 'DNS:heddle');
    const server = ours.issue('broker', 'IP:127.0.0.1');
    const keystore = join(folder, 'keystore.pem');
    writeFileSync(keystore, readFileSync(server.key, 'utf8') + readFileSync(server.cert, 'utf8'));
    own = await startGuardedBroker(join(folder, 'broker'), LISTENERS, {
      scramUsers: { heddle: PASSWORD },
      settings: {
        'ssl.keystore.type': 'PEM',
        'ssl.keystore.location': keystore,
        'ssl.truststore.type': 'PEM',
        'ssl.truststore.location': ours.ca,
        'listener.name.mutual.ssl.client.auth': 'required',
        ...saslSettings('SASL', { heddle: PASSWORD }),
        ...saslSettings('SASLTLS', { heddle: PASSWORD }),
      },
    });
  }, 120_000);
  afterAll(async () => {
    await own?.broker.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const settings = (
    listener: keyof typeof LISTENERS | 'PLAINTEXT',
    more: Partial<KafkaSettings> = {},
  ): KafkaSettings => ({
    brokers: [own.address[listener]],
    tls: null,
    sasl: null,
    prefix: 'heddle',
    replication: null,
    ...more,
  });
  const trusting = (authority: TestAuthority, its: CertificateFiles | null = null) => ({
    tls: { ca: authority.ca, client: its },
  });
  const named = (mechanism: NonNullable<KafkaSettings['sasl']>['mechanism'], password = PASSWORD) => ({
    sasl: { mechanism, username: 'heddle', password },
  });

  /** The warnings; or the refusal alone. */
  async function outcome(of: KafkaSettings, topics: string[] = []): Promise<string[]> {
    const lines: string[] = [];
    const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(JSON.parse(line).msg) });
    try {
      await checkKafka(of, log, topics);
    } catch (error) {
      expect(error).toBeInstanceOf(StartupError);
      lines.splice(0, lines.length, `refused: ${(error as Error).message}`);
    }
    for (const line of lines) expect(line).not.toMatch(new RegExp(`\n|${PASSWORD}|a-wrong-one`));
    return lines;
  }

  const ONE_BROKER = expect.stringMatching(/^Kafka: the cluster has 1 of 3 brokers: /);

  test.each<[string, () => KafkaSettings]>([
    ['without TLS', () => settings('PLAINTEXT')],
    ['by TLS', () => settings('TLS', trusting(ours))],
    ['by TLS with a certificate of its own', () => settings('MUTUAL', trusting(ours, client))],
    ['by PLAIN and TLS', () => settings('SASLTLS', { ...trusting(ours), ...named('plain') })],
    ['by SCRAM-SHA-256', () => settings('SASL', named('scram-sha-256'))],
    ['by SCRAM-SHA-512 and TLS', () => settings('SASLTLS', { ...trusting(ours), ...named('scram-sha-512') })],
  ])('gets in %s, and warns of a lone broker', async (_, of) => {
    expect(await outcome(of())).toEqual([ONE_BROKER]);
  });

  test('warns of a password in clear text', async () => {
    expect(await outcome(settings('SASL', named('plain')))).toEqual([
      expect.stringMatching(/sends the password as it is: set KAFKA_SSL=true\.$/),
      ONE_BROKER,
    ]);
  });

  test.each<[string, () => KafkaSettings, RegExp]>([
    ['a broker that nobody trusted signed for', () => settings('TLS', trusting(other)), /certificate .*KAFKA_SSL_CA/],
    [
      'a broker whose authority Node.js does not know',
      () => settings('TLS', { tls: { ca: null, client: null } }),
      /certificate .*KAFKA_SSL_CA/,
    ],
    ['no certificate of our own', () => settings('MUTUAL', trusting(ours)), /certificate .*set KAFKA_SSL_CERT/],
    [
      'a certificate that the broker does not trust',
      () => settings('MUTUAL', trusting(ours, other.issue('heddle', 'DNS:heddle'))),
      /certificate .*KAFKA_SSL_CERT/,
    ],
    [
      'a wrong password (plain)',
      () => settings('SASLTLS', { ...trusting(ours), ...named('plain', 'a-wrong-one') }),
      /does not let us in .*correct KAFKA_SASL_MECHANISM \(plain\), KAFKA_SASL_USERNAME \("heddle"\)/,
    ],
    [
      'a wrong password (scram)',
      () => settings('SASL', named('scram-sha-512', 'a-wrong-one')),
      /does not let us in .*KAFKA_SASL_PASSWORD/,
    ],
  ])('refuses the start for %s', async (_, of, line) => {
    expect(await outcome(of())).toEqual([expect.stringMatching(/^refused: Kafka at 127\.0\.0\.1:\d+ /)]);
    expect((await outcome(of()))[0]).toMatch(line);
  });

  test.each<[string, () => KafkaSettings, RegExp]>([
    ['TLS is spoken to a listener without', () => settings('PLAINTEXT', trusting(ours)), /may want KAFKA_SSL=false/],
    ['no TLS is spoken to one with', () => settings('TLS'), /may want KAFKA_SSL=true/],
    ['nobody is named where somebody must be', () => settings('SASL'), /KAFKA_SASL_MECHANISM/],
    ['nothing listens', () => ({ ...settings('PLAINTEXT'), brokers: ['127.0.0.1:1', '127.0.0.1:2'] }), /ECONNREFUSED/],
  ])('goes on, and says so, where %s', async (_, of, line) => {
    const [said, ...more] = await outcome(of());
    expect(more).toEqual([]);
    expect(said).toMatch(/^Kafka at 127.* cannot be reached \(.*\): writes go on, and what is written goes to Kafka/);
    expect(said).toMatch(line);
  });

  describe('of the topics', () => {
    const KEPT = { 'retention.ms': '-1', 'retention.bytes': '-1', 'min.insync.replicas': '1' };

    function adminOf(): Admin {
      const config = kafkaConfig(settings('PLAINTEXT'), pino({ level: 'silent' }));
      return new Kafka({ ...config, logLevel: logLevel.NOTHING }).admin();
    }

    async function topic(partitions: number, config: Record<string, string>): Promise<string> {
      const admin = adminOf();
      await admin.connect();
      const name = testName('heddle.topic');
      const configEntries = Object.entries(config).map(([key, value]) => ({ name: key, value }));
      const topics = [{ topic: name, numPartitions: partitions, configEntries }];
      await makeTopics(admin, topics);
      await admin.disconnect();
      return name;
    }

    test('says nothing of one that is not there yet', async () => {
      expect(await outcome(settings('PLAINTEXT'), [testName('heddle.absent')])).toEqual([ONE_BROKER]);
    });

    test('warns where a loss is only more likely', async () => {
      const name = await topic(12, { ...KEPT, 'unclean.leader.election.enable': 'true' });
      expect(await outcome(settings('PLAINTEXT'), [name])).toEqual([
        ONE_BROKER,
        expect.stringContaining(`${name} has a replication factor of 1: `),
        expect.stringContaining(`${name} has min.insync.replicas=1: `),
        expect.stringContaining(`${name} has unclean.leader.election.enable=true: `),
      ]);
    });

    test('refuses the start for what the brokers do with every topic', async () => {
      const name = await topic(12, KEPT);
      const admin = adminOf();
      await admin.connect();
      const ofAllBrokers = (configEntries: { name: string; value: string }[]) =>
        admin.alterConfigs({
          validateOnly: false,
          resources: [{ type: ConfigResourceTypes.BROKER, name: '1', configEntries }],
        });
      try {
        await ofAllBrokers([{ name: 'compression.type', value: 'zstd' }]);
        // The broker takes it in a moment later.
        let said = await outcome(settings('PLAINTEXT'), [name]);
        for (; !/^refused/.test(said[0]!); said = await outcome(settings('PLAINTEXT'), [name])) await sleep(50);
        expect(said).toEqual([expect.stringContaining(`Kafka: ${name} has compression.type=zstd: `)]);
        await ofAllBrokers([]);
        while (/^refused/.test((await outcome(settings('PLAINTEXT'), [name]))[0]!)) await sleep(50);
      } finally {
        await admin.disconnect();
      }
    });

    test.each<[string, number, Record<string, string>]>([
      // Kafka's own default: a week.
      ['retention.ms=604800000', 12, { 'retention.bytes': '-1' }],
      ['retention.bytes=1000', 12, { ...KEPT, 'retention.bytes': '1000' }],
      ['cleanup.policy=compact', 12, { ...KEPT, 'cleanup.policy': 'compact' }],
      ['3 partitions', 3, KEPT],
      ['compression.type=zstd', 12, { ...KEPT, 'compression.type': 'zstd' }],
      ['max.message.bytes=65536', 12, { ...KEPT, 'max.message.bytes': '65536' }],
    ])('refuses the start for %s', async (fault, partitions, config) => {
      const [sound, name] = [await topic(12, KEPT), await topic(partitions, config)];
      expect(await outcome(settings('PLAINTEXT'), [sound, name])).toEqual([
        expect.stringMatching(new RegExp(`^refused: Kafka: ${name} has ${fault}: `)),
      ]);
    });
  });
});
