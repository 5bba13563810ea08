import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findJava } from './kafka/java.js';
import { KafkaBroker } from './kafka/kafka-broker.js';
import { hasMaven, kafkaJars } from './kafka/kafka-jars.js';

const JAVA = 17;
const POM = fileURLToPath(new URL('kafka/pom.xml', import.meta.url));

/** For tests that kill their broker: `describe` where the run has a Kafka, and a JVM for another one. */
export const describeOnOwnKafka =
  process.env.HEDDLE_TEST_KAFKA === undefined || findJava(JAVA) === null || !hasMaven() ? describe.skip : describe;

/** A broker that no other test uses. `remove` ends it, and its data go. */
export async function startOwnKafka(): Promise<{ broker: KafkaBroker; remove(): Promise<void> }> {
  const java = findJava(JAVA)!;
  const folder = mkdtempSync(join(tmpdir(), 'heddle-own-kafka-'));
  const port = randomInt(10_000, 19_000);
  // Else its controller takes a killed broker for one that lives, for 9 s, and lets it not come back.
  const settings = { 'broker.session.timeout.ms': '2000', 'broker.heartbeat.interval.ms': '500' };
  const jars = kafkaJars(POM, java);
  const broker = await KafkaBroker.start({ java, jars, folder, port, controllerPort: port + 1, settings });
  return {
    broker,
    remove: async () => {
      await broker.kill();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
