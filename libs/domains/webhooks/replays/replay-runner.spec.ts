import { newId } from '../../../platform/kernel/id.js';
import type { SqlStatement } from '../../../platform/postgres/connection.js';
import { until } from '../../../platform/testing/until.js';
import type { Route } from '../fan-out/routes.js';
import { ReplayRunner, type RunnerPorts } from './replay-runner.js';

const REPLAY = newId('rpl');
const ENDPOINT = newId('whe');
const uuid = (id: string) => id.slice(4);
const row = (more: object) => ({
  id: uuid(REPLAY),
  workspace: uuid(newId('wsp')),
  endpoint: uuid(ENDPOINT),
  run: 1,
  from_position: 1,
  to_position: 9,
  types: ['*'],
  filter: null,
  selection: 'all',
  status: 'running',
  position: 9,
  due: 7,
  passed_over: 2,
  ...more,
});

/** A store of one replay, and what was done to it, in its order. */
function begun(replay: { status: string }, waiting: () => number, state: object = {}, isOwner = true) {
  const done: string[] = [];
  const ports = {
    connection: {
      query: async ({ name }: SqlStatement) => ({
        rows: name === 'replays under way' ? (replay.status === 'ended' ? [] : [replay]) : [{ waiting: waiting() }],
      }),
      transaction: async (statements: readonly SqlStatement[]) => {
        done.push(statements[1]!.name!);
        return [];
      },
    },
    shell: {
      execute: async ({ command }: { command: { type: string } }) => {
        done.push(command.type);
        replay.status = 'ended';
        return { status: 200, body: {} };
      },
    },
    runs: { takenBack: () => done.push('forget run') },
    restart: async () => void done.push('restart'),
    tokenOf: () => (isOwner ? 4 : null),
    route: () => ({ state: { disabled: null, deleted: false, ...state } }) as Route,
    trouble: (error: unknown) => done.push(String(error)),
  };
  const runner = new ReplayRunner(ports as unknown as RunnerPorts);
  runner.begin();
  return { runner, done };
}

it('forgets what memory has of one that was cancelled, once, and takes back what fails meanwhile', async () => {
  const { runner, done } = begun(row({ status: 'cancelled' }), () => 0);
  await until(() => done.length >= 6);
  await runner.end();
  expect(done.slice(0, 6)).toEqual([
    'take back a run',
    'forget run',
    'restart',
    'take back a run',
    'take back a run',
    'forget run',
  ]);
});

it('says the end when all was looked at and nothing waits any more', async () => {
  let waiting = 3;
  const { runner, done } = begun(row({}), () => waiting--);
  await until(() => done.length > 0);
  await runner.end();
  expect([done[0], waiting]).toEqual(['finish', -1]);
});

it('is cancelled with its endpoint, and stands while that is disabled or another process’s', async () => {
  const { runner, done } = begun(row({}), () => 0, { deleted: true });
  await until(() => done.length > 0);
  await runner.end();
  expect(done[0]).toBe('cancel');
  for (const one of [begun(row({}), () => 0, { disabled: { reason: 'gone' } }), begun(row({}), () => 0, {}, false)]) {
    await one.runner.end();
    expect(one.done).toEqual([]);
  }
});
