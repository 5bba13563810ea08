import { writeFileSync } from 'node:fs';
import { missingFrontProxy } from './front-proxy.mjs';

/** A Jest reporter that writes how many tests passed, failed and were skipped; a suite that does not load is a failure. */
export default class CountReporter {
  onRunComplete(_contexts, results) {
    writeFileSync(
      process.env.HEDDLE_TEST_COUNTS,
      JSON.stringify({
        passed: results.numPassedTests,
        failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
        skipped: results.numPendingTests + results.numTodoTests,
        // Set by the global set-up, in this process.
        missing: [process.env.HEDDLE_TEST_KAFKA_MISSING, missingFrontProxy()].filter((what) => what !== undefined),
      }),
    );
  }
}
