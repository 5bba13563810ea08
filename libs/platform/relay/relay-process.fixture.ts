import { pino } from 'pino';
import { RegistryUnavailable } from '../registry/registry-client.js';
import { Relay, type RelayOptions } from './relay.js';

const away = async () => {
  throw new RegistryUnavailable('This process has no registry.');
};
const { options } = JSON.parse(process.argv[3]!) as {
  options: Pick<RelayOptions, 'databaseUrl' | 'kafka' | 'topicPrefix' | 'leaseMs' | 'pollMs'>;
};
const relay = new Relay({
  ...options,
  registry: { schema: away, register: away, level: away, setLevel: away },
  log: pino({ level: 'debug' }),
});
await relay.start();
