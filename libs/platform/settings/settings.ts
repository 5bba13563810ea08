import { isAbsolute, join } from 'node:path';
import { z } from 'zod';
import type { KafkaSettings } from '../kafka/kafka-settings.js';
import type { TraceSettings } from '../observability/start-traces.js';
import { packageRoot } from '../postgres/package-root.js';
import { KAFKA_VARIABLES, kafkaSettingsOf } from './kafka-variables.js';
import { isSecretText, SECRET_MIN } from './secret-text.js';
import { type Setting, SettingsError, withoutPassword } from './setting.js';
import { TRACE_VARIABLES, traceSettingsOf } from './trace-variables.js';
import { WEBHOOK_VARIABLES, type WebhookSettings } from './webhook-variables.js';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What the environment says, with every default filled in. */
export interface Settings {
  /** 0 lets the system choose a free one. */
  port: number;
  host: string;
  /** Absolute. */
  dataDir: string;
  /** Null: made once and kept in the data directory. */
  rootKey: string | null;
  /** Null: Heddle starts the Postgres that it brings. */
  databaseUrl: string | null;
  logLevel: LogLevel;
  /** Requests a second and key. */
  rateLimit: number;
  /** Null: the registry that is built in. */
  schemaRegistryUrl: string | null;
  /** The PEM file of whom to trust about the registry; null: the authorities that Node.js trusts. */
  schemaRegistryCa: string | null;
  /** The engine of the log. */
  log: 'postgres' | 'kafka';
  /** Null where no brokers are named; never where `log` is kafka. */
  kafka: KafkaSettings | null;
  webhooks: WebhookSettings;
  /** Null: none are made. */
  traces: TraceSettings | null;
}

/** Whether a text is a URL whose name, password, host and path can be decoded. */
function isUrl(value: string): boolean {
  const url = URL.parse(value);
  if (url === null) return false;
  const { username, password, hostname, pathname } = url;
  try {
    for (const part of [username, password, hostname, pathname]) decodeURIComponent(part);
    return true;
  } catch {
    return false;
  }
}

function isPostgresUrl(value: string): boolean {
  return /^postgres(ql)?:\/\//.test(value) && isUrl(value);
}

