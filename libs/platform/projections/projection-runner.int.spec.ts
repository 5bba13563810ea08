import { until } from '../testing/until.js';
import type { Fold } from './fold.js';
import { messageCount } from './message-count.fixture.js';
import { type Bench, messages, openBench } from './projection-bench.fixture.js';
import { projectionConnection } from './projection-connection.js';
import { ProjectionRunner } from './projection-runner.js';

let bench: Bench;
const runners: ProjectionRunner[] = [];
beforeEach(async () => {
  bench = await openBench();
});
afterEach(async () => {
  await Promise.all(runners.splice(0).map((runner) => runner.close()));
  await bench.close();
});

/** A member whose fold makes nothing, and says what it is told. */
function member(told: string[]): ProjectionRunner {
  const fold: Fold = {
    statements: async (events) => {
      for (const { position } of events) told.push(`${position}`);
      return [];
    },
    decoded: () => null,
    forget: () => undefined,
    began: async () => void told.push('began'),
  };
  const connection = projectionConnection(bench.url, messageCount, 'spec', () => runner.sessionBegan());
  const options = { takeOverAfterMs: 60_000, onTrouble: () => undefined };
  const runner = new ProjectionRunner(messageCount, connection, bench.log, fold, options);
  runners.push(runner);
  runner.start();
  return runner;
}

it('tells its fold before its first page that it begins, whether it led from the start or takes over', async () => {
  const [one, two]: [string[], string[]] = [[], []];
  const first = member(one);
  await until(() => first.status().state === 'following');
  const second = member(two);
  await until(() => second.status().state === 'standby');
  await bench.writer.append(messages(2));
  first.tick(2);
  expect(await first.waitFor(2, 60_000)).toBe(true);
  expect(await second.waitFor(2, 60_000)).toBe(true);
  two.push('ended');
  await first.close();
  await bench.writer.append(messages(1));
  await until(() => {
    second.tick(3);
    return second.status().position === 3;
  });
  expect(one).toEqual(['began', '1', '2']);
  expect(two).toEqual(['began', 'ended', 'began', '3']);
});
