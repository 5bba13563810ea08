/** The part of Jest's results that is counted. */
export interface CountedResults {
  numPassedTests: number;
  numFailedTests: number;
  numRuntimeErrorTestSuites: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: { testResults: { status: string; ancestorTitles: string[]; title: string }[] }[];
}

/** Writes HEDDLE_TEST_COUNTS at the end of a run. */
export default class CountReporter {
  onRunComplete(contexts: unknown, results: CountedResults): void;
}
