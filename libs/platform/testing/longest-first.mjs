import { statSync } from 'node:fs';

/** The files that take longest, and the seconds that they take on two cores. */
export const LONGEST = {
  'libs/platform/relay/relay-faults.kafka.spec.ts': 160,
  'libs/platform/conformance/members-on-kafka.kafka.spec.ts': 75,
  'libs/platform/conformance/reading-on-kafka.kafka.spec.ts': 65,
  'libs/platform/conformance/mutations.int.spec.ts': 66,
  'libs/platform/consumers/kafka-away.kafka.spec.ts': 60,
  'test/journeys/reconciled-log.kafka.spec.ts': 50,
  'libs/platform/consumers/kafka-batch-server.kafka.spec.ts': 45,
  'test/journeys/stranger.kafka.spec.ts': 43,
  'libs/platform/consumers/rebalances.kafka.spec.ts': 42,
  'test/journeys/registry-peers.spec.ts': 37,
  'libs/platform/conformance/embedded-engine.int.spec.ts': 30,
  'libs/platform/relay/relay.kafka.spec.ts': 30,
  'test/journeys/services-apart.spec.ts': 30,
  'libs/platform/postgres/embedded.int.spec.ts': 25,
  'test/journeys/migrated-log.kafka.spec.ts': 25,
};

function secondsOf(path) {
  const name = Object.keys(LONGEST).find((file) => path.endsWith(`/${file}`));
  return name === undefined ? 0 : LONGEST[name];
}

/** Jest's order of the files: the longest first, so that no worker is left with one of them at the end; then by size. */
export default class LongestFirst {
  sort(tests) {
    const judged = tests.map((test) => ({ test, seconds: secondsOf(test.path), size: statSync(test.path).size }));
    return judged.sort((a, b) => b.seconds - a.seconds || b.size - a.size).map(({ test }) => test);
  }

  /** How long they took is not kept: a fresh clone has the same order. */
  cacheResults() {}
}
