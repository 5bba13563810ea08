import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importFromSource } from './from-source.mjs';
import globalPostgres from './global-postgres.mjs';

/**
 * Jest's global set-up of the tests that need Kafka: its brokers in HEDDLE_TEST_KAFKA, or in HEDDLE_TEST_KAFKA_MISSING
 * why there is none. They need Postgres, too.
 */
export default async function globalKafka() {
  await globalPostgres();
  const { findKafka } = await importFromSource(new URL('./kafka/find-kafka.ts', import.meta.url).href);
  const folder = mkdtempSync(join(tmpdir(), `heddle-test-kafka-${process.pid}-`));
  const kafka = await findKafka(folder);
  if ('missing' in kafka) {
    rmSync(folder, { recursive: true, force: true });
    process.env.HEDDLE_TEST_KAFKA_MISSING = kafka.missing;
    if (process.env.CI === 'true') throw new Error(`CI must run the tests on Kafka: ${kafka.missing}`);
    return;
  }
  process.env.HEDDLE_TEST_KAFKA = kafka.brokers;
  process.once('exit', () => {
    kafka.killNow();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });
}
