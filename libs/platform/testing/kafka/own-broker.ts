import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../free-ports.js';
import { JAVA, POM } from './find-kafka.js';
import { findJava } from './java.js';
import { KafkaBroker } from './kafka-broker.js';
import { hasMaven, kafkaJars } from './kafka-jars.js';

/** `describe`, where a test can have brokers of its own to kill and move: that takes a JVM. */
export const describeWithOwnBrokers =
  process.env.HEDDLE_TEST_KAFKA === undefined || findJava(JAVA) === null || !hasMaven() ? describe.skip : describe;

export interface OwnBroker {
  broker: KafkaBroker;
  /** Ends it, and removes what it wrote. */
  remove(): Promise<void>;
}

/** A broker that no other test knows, alone or in the cluster of another one; `more` are lines of server.properties. */
export async function startOwnBroker(
  joins?: KafkaBroker,
  more: Readonly<Record<string, string>> = {},
): Promise<OwnBroker> {
  const java = findJava(JAVA)!;
  const folder = mkdtempSync(join(tmpdir(), `heddle-test-broker-${process.pid}-`));
  const port = await freePorts(2);
  const settings = {
    'log.cleaner.enable': 'false',
    // Else a broker that was killed is taken for one that lives for 9 s, and is not let in again.
    'broker.session.timeout.ms': '2000',
    'broker.heartbeat.interval.ms': '500',
    ...more,
  };
  const broker = await KafkaBroker.start({
    java,
    jars: kafkaJars(POM, java),
    folder,
    port,
    controllerPort: port + 1,
    joins,
    settings,
  });
  return {
    broker,
    remove: async () => {
      await broker.kill();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
