import pg from 'pg';
import { newId } from '../../../platform/kernel/id.js';
import { until } from '../../../platform/testing/until.js';
import { WebhooksOnTheirOwn } from '../webhooks.fixture.js';
import { AttemptRetention } from './attempt-retention.js';
import { Retention } from './retention.js';

const DAY_MS = 24 * 60 * 60 * 1000;
const NEVER = new AbortController().signal;
const before = Date.now() - 30 * DAY_MS;

let service: WebhooksOnTheirOwn;
let endpoint: string;
beforeAll(async () => {
  service = await WebhooksOnTheirOwn.begin();
});
afterAll(() => service.end());
beforeEach(async () => {
  service.workspace = newId('wsp');
  endpoint = await service.endpoint();
  for (const table of ['attempts', 'bodies', 'fresh', 'waiting']) {
    await service.admin.query(`delete from webhooks.${table}`);
  }
});

const idAt = (ms: number, n: number) =>
  `${ms.toString(16).padStart(12, '0')}70008000${n.toString(16).padStart(12, '0')}`;
const numbers = async (sql: string): Promise<number[]> =>
  (await service.admin.query(sql)).rows.map((row) => Number(Object.values(row)[0]));

async function attempts(of: string, count: number, ms: number): Promise<void> {
  await service.admin.query(
    `insert into webhooks.attempts (endpoint, id, workspace, run, position, event, type, stream, number, duration_ms, taken)
     select $1, id, $2, 0, n, gen_random_uuid(), 'label.created', gen_random_uuid(), 1, 1, true
       from unnest($3::uuid[]) with ordinality e(id, n)`,
    [of.slice(4), service.workspace.slice(4), Array.from({ length: count }, (_, n) => idAt(ms, n))],
  );
}
async function body(position: number, ms: number, pin = ''): Promise<void> {
  await service.admin.query(`insert into webhooks.bodies values ($1, $2, $3, '\\x00', $4)`, [
    position,
    pin,
    service.workspace.slice(4),
    new Date(ms),
  ]);
}
async function due(table: 'fresh' | 'waiting', of: string, run: number, position: number): Promise<void> {
  const [columns, values] = table === 'fresh' ? ['', ''] : [', attempts, state, due_at', `, 1, 'parked', now()`];
  await service.admin.query(
    `insert into webhooks.${table} (endpoint, run, position, workspace, stream, pin${columns})
     values ($1, $2, $3, $4, $1, ''${values})`,
    [of.slice(4), run, position, service.workspace.slice(4)],
  );
}

it('removes attempts that are too old, of every endpoint, a few at a time, and no others', async () => {
  const other = await service.endpoint();
  for (const one of [endpoint, other]) {
    await attempts(one, 25, before - 1);
    await attempts(one, 3, before);
  }
  await new Retention(service.ports.installation, 10).sweep(before, NEVER);
  expect(await numbers('select count(*) from webhooks.attempts group by endpoint')).toEqual([3, 3]);
});

it('removes old bodies, but for those of which somebody is yet to have the event', async () => {
  for (let position = 1001; position <= 1030; position++) await body(position, before - 1);
  await body(1031, before + 1000);
  await due('fresh', endpoint, 0, 1003);
  await due('fresh', endpoint, 7, 1017);
  await due('waiting', await service.endpoint(), 2, 1029);
  await new Retention(service.ports.installation, 4).sweep(before, NEVER);
  expect(await numbers('select position from webhooks.bodies order by 1')).toEqual([1003, 1017, 1029, 1031]);
});

// Caught when: each round reads all that is kept.
it('looks at no body of what was recorded later', async () => {
  await service.admin.query('update log.events set recorded_at = now()');
  for (const position of await numbers('select position from log.events order by 1')) {
    await body(position, Date.now());
    await body(position, Date.now(), 'label.created@1.0');
  }
  await body(1_000_000, before - 1);
  await new Retention(service.ports.installation, 2).sweep(before, NEVER);
  expect(await numbers('select count(*) from webhooks.bodies where position = 1000000')).toEqual([1]);
});

it('leaves it to the process that is at it, and begins by itself', async () => {
  await attempts(endpoint, 5, before - DAY_MS);
  const other = new pg.Client({ connectionString: service.databaseUrl });
  await other.connect();
  await other.query('begin');
  await other.query(`select pg_advisory_xact_lock(hashtextextended('webhooks retention', 4851))`);
  await new Retention(service.ports.installation).sweep(before, NEVER);
  expect(await numbers('select count(*) from webhooks.attempts')).toEqual([5]);
  await other.end();
  const provider = new AttemptRetention(service.ports);
  provider.onApplicationBootstrap();
  await until(async () => (await numbers('select count(*) from webhooks.attempts'))[0] === 0);
  await provider.onModuleDestroy();
});
