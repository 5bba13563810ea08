import { StartupError } from '../settings/startup-error.js';
import { tlsTrouble } from '../settings/tls-trouble.js';
import type { KafkaSettings } from './kafka-settings.js';

interface KafkaError {
  name?: string;
  message: string;
  code?: unknown;
  type?: string;
  cause?: unknown;
}

const REFUSED_SASL = /^(SASL_AUTHENTICATION_FAILED|UNSUPPORTED_SASL_MECHANISM|ILLEGAL_SASL_STATE)$/;

/** kafkajs wraps an error for each layer that gave up on it. */
function chainOf(error: unknown): KafkaError[] {
  const chain: KafkaError[] = [];
  for (let one = error as KafkaError | undefined; one && !chain.includes(one); one = one.cause as KafkaError) {
    chain.push(one);
  }
  return chain;
}

/**
 * Why the brokers did not let us in, where waiting will not help: one line that names the setting. Null where they were
 * not reached, or may only be starting.
 */
export function kafkaRefusal(error: unknown, { brokers, tls, sasl }: KafkaSettings): StartupError | null {
  const place = brokers.join(', ');
  const chain = chainOf(error);
  const said = oneLine(chain.at(-1)?.message);
  if (chain.some(({ name, type = '' }) => name === 'KafkaJSSASLAuthenticationError' || REFUSED_SASL.test(type))) {
    const fix =
      sasl === null
        ? 'set KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD'
        : `correct KAFKA_SASL_MECHANISM (${sasl.mechanism}), KAFKA_SASL_USERNAME ("${sasl.username}") or KAFKA_SASL_PASSWORD`;
    return new StartupError(`Kafka at ${place} does not let us in (${said}): ${fix}.`);
  }
  const troubles = chain.map(tlsTrouble);
  if (troubles.includes('certificate')) {
    const fix = `correct KAFKA_SSL_CA${tls?.client == null ? ', or set KAFKA_SSL_CERT and KAFKA_SSL_KEY where it asks for ours' : ', KAFKA_SSL_CERT or KAFKA_SSL_KEY'}`;
    return new StartupError(`Kafka at ${place} and Heddle do not trust each other's certificate (${said}): ${fix}.`);
  }
  if (troubles.includes('no TLS')) {
    return new StartupError(
      `Kafka at ${place} speaks no TLS: set KAFKA_SSL=false, or name the port of its TLS listener in KAFKA_BROKERS.`,
    );
  }
  return null;
}

/** That we may not see how the topics are set: one line; null for any other error. */
export function topicsUnseen(error: unknown): string | null {
  const chain = chainOf(error);
  if (!chain.some(({ type = '' }) => type.endsWith('AUTHORIZATION_FAILED'))) return null;
  return `Kafka: how the topics are set cannot be seen (${oneLine(chain.at(-1)?.message)}): allow Describe and DescribeConfigs on the topics heddle.*, or see to it yourself that they keep everything.`;
}

/** Why the brokers cannot be used now, where it may pass: one line. */
export function kafkaAway(error: unknown, settings: KafkaSettings): string {
  const what = 'writes go on, and what is written goes to Kafka when it is back.';
  return `${notReached(error, settings)}: ${what}${doubtOf(error, settings)}`;
}

/** The same where nothing can go on without them. */
export function kafkaMissing(error: unknown, settings: KafkaSettings): StartupError {
  const fix = 'start it, or correct KAFKA_BROKERS.';
  return new StartupError(`${notReached(error, settings)}: ${fix}${doubtOf(error, settings)}`);
}

function notReached(error: unknown, { brokers }: KafkaSettings): string {
  return `Kafka at ${brokers.join(', ')} cannot be reached (${oneLine(chainOf(error).at(-1)?.message)})`;
}

function doubtOf(error: unknown, { tls, sasl }: KafkaSettings): string {
  const hung = /closed|timed? ?out|disconnected|socket/i.test(oneLine(chainOf(error).at(-1)?.message));
  if (!hung) return '';
  return ` Where it stays so: these brokers may want KAFKA_SSL=${tls === null}${sasl === null ? ' or KAFKA_SASL_MECHANISM' : ''}.`;
}

function oneLine(text = 'no reason given'): string {
  return text.split('\n')[0]!.slice(0, 300);
}
