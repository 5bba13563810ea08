// Where there is no Kafka the tests are skipped, and the end of the run says why.
if (process.env.HEDDLE_TEST_KAFKA === undefined) {
  globalThis.describe = globalThis.describe.skip;
  globalThis.test = globalThis.test.skip;
  globalThis.it = globalThis.it.skip;
}
