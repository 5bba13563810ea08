import { writeFileSync } from 'node:fs';

/** How the title of a suite that is skipped says what it wants: libs/platform/testing/needed-programs.ts. */
const BECAUSE = '(want of ';

/** What the tests that were skipped would have needed, by their titles, each once. */
function wantsOf({ testResults }) {
  const skipped = testResults.flatMap((file) => file.testResults).filter(({ status }) => status === 'pending');
  const titles = skipped.flatMap(({ ancestorTitles, title }) => [...ancestorTitles, title]);
  const wants = titles.filter((title) => title.includes(BECAUSE) && title.endsWith(')'));
  return [...new Set(wants.map((title) => title.slice(title.indexOf(BECAUSE) + 1, -1)))];
}

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
        missing: [...(kafka === undefined ? [] : [kafka]), ...wantsOf(results)],
      }),
    );
  }
}
