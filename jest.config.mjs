const common = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': '@swc/jest' },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.heddle/', '<rootDir>/.node/'],
};

/** Journeys that are no other through services apart, or cannot be taken there; each with its reason. */
const OF_ONE_SHAPE = [
  // Processes of their own: all services, with their log in the store.
  'services-apart',
  // The rules of a proxy, in front of stubs.
  'front-rules',
  // Another registry, and nothing of Heddle's.
  'registry-peers',
  // Receivers of webhooks, and nothing of Heddle's but its signatures.
  'webhook-receivers',
  // Servers with settings that no environment variable has: where the registry lies, how long a body is waited for.
  'registry-settings',
  'unread-bodies',
  // On Kafka what a restored store has lost is brought back: libs/platform/relay/reconcile.kafka.spec.ts.
  'restored-store',
  // Hundreds of programs, each of which sends what the examples' own spec sends to services apart.
  'operation-commands',
  // Where services are apart, the one that imports makes no workspaces: services-apart.spec.ts.
  'import-in-one-process',
].map((name) => `test/journeys/${name}\\.spec\\.ts$`);

/** Minutes of kills, pauses and restores; HEDDLE_LONG_TESTS=1 and CI take them in. */
const LONG = [
  'libs/platform/conformance/mutations\\.int',
  'libs/platform/relay/relay-faults\\.kafka',
  'test/journeys/migrated-log\\.kafka',
  'test/journeys/reconciled-log\\.kafka',
  'test/journeys/events-through-kill',
].map((name) => `${name}\\.spec\\.ts$`);
const takesLong = process.env.CI === 'true' || process.env.HEDDLE_LONG_TESTS === '1';
const LEFT_OUT = takesLong ? [] : LONG;

/** Four costs, told apart by the file's name: pure, a real Postgres, HTTP from outside, a real Kafka. */
export default {
  maxWorkers: 2,
  // Modules of a suite stay in memory with its worker; beyond some it spends more time on collecting than on tests.
  workerIdleMemoryLimit: '1GB',
  testSequencer: '<rootDir>/libs/platform/testing/longest-first.mjs',
  // A machine that does something else beside takes five seconds for what takes one, and starts a process in twenty.
  testTimeout: 120_000,
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
      testPathIgnorePatterns: LEFT_OUT,
      globalSetup: '<rootDir>/libs/platform/testing/global-postgres.mjs',
    },
    {
      ...common,
      displayName: 'journeys',
      testRegex: 'test/(journeys|replay)/.*(?<!\\.(int|kafka))\\.spec\\.ts$',
      testPathIgnorePatterns: ['test/journeys/apart/', ...LEFT_OUT],
      globalSetup: '<rootDir>/libs/platform/testing/global-postgres.mjs',
    },
    {
      ...common,
      displayName: 'journeys apart',
      testRegex: 'test/journeys/.*(?<!\\.(int|kafka))\\.spec\\.ts$',
      testPathIgnorePatterns: [...OF_ONE_SHAPE, ...LEFT_OUT],
      setupFiles: ['<rootDir>/libs/platform/testing/apart.mjs'],
      setupFilesAfterEnv: ['patience-apart', 'skip-without-kafka'].map(
        (name) => `<rootDir>/libs/platform/testing/${name}.mjs`,
      ),
      globalSetup: '<rootDir>/libs/platform/testing/global-apart.mjs',
    },
    {
      ...common,
      displayName: 'kafka',
      testRegex: '\\.kafka\\.spec\\.ts$',
      testPathIgnorePatterns: LEFT_OUT,
      globalSetup: '<rootDir>/libs/platform/testing/global-kafka.mjs',
    },
  ],
};
