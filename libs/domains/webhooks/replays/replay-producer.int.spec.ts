import type { QueryResult, QueryResultRow } from 'pg';
import { newId } from '../../../platform/kernel/id.js';
import type { Connection, SqlStatement } from '../../../platform/postgres/connection.js';
import type { EndpointState } from '../endpoints/endpoint.state.js';
import { type Route, routeOf } from '../fan-out/routes.js';
import { FactLookup } from '../filter/fact-lookup.js';
import { labelAggregate } from '../label.fixture.js';
import { eventHeads } from '../queue/event-heads.js';
import { bodyOf, WebhooksOnTheirOwn } from '../webhooks.fixture.js';
import { ReplayController } from './replay.controller.js';
import { startReplay } from './replay.operations.js';
import { ReplayProducer } from './replay-producer.js';
import { type Replay, replaysUnderWay } from './replay-row.js';

const EVENTS = 1700;

let service: WebhooksOnTheirOwn;
let controller: ReplayController;
let positions: number[];

beforeAll(async () => {
  service = await WebhooksOnTheirOwn.begin();
  controller = new ReplayController(service.ports);
  for (let made = 0; made < EVENTS; made += 100) await Promise.all(Array.from({ length: 100 }, () => label()));
  const { rows } = await service.admin.query(`select position from log.events where type = 'label.created' order by 1`);
  positions = rows.map(({ position }) => Number(position));
});
afterAll(() => service.end());

function label(): Promise<unknown> {
  return service.ports.shell.execute({
    aggregate: labelAggregate,
    caller: service.caller(),
    workspace: service.workspace,
    stream: newId('lbl'),
    command: { name: newId('lbl') },
    respond: () => ({ status: 201, body: {} }),
  });
}

type Session = Pick<Connection, 'query' | 'transaction'>;

/** A session that is lost at every step: first before the server has heard, then before its answer is there. */
class LostSession implements Session {
  private readonly steps = new Map<string, number>();

  constructor(private readonly session: Session) {}

  query<Row extends QueryResultRow>(statement: SqlStatement): Promise<QueryResult<Row>> {
    return this.step(statement.name!, () => this.session.query<Row>(statement));
  }

  transaction(statements: readonly SqlStatement[]): Promise<QueryResult[]> {
    return this.step('transaction', () => this.session.transaction(statements));
  }

  private async step<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
    const step = this.steps.get(name) ?? 0;
    this.steps.set(name, (step + 1) % 3);
    if (step === 0) throw new Error('lost before');
    const result = await work();
    if (step === 1) throw new Error('lost after');
    return result;
  }
}

function producerOn(connection: Session, token: (shard: number) => number | null): ReplayProducer {
  const { writing, feedLog: log, history, installation } = service.ports;
  const { codec } = writing;
  return new ReplayProducer({
    connection,
    log,
    decode: ({ fingerprint, payload }) => codec.decode(fingerprint, payload),
    open: (events) => history.open(events),
    facts: new FactLookup(installation),
    factsReached: async () => undefined,
    tokenOf: token,
  });
}

async function begun(more: object = {}): Promise<{ id: string; endpoint: string; route: Route }> {
  const endpoint = await service.endpoint();
  const body = startReplay.body!.parse({ endpoint_id: endpoint, types: ['label.*'], ...more });
  const { id } = bodyOf(await controller.start({ params: {}, query: {}, body } as never, service.caller()));
  const state = { types: ['*'], filter: null, pin: '' } as unknown as EndpointState;
  return { id, endpoint, route: routeOf({ endpoint, workspace: service.workspace, state, position: 0 }) };
}

async function now(id: string): Promise<Replay> {
  return (await replaysUnderWay(service.ports.installation)).find((one) => one.id === id)!;
}

async function tokens(): Promise<(shard: number) => number> {
  const { rows } = await service.admin.query('select shard, token from webhooks.shards');
  const all = new Map(rows.map(({ shard, token }) => [shard, Number(token)]));
  return (shard) => all.get(shard)!;
}

