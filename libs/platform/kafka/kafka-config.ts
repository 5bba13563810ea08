import { type KafkaConfig, logLevel, type SASLOptions } from 'kafkajs';
import type { Logger } from 'pino';
import { readTlsFiles } from '../settings/tls-files.js';
import { kafkaLog } from './kafka-log.js';
import type { KafkaSettings } from './kafka-settings.js';

const CLIENT_ID = 'heddle';

/**
 * What every client of kafkajs in the product is made with. Its complaints go to `log`. Throws SettingsError of one line
 * where a file that the settings name cannot be used.
 */
export function kafkaConfig(settings: KafkaSettings, log: Logger): KafkaConfig {
  const { brokers, tls, sasl } = settings;
  // One for all clients: each knows what the others have said.
  const write = kafkaLog(log);
  return {
    clientId: CLIENT_ID,
    brokers,
    ...(tls === null ? {} : { ssl: tlsOptions(tls) }),
    ...(sasl === null ? {} : { sasl: { ...sasl } as SASLOptions }),
    logLevel: logLevel.WARN,
    logCreator: () => write,
  };
}

function tlsOptions({ ca, client }: NonNullable<KafkaSettings['tls']>): NonNullable<KafkaConfig['ssl']> {
  return readTlsFiles({
    ca: ca === null ? null : { setting: 'KAFKA_SSL_CA', path: ca },
    client:
      client === null
        ? null
        : {
            cert: { setting: 'KAFKA_SSL_CERT', path: client.cert },
            key: { setting: 'KAFKA_SSL_KEY', path: client.key },
          },
  });
}