/** Paths are put behind it: it has no query and no fragment. */
function isRegistryUrl(value: string): boolean {
  return /^https?:\/\/[^?#]*$/.test(value) && isUrl(value);
}

/** Every variable that the server reads, once: the documentation's table is made from here. */
export const SETTINGS = [
  {
    name: 'HEDDLE_PORT',
    default: '4400',
    meaning: 'The TCP port of the API; 0 takes any free one.',
    fix: 'set a whole number from 0 to 65535',
    schema: z
      .string()
      .regex(/^\d{1,5}$/)
      .default('4400')
      .transform(Number)
      .pipe(z.number().max(65_535)),
  },
  {
    name: 'HEDDLE_HOST',
    default: '127.0.0.1',
    meaning: 'The address to listen on; 0.0.0.0 or :: opens the API to other machines.',
    fix: 'set an IP address or a host name of this machine, such as 127.0.0.1',
    schema: z
      .string()
      .regex(/^[A-Za-z0-9._:-]{1,253}$/)
      .default('127.0.0.1'),
  },
  {
    name: 'HEDDLE_DATA_DIR',
    default: '.heddle',
    meaning:
      'The folder for the keys and the embedded Postgres, made at the first start; a relative path begins at the repository.',
    fix: 'set the path of a folder',
    schema: z
      .string()
      .refine((value) => !value.includes('\0'))
      .default('.heddle')
      .transform((path) => (isAbsolute(path) ? path : join(packageRoot, path))),
  },
  {
    name: 'HEDDLE_ROOT_KEY',
    default: 'made once, in <data dir>/root-key',
    meaning: 'The key that makes workspaces and their keys, and imports.',
    fix: `set at least ${SECRET_MIN} printable ASCII characters without a space, or unset it and let Heddle make one`,
    shown: (value) => `a text of ${value.length} characters`,
    schema: z.string().refine(isSecretText).nullable().default(null),
  },
  {
    name: 'DATABASE_URL',
    default: 'the embedded Postgres',
    meaning:
      'A Postgres 15 or newer to use instead of the embedded one: postgresql://user:password@host:5432/database.',
    fix: 'set postgresql://user:password@host:5432/database (a % as %25), or unset it and use the embedded Postgres',
    shown: withoutPassword,
    schema: z.string().refine(isPostgresUrl).nullable().default(null),
  },
  {
    name: 'HEDDLE_LOG_LEVEL',
    default: 'info',
    meaning: `How much is logged: ${LOG_LEVELS.join(', ')}.`,
    fix: `set one of ${LOG_LEVELS.join(', ')}`,
    schema: z.enum(LOG_LEVELS).default('info'),
  },
  {
    name: 'HEDDLE_RATE_LIMIT',
    default: '50000',
    meaning: 'How many requests a second each key may send to each process.',
    fix: 'set a whole number from 1 to 10000000',
    schema: z
      .string()
      .regex(/^\d{1,8}$/)
      .default('50000')
      .transform(Number)
      .pipe(z.number().min(1).max(10_000_000)),
  },
  {
    name: 'SCHEMA_REGISTRY_URL',
    default: 'built in, at /registry',
    meaning:
      "A schema registry with Confluent's API to use instead of the built-in one: https://user:password@host:8081.",
    fix: 'set http(s)://user:password@host:8081 without a query (a % as %25), or unset it and use the registry that is built in',
    shown: withoutPassword,
    schema: z.string().refine(isRegistryUrl).nullable().default(null),
  },
  {
    name: 'SCHEMA_REGISTRY_CA',
    default: 'the authorities that Node.js trusts',
    meaning: 'The PEM file of the authorities that the certificate of SCHEMA_REGISTRY_URL is signed by.',
    fix: 'set the path of a PEM file',
    schema: z
      .string()
      .refine((value) => !value.includes('\0'))
      .nullable()
      .default(null),
  },
  ...WEBHOOK_VARIABLES,
  ...KAFKA_VARIABLES,
  ...TRACE_VARIABLES,
] as const satisfies readonly Setting[];

type SettingName = (typeof SETTINGS)[number]['name'];
type Value<Name extends SettingName> = z.output<Extract<(typeof SETTINGS)[number], { name: Name }>['schema']>;

/** Reads the settings. An empty or blank variable counts as unset. Throws SettingsError at the first that is wrong. */
export function loadSettings(env: Record<string, string | undefined> = process.env): Settings {
  function read<Name extends SettingName>(name: Name): Value<Name> {
    const setting: Setting = SETTINGS.find((candidate) => candidate.name === name)!;
    const value = env[name]?.trim() || undefined;
    const result = setting.schema.safeParse(value);
    if (result.success) return result.data as Value<Name>;
    const shown = setting.shown ?? ((text: string) => JSON.stringify(text.slice(0, 100)));
    throw new SettingsError(`${name} is ${shown(value ?? '')}: ${setting.fix}.`);
  }
  const schemaRegistryUrl = read('SCHEMA_REGISTRY_URL');
  const schemaRegistryCa = read('SCHEMA_REGISTRY_CA');
  if (schemaRegistryCa !== null && !schemaRegistryUrl?.startsWith('https:')) {
    throw new SettingsError(
      'SCHEMA_REGISTRY_CA is set without an https address: set SCHEMA_REGISTRY_URL=https://…, or unset SCHEMA_REGISTRY_CA.',
    );
  }
  return {
    port: read('HEDDLE_PORT'),
    host: read('HEDDLE_HOST'),
    dataDir: read('HEDDLE_DATA_DIR'),
    rootKey: read('HEDDLE_ROOT_KEY'),
    databaseUrl: read('DATABASE_URL'),
    logLevel: read('HEDDLE_LOG_LEVEL'),
    rateLimit: read('HEDDLE_RATE_LIMIT'),
    schemaRegistryUrl,
    schemaRegistryCa,
    ...kafkaSettingsOf({
      brokers: read('KAFKA_BROKERS'),
      log: read('HEDDLE_LOG'),
      ssl: read('KAFKA_SSL') === 'true',
      ca: read('KAFKA_SSL_CA'),
      cert: read('KAFKA_SSL_CERT'),
      key: read('KAFKA_SSL_KEY'),
      mechanism: read('KAFKA_SASL_MECHANISM'),
      username: read('KAFKA_SASL_USERNAME'),
      password: read('KAFKA_SASL_PASSWORD'),
      prefix: read('HEDDLE_KAFKA_PREFIX'),
      replication: read('HEDDLE_KAFKA_REPLICATION'),
      rawTopics: read('HEDDLE_RAW_TOPICS') === 'true',
    }),
    webhooks: {
      http: read('HEDDLE_WEBHOOK_HTTP') === 'true',
      networks: read('HEDDLE_WEBHOOK_NETWORKS'),
      attemptDays: read('HEDDLE_WEBHOOK_ATTEMPT_DAYS'),
    },
    traces: traceSettingsOf({
      protocol: read('OTEL_EXPORTER_OTLP_PROTOCOL'),
      endpoints: [read('OTEL_EXPORTER_OTLP_ENDPOINT'), read('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT')],
      disabled: read('OTEL_SDK_DISABLED') === 'true',
      sampler: read('OTEL_TRACES_SAMPLER'),
      ratio: read('OTEL_TRACES_SAMPLER_ARG'),
      sendEveryMs: read('OTEL_BSP_SCHEDULE_DELAY'),
      mostWaiting: read('OTEL_BSP_MAX_QUEUE_SIZE'),
    }),
  };
}
