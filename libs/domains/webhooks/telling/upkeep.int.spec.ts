import { newId } from '../../../platform/kernel/id.js';
import { until } from '../../../platform/testing/until.js';
import { KnownRoutes } from '../fan-out/known-routes.js';
import { Routes } from '../fan-out/routes.js';
import { ReplayController } from '../replays/replay.controller.js';
import { startReplay } from '../replays/replay.operations.js';
import { WebhooksOnTheirOwn } from '../webhooks.fixture.js';
import { Upkeep } from './upkeep.js';

const ROUNDS = 40;
const MINUTES = 60_000;

let service: WebhooksOnTheirOwn;
beforeEach(async () => {
  service = await WebhooksOnTheirOwn.begin();
});
afterEach(() => service.end());

async function remove(id: string): Promise<void> {
  await service.controller.delete({ params: { id }, query: {}, body: {} } as never, service.caller());
}

/** What a process knows, with its clock. */
function processWith(clock: { now: number }) {
  const routes = new Routes();
  const gone: string[] = [];
  const known = new KnownRoutes(routes, {
    connection: service.ports.installation,
    changed: () => undefined,
    gone: (endpoint) => void gone.push(endpoint),
    now: () => clock.now,
  });
  return { routes, known, gone };
}

function upkeepOf({ routes, known }: ReturnType<typeof processWith>, clock: { now: number }, finished: string[]) {
  return new Upkeep({
    shell: service.ports.shell,
    connection: service.ports.installation,
    shards: () => [],
    tokenOf: () => null,
    eventsAt: async () => new Map(),
    deletedEndpoints: () => [...routes.all()].filter(({ state }) => state.deleted).map(({ endpoint }) => endpoint),
    finish: async (endpoint) => void finished.push(endpoint),
    forget: (endpoint) => known.forget(endpoint),
    now: () => clock.now,
    trouble: (error) => {
      throw error;
    },
  });
}

async function count(table: string): Promise<number> {
  const { rows } = await service.admin.query(`select count(*)::integer as count from webhooks.${table}`);
  return rows[0].count;
}

it('forgets endpoints that are deleted: what is in the tables and in memory is of those that live', async () => {
  const living = [await service.endpoint({ types: ['label.*'] }), await service.endpoint({ types: ['label.*'] })];
  for (let round = 0; round < ROUNDS; round++) {
    await remove(await service.endpoint({ types: ['message.*'], description: 'one of many' }));
  }
  await service.fanOut();
  // As an attempt leaves it that ended after its endpoint was deleted.
  await service.admin.query(`
    insert into webhooks.health (endpoint, workspace, failing_since, hours, last_hour)
    select endpoint, workspace, now(), 1, 1 from webhooks.routes`);
  const { rows } = await service.admin.query(`select state from webhooks.routes where state like '%"deleted":true%'`);
  expect(rows).toHaveLength(ROUNDS);
  for (const { state } of rows) {
    expect(JSON.parse(state)).toMatchObject({ url: '', description: null, types: [], filter: null, pin: '' });
  }

  const clock = { now: 0 };
  const [owner, other] = [processWith(clock), processWith(clock)];
  for (const { known } of [owner, other]) await known.readAnew();
  expect(other.routes.size).toBe(ROUNDS + living.length);
  const finished: string[] = [];
  const upkeep = upkeepOf(owner, clock, finished);
  upkeep.begin();
  await until(async () => (await count('health')) === living.length);
  clock.now += 4 * MINUTES;
  await new Promise((resolve) => setTimeout(resolve, 1500));
  // Others may still have to read that they are deleted, and nothing is left to remove.
  expect(await count('routes')).toBe(ROUNDS + living.length);
  expect(finished).toHaveLength(ROUNDS);
  clock.now += MINUTES;
  await until(async () => (await count('routes')) === living.length && owner.routes.size === living.length);
  await upkeep.end();
  await other.known.readOn();
  expect(other.gone).toHaveLength(ROUNDS);
  for (const { routes } of [owner, other]) {
    expect([...routes.all()].map(({ endpoint }) => endpoint).sort()).toEqual(living.sort());
    expect(routes.wantingOf(service.workspace, 'label.created')).toHaveLength(living.length);
  }
});

it('keeps the row of one that has a replay which is yet to be cancelled', async () => {
  const id = await service.endpoint();
  const body = startReplay.body!.parse({ endpoint_id: id, types: ['label.*'] });
  await new ReplayController(service.ports).start({ params: {}, query: {}, body } as never, service.caller());
  await remove(id);
  await service.fanOut();
  const clock = { now: 0 };
  const owner = processWith(clock);
  await owner.known.readAnew();
  const finished: string[] = [];
  const upkeep = upkeepOf(owner, clock, finished);
  upkeep.begin();
  await until(() => finished.length === 1);
  clock.now += 5 * MINUTES;
  await until(() => finished.length === 2);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  expect([await count('routes'), owner.routes.size]).toEqual([1, 1]);
  await service.admin.query(`update webhooks.webhook_replays set status = 'cancelled'`);
  clock.now += 5 * MINUTES;
  await until(async () => (await count('routes')) === 0 && owner.routes.size === 0);
  await upkeep.end();
});

it('leaves out, when all is read anew, what others deleted and forgot while a process saw nothing', async () => {
  const id = await service.endpoint({ types: ['label.*'] });
  await service.fanOut();
  const stale = processWith({ now: 0 });
  await stale.known.readAnew();
  expect(stale.routes.wantingOf(service.workspace, 'label.created')).toHaveLength(1);
  await service.admin.query('delete from webhooks.routes');
  await stale.known.readAnew();
  expect(stale.gone).toEqual([id]);
  expect(stale.routes.wantingOf(service.workspace, 'label.created')).toEqual([]);
  // What was taken back by a crash of the store counts as the rows have it.
  await service.fanOut();
  await stale.known.readAnew();
  const [route] = [...stale.routes.all()];
  stale.known.take({ ...route!, position: route!.position + 1, workspace: newId('wsp') });
  await stale.known.readAnew();
  expect(stale.routes.get(id)).toMatchObject({ position: route!.position, workspace: service.workspace });
});
