import { packageRoot } from '../postgres/package-root.js';
import { SettingsError } from './setting.js';
import { loadSettings, SETTINGS } from './settings.js';

function refusal(env: Record<string, string>): string {
  try {
    loadSettings(env);
  } catch (error) {
    expect(error).toBeInstanceOf(SettingsError);
    return (error as Error).message;
  }
  throw new Error(`${JSON.stringify(env)} was accepted`);
}

describe('settings', () => {
  test('an empty environment gives the documented defaults', () => {
    expect(loadSettings({})).toEqual({
      port: 4400,
      host: '127.0.0.1',
      dataDir: `${packageRoot}/.heddle`,
      rootKey: null,
      databaseUrl: null,
      logLevel: 'info',
      rateLimit: 50_000,
      webhooks: { http: false, networks: [], attemptDays: 30 },
      schemaRegistryUrl: null,
      schemaRegistryCa: null,
      log: 'postgres',
      kafka: null,
      traces: null,
    });
  });

  test('an empty or blank variable counts as unset', () => {
    const empty = Object.fromEntries(SETTINGS.map(({ name }, index) => [name, index % 2 ? '' : '  ']));
    expect(loadSettings(empty)).toEqual(loadSettings({}));
  });

  test('every variable is read', () => {
    expect(
      loadSettings({
        HEDDLE_PORT: '0',
        HEDDLE_HOST: '::',
        HEDDLE_DATA_DIR: '/var/lib/heddle',
        HEDDLE_ROOT_KEY: 'a-key-of-sixteen',
        DATABASE_URL: 'postgres://u:p@db.example/heddle?sslmode=require',
        HEDDLE_LOG_LEVEL: 'debug',
        HEDDLE_RATE_LIMIT: '7',
        SCHEMA_REGISTRY_URL: 'https://me:secret@registry.example:8081',
        SCHEMA_REGISTRY_CA: '/etc/heddle/registry.pem',
        KAFKA_BROKERS: 'kafka-1:9092, kafka-2.example:9093',
        HEDDLE_LOG: 'kafka',
        KAFKA_SSL: 'true',
        KAFKA_SSL_CA: '/etc/heddle/ca.pem',
        KAFKA_SSL_CERT: '/etc/heddle/cert.pem',
        KAFKA_SSL_KEY: '/etc/heddle/key.pem',
        KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512',
        KAFKA_SASL_USERNAME: 'heddle',
        KAFKA_SASL_PASSWORD: 'hunter 2',
        HEDDLE_KAFKA_PREFIX: 'staging',
        HEDDLE_KAFKA_REPLICATION: '2',
        HEDDLE_WEBHOOK_HTTP: 'true',
        HEDDLE_WEBHOOK_NETWORKS: '10.1.0.0/16, fd00:1::/32',
        HEDDLE_WEBHOOK_ATTEMPT_DAYS: '7',
        OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318',
        OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
        OTEL_TRACES_SAMPLER_ARG: '0.25',
        OTEL_BSP_SCHEDULE_DELAY: '100',
        OTEL_BSP_MAX_QUEUE_SIZE: '4096',
      }),
    ).toEqual({
      port: 0,
      host: '::',
      dataDir: '/var/lib/heddle',
      rootKey: 'a-key-of-sixteen',
      databaseUrl: 'postgres://u:p@db.example/heddle?sslmode=require',
      logLevel: 'debug',
      rateLimit: 7,
      schemaRegistryUrl: 'https://me:secret@registry.example:8081',
      schemaRegistryCa: '/etc/heddle/registry.pem',
      log: 'kafka',
      kafka: {
        brokers: ['kafka-1:9092', 'kafka-2.example:9093'],
        tls: { ca: '/etc/heddle/ca.pem', client: { cert: '/etc/heddle/cert.pem', key: '/etc/heddle/key.pem' } },
        sasl: { mechanism: 'scram-sha-512', username: 'heddle', password: 'hunter 2' },
        prefix: 'staging',
        replication: 2,
      },
      webhooks: { http: true, networks: ['10.1.0.0/16', 'fd00:1::/32'], attemptDays: 7 },
      traces: { sampler: 'parentbased_traceidratio', ratio: 0.25, sendEveryMs: 100, mostWaiting: 4096 },
    });
  });

  test.each<[Record<string, string>, boolean]>([
    [{}, false],
    [{ OTEL_TRACES_SAMPLER: 'always_on' }, false],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }, true],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://collector/v1/traces' }, true],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318', OTEL_SDK_DISABLED: 'true' }, false],
  ])('traces are made where they are to be sent: %j', (variables, made) => {
    expect(loadSettings(variables).traces !== null).toBe(made);
  });

  test('a relative data directory begins at the repository, wherever the program was started', () => {
    expect(loadSettings({ HEDDLE_DATA_DIR: 'data/../other' }).dataDir).toBe(`${packageRoot}/other`);
  });

  test.each([
    ['HEDDLE_PORT', '65536', '"65536"'],
    ['HEDDLE_PORT', '-1', '"-1"'],
    ['HEDDLE_PORT', '44x', '"44x"'],
    ['HEDDLE_PORT', '4400.5', '"4400.5"'],
    ['HEDDLE_HOST', 'http://localhost', '"http://localhost"'],
    ['HEDDLE_HOST', 'two\nlines', '"two\\nlines"'],
    ['HEDDLE_ROOT_KEY', 'short', 'a text of 5 characters'],
    ['DATABASE_URL', 'mysql://u:secret@h/d', '"mysql://***@h/d"'],
    ['DATABASE_URL', 'localhost', '"localhost"'],
    ['HEDDLE_LOG_LEVEL', 'verbose', '"verbose"'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318', '"collector:4318"'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'ftp://u:secret@collector', '"ftp://***@collector"'],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc', '"grpc"'],
    ['OTEL_TRACES_SAMPLER', 'most', '"most"'],
    ['OTEL_TRACES_SAMPLER_ARG', '1.5', '"1.5"'],
    ['OTEL_BSP_SCHEDULE_DELAY', '0', '"0"'],
    ['HEDDLE_WEBHOOK_HTTP', 'yes', '"yes"'],
    ['HEDDLE_WEBHOOK_NETWORKS', '10.1.0.0', '"10.1.0.0"'],
    ['HEDDLE_WEBHOOK_NETWORKS', '10.1.0.0/33', '"10.1.0.0/33"'],
    ['HEDDLE_WEBHOOK_NETWORKS', '10.1.0.0/16,', '"10.1.0.0/16,"'],
    ['HEDDLE_WEBHOOK_NETWORKS', 'example.org/8', '"example.org/8"'],
    ['HEDDLE_WEBHOOK_ATTEMPT_DAYS', '0', '"0"'],
    ['HEDDLE_WEBHOOK_ATTEMPT_DAYS', '366', '"366"'],
    ['KAFKA_BROKERS', 'kafka-1', '"kafka-1"'],
    ['KAFKA_BROKERS', 'kafka-1:9092,', '"kafka-1:9092,"'],
    ['KAFKA_BROKERS', 'kafka-1:65536', '"kafka-1:65536"'],
    ['KAFKA_BROKERS', 'kafka://kafka-1:9092', '"kafka://kafka-1:9092"'],
    ['HEDDLE_LOG', 'redpanda', '"redpanda"'],
    ['KAFKA_SSL', 'yes', '"yes"'],
    ['KAFKA_SASL_MECHANISM', 'gssapi', '"gssapi"'],
    ['HEDDLE_KAFKA_PREFIX', '.hidden', '".hidden"'],
    ['HEDDLE_KAFKA_PREFIX', 'a/b', '"a/b"'],
    ['HEDDLE_KAFKA_REPLICATION', '0', '"0"'],
    ['HEDDLE_KAFKA_REPLICATION', '33', '"33"'],
  ])('%s=%j is refused in one line that names it and the fix', (name, value, shown) => {
    const message = refusal({ [name]: value });
    expect(message).toContain(`${name} is ${shown}: set `);
    expect(message).not.toContain('\n');
  });

  test('the log is on Kafka where brokers are named, unless it is told to stay', () => {
    expect(loadSettings({ KAFKA_BROKERS: 'k:1' })).toMatchObject({ log: 'kafka', kafka: { tls: null, sasl: null } });
    expect(loadSettings({ KAFKA_BROKERS: 'k:1', HEDDLE_LOG: 'postgres' })).toMatchObject({
      log: 'postgres',
      kafka: { brokers: ['k:1'] },
    });
    expect(loadSettings({ HEDDLE_LOG: 'postgres' })).toMatchObject({ log: 'postgres', kafka: null });
  });

  test.each<[string, Record<string, string>]>([
    ['HEDDLE_LOG is "kafka" without KAFKA_BROKERS: set KAFKA_BROKERS, or', { HEDDLE_LOG: 'kafka' }],
    ['KAFKA_SSL_CA is set without KAFKA_SSL=true: set', { KAFKA_SSL_CA: '/ca.pem' }],
    ['KAFKA_SSL_KEY is set without KAFKA_SSL=true: set', { KAFKA_SSL: 'false', KAFKA_SSL_KEY: '/key.pem' }],
    ['KAFKA_SSL_CERT is set without KAFKA_SSL_KEY: set', { KAFKA_SSL: 'true', KAFKA_SSL_CERT: '/cert.pem' }],
    ['KAFKA_SSL_KEY is set without KAFKA_SSL_CERT: set', { KAFKA_SSL: 'true', KAFKA_SSL_KEY: '/key.pem' }],
    [
      'KAFKA_SASL_MECHANISM is set without KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD: set',
      { KAFKA_SASL_MECHANISM: 'plain' },
    ],
    [
      'KAFKA_SASL_USERNAME is set without KAFKA_SASL_MECHANISM: set',
      { KAFKA_SASL_USERNAME: 'heddle', KAFKA_SASL_PASSWORD: 'hunter2' },
    ],
    ['SCHEMA_REGISTRY_CA is set without an https address: set', { SCHEMA_REGISTRY_CA: '/ca.pem' }],
    [
      'SCHEMA_REGISTRY_CA is set without an https address: set',
      { SCHEMA_REGISTRY_CA: '/ca.pem', SCHEMA_REGISTRY_URL: 'http://registry' },
    ],
  ])('"%s …" is said where one variable lacks another', (message, env) => {
    expect(refusal(env)).toContain(message);
    expect(refusal(env)).not.toMatch(/\n|hunter2/);
  });

  test.each([
    ['DATABASE_URL', 'postgres://u:p%zz@h/d'],
    ['DATABASE_URL', 'postgres://u%zz:p@h/d'],
    ['DATABASE_URL', 'postgres://u:p@h/x%zz'],
    ['SCHEMA_REGISTRY_URL', 'http://u:p%zz@h'],
    ['SCHEMA_REGISTRY_URL', 'http://h/base%zz'],
    ['SCHEMA_REGISTRY_URL', 'http://h/?tenant=1'],
    ['SCHEMA_REGISTRY_URL', 'http://h/#there'],
    ['SCHEMA_REGISTRY_URL', 'http://h?'],
  ])('%s=%s is refused by its name', (name, value) => {
    expect(refusal({ [name]: value })).toMatch(new RegExp(`^${name} is ".*": set .*\\(a % as %25\\).*\\.$`));
    expect(refusal({ [name]: value })).not.toMatch(/p%zz|malformed/);
  });

  test('a refusal shows neither a password nor a root key', () => {
    expect(refusal({ DATABASE_URL: 'postgres//u:hun@ter:2@h/d' })).not.toMatch(/hun|ter:2/);
    expect(refusal({ DATABASE_URL: 'postgres://u:sec ret@h:port/d' })).not.toContain('ret');
    expect(refusal({ HEDDLE_ROOT_KEY: 'with a space in the key' })).not.toContain('space in');
  });
});
