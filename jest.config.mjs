const common = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': '@swc/jest' },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.heddle/', '<rootDir>/.node/'],
};

/** Journeys that look into one process, or have a shape of their own. */
const OF_ONE_SHAPE = [
  'services-apart',
  'front-rules',
  'registry',
  'registry-peers',
  'registry-access',
  'registered-events',
  'restored-store',
  'unread-bodies',
  'tour',
].map((name) => `test/journeys/${name}\\.spec\\.ts$`);

/** Four costs, told apart by the file's name: pure, a real Postgres, HTTP from outside, a real Kafka. */
export default {
  maxWorkers: 2,
  // A machine that does something else beside takes five seconds for what takes one.
  testTimeout: 30_000,
  projects: [
    {
      ...common,
      displayName: 'unit',
      testRegex: '(libs|apps|scripts|test/architecture|test/resilience)/.*(?<!\\.(int|kafka))\\.spec\\.ts$',
    },
    {
      ...common,
      displayName: 'integration',
      testRegex: '\\.int\\.spec\\.ts$',
      globalSetup: '<rootDir>/libs/platform/testing/global-postgres.mjs',
    },
    {
      ...common,
      displayName: 'journeys',
      testRegex: 'test/(journeys|replay)/.*(?<!\\.(int|kafka))\\.spec\\.ts$',
      testPathIgnorePatterns: ['test/journeys/apart/'],
      globalSetup: '<rootDir>/libs/platform/testing/global-postgres.mjs',
    },
    {
      ...common,
      displayName: 'journeys apart',
      testRegex: 'test/journeys/.*(?<!\\.(int|kafka))\\.spec\\.ts$',
      testPathIgnorePatterns: OF_ONE_SHAPE,
      setupFiles: ['<rootDir>/libs/platform/testing/apart.mjs'],
      setupFilesAfterEnv: ['<rootDir>/libs/platform/testing/skip-without-kafka.mjs'],
      globalSetup: '<rootDir>/libs/platform/testing/global-apart.mjs',
    },
    {
      ...common,
      displayName: 'kafka',
      testRegex: '\\.kafka\\.spec\\.ts$',
      globalSetup: '<rootDir>/libs/platform/testing/global-kafka.mjs',
    },
  ],
};