/** As if all that waits were delivered at this moment. */
async function deliver(endpoint: string): Promise<number[]> {
  const text = 'delete from webhooks.fresh where endpoint = $1::uuid returning position';
  const { rows } = await service.admin.query(text, [endpoint.slice(4)]);
  return rows.map(({ position }) => Number(position)).sort((a, b) => a - b);
}

it('gives the queue each event once and in order, whatever is lost between any two of its steps', async () => {
  const { id, endpoint, route } = await begun();
  const producer = producerOn(new LostSession(service.ports.installation), await tokens());
  const delivered: number[] = [];
  let failures = 0;
  for (let replay = await now(id); replay.position < replay.to; replay = await now(id)) {
    await producer.produce(replay, route).catch(() => failures++);
    delivered.push(...(await deliver(endpoint)));
  }
  expect(failures).toBeGreaterThanOrEqual(4);
  expect(delivered).toEqual(positions);
  expect(await now(id)).toMatchObject({ due: EVENTS, passedOver: 0 });
});

it('the same with what became of the events before looked up on the way', async () => {
  const { id, endpoint, route } = await begun({ only: 'never_attempted' });
  const { feed, writing } = service.ports;
  for (const [position, event] of await eventHeads(feed, writing.codec, [positions[3]!, positions[900]!])) {
    await service.attempt({ endpoint, position, event: event.id });
  }
  const producer = producerOn(new LostSession(service.ports.installation), await tokens());
  const delivered: number[] = [];
  for (let replay = await now(id); replay.position < replay.to; replay = await now(id)) {
    await producer.produce(replay, route).catch(() => undefined);
    delivered.push(...(await deliver(endpoint)));
  }
  expect(delivered).toEqual(positions.filter((_, n) => n !== 3 && n !== 900));
  expect(await now(id)).toMatchObject({ due: EVENTS - 2, passedOver: 2 });
});

it('changes nothing where it has come further already, or the shard is another one’s', async () => {
  const { id, endpoint, route } = await begun();
  const token = await tokens();
  const producer = producerOn(service.ports.installation, token);
  const before = await now(id);
  expect(await producer.produce(before, route)).toBe(true);
  const after = await now(id);
  const first = await deliver(endpoint);
  // As one that did not hear of its commit would begin again, before it is seen.
  expect(await producer.produce(before, route)).toBe(true);
  expect(await now(id)).toEqual(after);
  expect(await deliver(endpoint)).toEqual([]);
  const former = producerOn(service.ports.installation, (shard) => token(shard) - 1);
  await expect(former.produce(after, route)).rejects.toMatchObject({ code: 'HD001' });
  await expect(producerOn(service.ports.installation, () => null).produce(after, route)).rejects.toMatchObject({
    code: 'HD001',
  });
  expect(await now(id)).toEqual(after);
  expect(first).toEqual(positions.slice(0, first.length));
});

it('takes back what waits, and counts it once', async () => {
  const { id, endpoint, route } = await begun();
  const producer = producerOn(service.ports.installation, await tokens());
  await producer.produce(await now(id), route);
  const waiting = await producer.waiting(await now(id), 10_000);
  await controller.cancel({ params: { id }, query: {}, body: {} } as never, service.caller());
  await producer.takeBack(await now(id));
  expect(await deliver(endpoint)).toEqual([]);
  // An attempt that was under way then has failed.
  await service.admin.query(
    `insert into webhooks.waiting (endpoint, run, position, workspace, stream, pin, attempts, state, due_at)
     values ($1::uuid, 1, 1, $2::uuid, $1::uuid, '', 1, 'retry', now())`,
    [endpoint.slice(4), service.workspace.slice(4)],
  );
  await producer.takeBack(await now(id));
  const read = bodyOf(await controller.get({ params: { id }, query: {}, body: null } as never, service.caller()));
  expect(read).toMatchObject({ status: 'cancelled', due: waiting, taken_back: waiting, delivered: 0, waiting: 0 });
});
