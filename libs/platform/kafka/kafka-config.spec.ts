import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { TestAuthority } from '../testing/test-certificates.js';
import { kafkaConfig } from './kafka-config.js';
import { type KafkaSettings, replicationFor } from './kafka-settings.js';

const log = pino({ level: 'silent' });
const PLAIN: KafkaSettings = {
  brokers: ['k-1:9092', 'k-2:9092'],
  tls: null,
  sasl: null,
  prefix: 'heddle',
  replication: null,
};

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'heddle-kafka-config-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the settings of a client of Kafka', () => {
  test('are without TLS and SASL where nobody asks for them', () => {
    const config = kafkaConfig(PLAIN, log);
    expect(config.brokers).toEqual(['k-1:9092', 'k-2:9092']);
    expect(config).not.toHaveProperty('ssl');
    expect(config).not.toHaveProperty('sasl');
  });

  test('have what the files hold', () => {
    const authority = new TestAuthority(folder);
    const client = authority.issue('heddle', 'DNS:heddle');
    expect(kafkaConfig({ ...PLAIN, tls: { ca: authority.ca, client } }, log).ssl).toEqual({
      ca: readFileSync(authority.ca, 'utf8'),
      cert: readFileSync(client.cert, 'utf8'),
      key: readFileSync(client.key, 'utf8'),
    });
    const swapped = { cert: client.key, key: client.cert };
    expect(() => kafkaConfig({ ...PLAIN, tls: { ca: null, client: swapped } }, log)).toThrow(
      /^KAFKA_SSL_CERT: .* holds no certificate/,
    );
  });

  test('ask for TLS also where every authority is trusted that Node.js trusts', () => {
    expect(kafkaConfig({ ...PLAIN, tls: { ca: null, client: null } }, log).ssl).toEqual({});
  });

  test('are its own: a client that keeps something in them leaves it to no other', () => {
    const sasl = { mechanism: 'plain', username: 'heddle', password: 'secret' } as const;
    const settings = { ...PLAIN, sasl };
    const [one, other] = [kafkaConfig(settings, log), kafkaConfig(settings, log)];
    Object.assign(one.sasl!, { authenticationProvider: 'of one' });
    expect(other.sasl).toEqual(sasl);
  });

  test('name the variable, the file and the fix where a file cannot be used', () => {
    const withCa = (ca: string) => () => kafkaConfig({ ...PLAIN, tls: { ca, client: null } }, log);
    expect(withCa(join(folder, 'absent'))).toThrow(/^KAFKA_SSL_CA: .*absent cannot be read \(ENOENT\): correct/);
    const text = join(folder, 'text');
    writeFileSync(text, 'no certificate');
    expect(withCa(text)).toThrow(/^KAFKA_SSL_CA: .*text holds no PEM/);
  });
});

test.each([
  [null, 1, 1],
  [null, 2, 2],
  [null, 3, 3],
  [null, 9, 3],
  [2, 9, 2],
])('of a setting of %p and %i brokers come %i copies', (replication, brokers, copies) => {
  expect(replicationFor({ replication }, brokers)).toBe(copies);
});
