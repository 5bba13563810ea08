import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '../../../platform/kernel/id.js';
import { Problem } from '../../../platform/kernel/problem.js';
import type { Caller } from '../../../platform/operations/caller.js';
import type { SqlStatement } from '../../../platform/postgres/connection.js';
import type { ServicePorts } from '../../../platform/runtime/service-ports.js';
import { until } from '../../../platform/testing/until.js';
import type { JobCommand } from './job.decider.js';
import { JobRunner } from './job-runner.js';

const JOB = newId('job');
const [WORKSPACE, KEY] = [newId('wsp'), newId('key')];

interface World {
  ports: ServicePorts;
  /** What was asked of each conversation, in turn. */
  asked: { id: string; caller: Caller }[];
  accounts: JobCommand[];
  /** What was logged. */
  warned: object[];
}

/** A job of three rows, and ports that do as they are told. */
function world(told: {
  row?: (id: string, nth: number) => void;
  account?: (nth: number) => void;
  held?: () => boolean;
  isRevoked?: (key: string) => boolean;
}): World {
  const rows = [newId('conv'), newId('conv'), newId('conv')];
  const asked: World['asked'] = [];
  const accounts: JobCommand[] = [];
  const warned: object[] = [];
  let tries = 0;
  let next = 0;
  const uuid = (id: string) => id.slice(id.indexOf('_') + 1);
  const job = () => ({
    ...{ id: uuid(JOB), workspace: uuid(WORKSPACE), kind: 'conversations.update', body: '{"priority":"low"}' },
    ...{ actor_type: 'api_key', actor: KEY, next },
  });
  const answers: Record<string, (values: unknown[]) => object[]> = {
    next_jobs: ([leftAlone]) => (next < rows.length && !(leftAlone as string[]).includes(uuid(JOB)) ? [job()] : []),
    running_job: () => (next < rows.length ? [job()] : []),
    take_job: () => [{ held: told.held?.() ?? true }],
    leave_job: () => [],
    next_job_rows: () => rows.slice(next).map((id) => ({ conversation: uuid(id) })),
  };
  const ports = {
    installation: { query: async ({ name, values }: SqlStatement) => ({ rows: answers[name!]!(values ?? []) }) },
    isRevoked: told.isRevoked ?? (() => false),
    log: { warn: (detail: object) => warned.push(detail) },
    invoker: {
      invoke: async (_: string, { params }: { params: { id: string } }, caller: Caller) => {
        asked.push({ id: params.id, caller });
        told.row?.(params.id, rows.indexOf(params.id));
        return {};
      },
    },
    shell: {
      servesOthers: false,
      execute: async ({ command }: { command: JobCommand }) => {
        told.account?.(++tries);
        accounts.push(command);
        next = command.type === 'progress' ? command.first + command.outcomes.length : rows.length;
        return { status: 200, body: {} };
      },
    },
  };
  return { ports: ports as unknown as ServicePorts, asked, accounts, warned };
}

async function run({ ports, accounts }: World): Promise<void> {
  const runner = new JobRunner(ports);
  runner.onApplicationBootstrap();
  await until(() => {
    runner.wake();
    return accounts.length > 0;
  });
  await runner.onModuleDestroy();
}

it('asks for each row in the name of who asked for the job, and accounts for all', async () => {
  const here = world({
    row: (_, nth) => {
      if (nth === 1) throw new Problem('status_detail_mismatch', 'It is one of another status.');
    },
  });
  await run(here);
  expect(here.accounts).toEqual([{ type: 'progress', first: 0, outcomes: ['', 'status_detail_mismatch', ''] }]);
  for (const { caller } of here.asked) {
    expect(caller).toMatchObject({ workspace: WORKSPACE, actor: { type: 'api_key', id: KEY }, requestId: JOB });
  }
});

it('asks again with the same keys where what it did was not accounted for', async () => {
  const here = world({
    account: (nth) => {
      if (nth === 1) throw new Problem('unavailable', 'As a kill would have it.');
    },
  });
  await run(here);
  const keys = here.asked.map(({ id, caller }) => `${id} ${caller.idempotency!.key}`);
  expect(keys).toHaveLength(6);
  expect(new Set(keys).size).toBe(3);
  expect(new Set(here.asked.map(({ caller }) => caller.idempotency!.key)).size).toBe(3);
});

it('says nothing of a row that a store which is away kept from an outcome', async () => {
  let away = true;
  const here = world({
    row: () => {
      if (away) throw new Problem('unavailable', 'The store cannot be reached.');
    },
  });
  const running = run(here);
  await sleep(50);
  expect(here.accounts).toEqual([]);
  away = false;
  await running;
  expect(here.accounts).toEqual([{ type: 'progress', first: 0, outcomes: ['', '', ''] }]);
  expect(here.warned).toEqual([]);
});

it('says that a job cannot go on, and tries it again later', async () => {
  const here = world({
    account: (nth) => {
      if (nth === 1) throw new TypeError('A body that cannot be read.');
    },
  });
  const running = run(here);
  await until(() => here.warned.length === 1);
  expect(here.warned[0]).toMatchObject({ job: JOB, error: { name: 'TypeError' } });
  await sleep(100);
  expect(here.accounts).toEqual([]);
  await running;
  expect(here.accounts).toHaveLength(1);
});

it('does nothing in the name of a key that was revoked, and cancels its job', async () => {
  const here = world({ isRevoked: (key) => key === KEY });
  await run(here);
  expect(here.asked).toEqual([]);
  expect(here.accounts).toEqual([{ type: 'cancel' }]);
});

it('leaves a job alone while another process has it', async () => {
  let held = false;
  const here = world({ held: () => held });
  const running = run(here);
  await sleep(50);
  expect(here.asked).toEqual([]);
  held = true;
  await running;
  expect(here.accounts).toHaveLength(1);
});
