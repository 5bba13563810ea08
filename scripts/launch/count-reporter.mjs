import { writeFileSync } from 'node:fs';
import { missingFrontProxy } from './front-proxy.mjs';

/** A Jest reporter that writes how many tests passed, failed and were skipped; a suite that does not load is a failure. */
export default class CountReporter {
  onRunComplete(_contexts, results) {
    // Set by the global set-up, in this process.
    const { HEDDLE_TEST_KAFKA_MISSING: kafka, HEDDLE_TEST_COUNTS: file, CI } = process.env;
    writeFileSync(
      file,
      JSON.stringify({
        passed: results.numPassedTests,
        // In CI the suites on Kafka may not be skipped.
        failed:
          results.numFailedTests + results.numRuntimeErrorTestSuites + (kafka !== undefined && CI === 'true' ? 1 : 0),
        skipped: results.numPendingTests + results.numTodoTests,
        missing: [kafka, missingFrontProxy()].filter((what) => what !== undefined),
      }),
    );
  }
}
