import { join } from 'node:path';
import { freePort } from '../../resilience/free-port.js';
import { findKafkaProgram } from '../../resilience/kafka/java-programs.js';
import { OwnKafka } from '../../resilience/kafka/own-kafka.js';
import { ServerProcess } from '../../resilience/server-process.js';
import type { Bench } from '../bench.js';

let broker: Promise<OwnKafka> | null = null;

/** The broker that the rows on Kafka share; throws where there is nothing to start one with. It ends with the program. */
export function sharedKafka(bench: Bench): Promise<OwnKafka> {
  const program = findKafkaProgram();
  if ('missing' in program) throw new Error(program.missing);
  const started = broker ?? OwnKafka.create(program, join(bench.folder, 'kafka'));
  broker = started;
  return started;
}

/** The variables of an installation of its own on the shared broker. */
export function kafkaEnv(kafka: OwnKafka, prefix: string): Record<string, string> {
  return { KAFKA_BROKERS: kafka.address, HEDDLE_KAFKA_PREFIX: prefix };
}

/** A process of the product on a database of the bench's cluster, started and ready. */
export async function startProcess(
  bench: Bench,
  name: string,
  databaseUrl: string,
  env: Record<string, string>,
  service?: string,
): Promise<ServerProcess> {
  const settings = {
    port: await freePort(),
    dataDir: join(bench.folder, name),
    rootKey: bench.rootKey,
    databaseUrl,
    env,
    ...(service === undefined ? {} : { service }),
  };
  const process = new ServerProcess(settings, 'program');
  process.spawn().on('exit', (code, signal) => {
    if (!process.ending) bench.log(`${name} ended with ${signal ?? code}; it said: ${process.lastWords}`);
  });
  await process.ready(60_000);
  return process;
}
