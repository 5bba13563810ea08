import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { findJava, type Java } from '../java.js';
import { filesByMaven, hasMaven } from '../maven.js';

/** What starts a broker on this machine. */
export interface KafkaProgram {
  java: Java;
  /** The folder of Kafka's jars. */
  jars: string;
}

const JAVA = 17;
const POM = fileURLToPath(new URL('pom.xml', import.meta.url));

/** What has to be installed before a broker can be started here, such as `Maven`; null where nothing has. */
export function lackingForKafka(): string | null {
  const lacking = [findJava(JAVA) === null ? `Java ${JAVA} or newer` : null, hasMaven() ? null : 'Maven'];
  return lacking.filter(Boolean).join(' and ') || null;
}

/**
 * The jars are brought by Maven the first time (44 MB), to a folder whose name carries what the pom says, so that another
 * version is another folder. Throws with Maven's own words where it cannot bring them.
 */
export function kafkaProgram(): KafkaProgram {
  const java = findJava(JAVA)!;
  const hash = createHash('sha256').update(readFileSync(POM)).digest('hex').slice(0, 12);
  return { java, jars: filesByMaven(`kafka-${hash}`, 'copy-dependencies', ['--file', POM], java) };
}
