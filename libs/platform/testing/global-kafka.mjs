import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importFromSource } from './from-source.mjs';
import globalPostgres from './global-postgres.mjs';

const PREFIX = 'heddle-test-kafka-';

/**
 * Jest's global set-up of the tests that need Kafka: its brokers in HEDDLE_TEST_KAFKA, the shortest session of a group's
 * member there in HEDDLE_TEST_KAFKA_SESSION_MS and, where they lie on this machine, the folder of its segments in
 * HEDDLE_TEST_KAFKA_SEGMENTS; or in HEDDLE_TEST_KAFKA_MISSING why there is none. They need Postgres, too.
 */
export default async function globalKafka() {
  await globalPostgres();
  const { findKafka } = await importFromSource(new URL('./kafka/find-kafka.ts', import.meta.url).href);
  const { removeFoldersOfDeadRuns } = await importFromSource(new URL('./dead-runs.ts', import.meta.url).href);
  removeFoldersOfDeadRuns(PREFIX);
  const folder = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
  const kafka = await findKafka(folder);
  if ('missing' in kafka) {
    rmSync(folder, { recursive: true, force: true });
    process.env.HEDDLE_TEST_KAFKA_MISSING = kafka.missing;
    return;
  }
  process.env.HEDDLE_TEST_KAFKA = kafka.brokers;
  process.env.HEDDLE_TEST_KAFKA_SESSION_MS = String(kafka.leastSessionMs);
  if (kafka.segments !== null) process.env.HEDDLE_TEST_KAFKA_SEGMENTS = kafka.segments;
  process.once('exit', () => {
    kafka.killNow();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });
}
