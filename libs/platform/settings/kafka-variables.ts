import { z } from 'zod';
import { type KafkaSettings, SASL_MECHANISMS, type SaslMechanism } from '../kafka/kafka-settings.js';
import { USUAL_PREFIX } from '../kafka/topics.js';
import { type Setting, SettingsError } from './setting.js';

const MOST_COPIES = 32;

const file = z
  .string()
  .refine((value) => !value.includes('\0'))
  .nullable()
  .default(null);

function isBroker(text: string): boolean {
  const port = Number(/^[A-Za-z0-9._-]{1,253}:(\d{1,5})$/.exec(text)?.[1]);
  return port >= 1 && port <= 65_535;
}

/** The variables that say where Kafka is and how to enter it. */
export const KAFKA_VARIABLES = [
  {
    name: 'KAFKA_BROKERS',
    default: 'none',
    meaning: 'Brokers of a Kafka, host:port with commas between; the others of the cluster are learned from these.',
    fix: 'set host:port, several with commas between them, such as kafka-1:9092,kafka-2:9092',
    schema: z
      .string()
      .transform((value) => value.split(',').map((broker) => broker.trim()))
      .pipe(z.array(z.string().refine(isBroker)))
      .nullable()
      .default(null),
  },
  {
    name: 'HEDDLE_LOG',
    default: 'kafka where KAFKA_BROKERS is set, else postgres',
    meaning: 'Where services read what happened: kafka, or postgres, the store itself.',
    fix: 'set postgres or kafka',
    schema: z.enum(['postgres', 'kafka']).nullable().default(null),
  },
  {
    name: 'KAFKA_SSL',
    default: 'false',
    meaning: 'Whether to speak TLS with the brokers: true or false.',
    fix: 'set true or false',
    schema: z.enum(['true', 'false']).default('false'),
  },
  {
    name: 'KAFKA_SSL_CA',
    default: 'the authorities that Node.js trusts',
    meaning: "The PEM file of the authorities that the brokers' certificates are signed by.",
    fix: 'set the path of a PEM file',
    schema: file,
  },
  {
    name: 'KAFKA_SSL_CERT',
    default: 'none',
    meaning: "The PEM file of Heddle's own certificate, for brokers that ask for one; needs KAFKA_SSL_KEY.",
    fix: 'set the path of a PEM file',
    schema: file,
  },
  {
    name: 'KAFKA_SSL_KEY',
    default: 'none',
    meaning: 'The PEM file of the private key to KAFKA_SSL_CERT, without a passphrase.',
    fix: 'set the path of a PEM file',
    schema: file,
  },
  {
    name: 'KAFKA_SASL_MECHANISM',
    default: 'none',
    meaning: `How Heddle names itself to the brokers: ${SASL_MECHANISMS.join(', ')}.`,
    fix: `set one of ${SASL_MECHANISMS.join(', ')}`,
    schema: z.string().toLowerCase().pipe(z.enum(SASL_MECHANISMS)).nullable().default(null),
  },
  {
    name: 'KAFKA_SASL_USERNAME',
    default: 'none',
    meaning: 'The name for KAFKA_SASL_MECHANISM.',
    fix: 'set a name',
    schema: z.string().nullable().default(null),
  },
  {
    name: 'KAFKA_SASL_PASSWORD',
    default: 'none',
    meaning: 'The password for KAFKA_SASL_MECHANISM. It is never shown.',
    fix: 'set a password',
    shown: () => 'a text',
    schema: z.string().nullable().default(null),
  },
  {
    name: 'HEDDLE_KAFKA_PREFIX',
    default: USUAL_PREFIX,
    meaning:
      'What the names of topics, consumer groups and dead letters begin with. Installations on one Kafka differ in it.',
    fix: 'set 1 to 64 letters, digits, dots, dashes or underscores',
    schema: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/)
      .default(USUAL_PREFIX),
  },
  {
    name: 'HEDDLE_KAFKA_REPLICATION',
    default: 'one a broker, 3 at most',
    meaning: 'On how many brokers a topic that Heddle makes is kept.',
    fix: `set a whole number from 1 to ${MOST_COPIES}, or unset it`,
    schema: z
      .string()
      .regex(/^\d{1,2}$/)
      .transform(Number)
      .pipe(z.number().min(1).max(MOST_COPIES))
      .nullable()
      .default(null),
  },
  {
    name: 'HEDDLE_RAW_TOPICS',
    default: 'true',
    meaning: 'Whether each workspace has a topic that its own producers write to: true or false.',
    fix: 'set true or false',
    schema: z.enum(['true', 'false']).default('true'),
  },
] as const satisfies readonly Setting[];

export interface KafkaValues {
  brokers: string[] | null;
  log: 'postgres' | 'kafka' | null;
  ssl: boolean;
  ca: string | null;
  cert: string | null;
  key: string | null;
  mechanism: SaslMechanism | null;
  username: string | null;
  password: string | null;
  prefix: string;
  replication: number | null;
  rawTopics: boolean;
}

/** What the variables say together. Throws SettingsError where one needs another that is not there. */
export function kafkaSettingsOf(values: KafkaValues): { log: 'postgres' | 'kafka'; kafka: KafkaSettings | null } {
  const { brokers, ssl, ca, cert, key, mechanism, username, password, prefix, replication, rawTopics } = values;
  if (values.log === 'kafka' && brokers === null) {
    throw new SettingsError('HEDDLE_LOG is "kafka" without KAFKA_BROKERS: set KAFKA_BROKERS, or HEDDLE_LOG=postgres.');
  }
  for (const [name, value] of Object.entries({ KAFKA_SSL_CA: ca, KAFKA_SSL_CERT: cert, KAFKA_SSL_KEY: key })) {
    if (value !== null && !ssl) {
      throw new SettingsError(`${name} is set without KAFKA_SSL=true: set KAFKA_SSL=true, or unset ${name}.`);
    }
  }
  together({ KAFKA_SSL_CERT: cert, KAFKA_SSL_KEY: key });
  together({ KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password });
  if (brokers === null) return { log: 'postgres', kafka: null };
  return {
    log: values.log ?? 'kafka',
    kafka: {
      brokers,
      tls: ssl ? { ca, client: cert === null ? null : { cert, key: key! } } : null,
      sasl: mechanism === null ? null : { mechanism, username: username!, password: password! },
      prefix,
      replication,
      ...(rawTopics ? {} : { rawTopics }),
    },
  };
}

function together(values: Record<string, string | null>): void {
  const present = Object.keys(values).filter((name) => values[name] !== null);
  const missing = Object.keys(values).filter((name) => values[name] === null);
  if (present.length === 0 || missing.length === 0) return;
  throw new SettingsError(
    `${present[0]} is set without ${missing.join(' and ')}: set ${missing.join(' and ')}, or unset ${present.join(' and ')}.`,
  );
}
