import { randomBytes } from 'node:crypto';
import { type Kafka, logLevel } from 'kafkajs';
import { makeKafka } from '../kafka/kafkajs-client.js';

/** `describe`, where there is a Kafka; else its tests are skipped, and the end of the run says why. */
export const describeOnKafka = process.env.HEDDLE_TEST_KAFKA === undefined ? describe.skip : describe;

export function testBrokers(): string[] {
  return process.env.HEDDLE_TEST_KAFKA!.split(',');
}

export function testKafka(): Kafka {
  return makeKafka({ clientId: 'heddle-test', brokers: testBrokers(), logLevel: logLevel.NOTHING });
}

/** The shortest session that a member of a group may have there, ms: so long one that died is not missed. */
export const leastSessionMs = Number(process.env.HEDDLE_TEST_KAFKA_SESSION_MS);

/** A name that no other test has. */
export function testName(what: string): string {
  return `${what}-${randomBytes(6).toString('hex')}`;
}
