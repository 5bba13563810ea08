import { freePorts } from '../free-ports.js';
import { KafkaBroker, type KafkaBrokerOptions } from './kafka-broker.js';
import { kafkaProgram } from './kafka-program.js';

export { describeWithOwnBrokers as describeWithGuardedBroker } from './own-broker.js';

export interface GuardedBroker<Listener extends string> {
  broker: KafkaBroker;
  /** `host:port` by listener; PLAINTEXT is there always. */
  address: Readonly<Record<Listener | 'PLAINTEXT', string>>;
}

/** Starts a broker with listeners by name, each with its security protocol (`SSL`, `SASL_PLAINTEXT`, `SASL_SSL`). */
export async function startGuardedBroker<Listener extends string>(
  folder: string,
  listeners: Readonly<Record<Listener, string>>,
  options: Pick<KafkaBrokerOptions, 'settings' | 'scramUsers'> = {},
): Promise<GuardedBroker<Listener>> {
  const names = Object.keys(listeners) as Listener[];
  const first = await freePorts(2 + names.length);
  const controllerPort = first + 1;
  const address = Object.fromEntries([
    ['PLAINTEXT', `127.0.0.1:${first}`],
    ...names.map((name, i) => [name, `127.0.0.1:${first + 2 + i}`]),
  ]) as GuardedBroker<Listener>['address'];
  const at = Object.entries(address).map(([name, place]) => `${name}://${place}`);
  const protocols = Object.entries({ PLAINTEXT: 'PLAINTEXT', CONTROLLER: 'PLAINTEXT', ...listeners });
  const broker = await KafkaBroker.start({
    ...kafkaProgram(),
    folder,
    port: first,
    controllerPort,
    ...options,
    settings: {
      listeners: [...at, `CONTROLLER://127.0.0.1:${controllerPort}`].join(','),
      'advertised.listeners': at.join(','),
      'listener.security.protocol.map': protocols.map(([name, protocol]) => `${name}:${protocol}`).join(','),
      'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
      ...options.settings,
    },
  });
  return { broker, address };
}

/** The settings by which a listener takes names and passwords: SCRAM's are the broker's `scramUsers`. */
export function saslSettings(
  listener: string,
  plainUsers: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const jaas = 'org.apache.kafka.common.security';
  const users = Object.entries(plainUsers).map(([name, password]) => ` user_${name}="${password}"`);
  const prefix = `listener.name.${listener.toLowerCase()}`;
  return {
    [`${prefix}.plain.sasl.jaas.config`]: `${jaas}.plain.PlainLoginModule required${users.join('')};`,
    [`${prefix}.scram-sha-256.sasl.jaas.config`]: `${jaas}.scram.ScramLoginModule required;`,
    [`${prefix}.scram-sha-512.sasl.jaas.config`]: `${jaas}.scram.ScramLoginModule required;`,
  };
}
