import { StartupError } from '../settings/startup-error.js';
import type { KafkaSettings } from './kafka-settings.js';
import { kafkaAway, kafkaRefusal, topicsUnseen } from './kafka-trouble.js';

const settings: KafkaSettings = {
  brokers: ['k-1:9093', 'k-2:9093'],
  tls: { ca: null, client: null },
  sasl: { mechanism: 'scram-sha-256', username: 'heddle', password: 'hunter2' },
  prefix: 'heddle',
  replication: null,
};

/** As kafkajs nests them: the outermost says how often it was tried. */
function error(fields: object, message = 'why\nand more'): Error {
  const cause = Object.assign(new Error(message), fields);
  return Object.assign(new Error('gave up'), { name: 'KafkaJSNumberOfRetriesExceeded', cause });
}

test.each<[object, RegExp]>([
  [
    { type: 'SASL_AUTHENTICATION_FAILED' },
    /does not let us in \(why\): correct KAFKA_SASL_MECHANISM \(scram-sha-256\)/,
  ],
  [{ name: 'KafkaJSSASLAuthenticationError' }, /does not let us in \(why\): correct KAFKA_SASL_MECHANISM/],
  [{ code: 'CERT_HAS_EXPIRED' }, /do not trust each other's certificate \(why\): correct KAFKA_SSL_CA/],
  [{ code: 'ERR_TLS_CERT_ALTNAME_INVALID' }, /do not trust each other's certificate/],
  [{ code: 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED' }, /certificate .*set KAFKA_SSL_CERT and KAFKA_SSL_KEY/],
  [{ code: 'ERR_OSSL_X509_KEY_VALUES_MISMATCH' }, /certificate .*set KAFKA_SSL_CERT and KAFKA_SSL_KEY/],
  [{ code: 'EPROTO' }, /speaks no TLS: set KAFKA_SSL=false/],
])('%j will not pass by itself, and refuses the start in one line', (fields, line) => {
  const refusal = kafkaRefusal(error(fields), settings);
  expect(refusal).toBeInstanceOf(StartupError);
  expect(refusal!.message).toMatch(line);
  expect(refusal!.message).toMatch(/^Kafka at k-1:9093, k-2:9093 /);
  expect(refusal!.message).not.toMatch(/\n|hunter2/);
});

test.each<[object, string, RegExp]>([
  [
    { code: 'ECONNREFUSED' },
    'connect ECONNREFUSED',
    /cannot be reached \(connect ECONNREFUSED\): writes go on[^.]*\.$/,
  ],
  [{ code: 'ENOTFOUND' }, 'getaddrinfo ENOTFOUND', /writes go on[^.]*\.$/],
  [{}, 'Closed connection', /Where it stays so: these brokers may want KAFKA_SSL=false\.$/],
])('%j may pass, and is told in one line', (fields, message, line) => {
  expect(kafkaRefusal(error(fields, message), settings)).toBeNull();
  expect(kafkaAway(error(fields, message), settings)).toMatch(line);
  expect(kafkaAway(error(fields, message), settings)).not.toMatch(/\n|hunter2/);
});

test('topics that we may not see are no outage', () => {
  const unseen = topicsUnseen(error({ type: 'TOPIC_AUTHORIZATION_FAILED' }, 'Not authorized\nhere'));
  expect(unseen).toMatch(/^Kafka: how the topics are set cannot be seen \(Not authorized\): allow .*\.$/);
  expect(topicsUnseen(error({ code: 'ECONNREFUSED' }))).toBeNull();
});

test('an error that is its own cause is looked at once', () => {
  const circle = new Error('round');
  circle.cause = circle;
  expect(kafkaRefusal(circle, settings)).toBeNull();
});
