import { idToBytes } from '../../../platform/kernel/id.js';
import type { Connection, SqlStatement } from '../../../platform/postgres/connection.js';
import { arraysOf, type Columns, count, int8, real, text, unnest, uuid } from '../../../platform/projections/column.js';
import { type Bodies, type MadeBody, nameOf } from '../bodies/bodies.js';
import { type Attempt, type DeliveryStore, LeaseLost } from '../delivery/delivery-store.js';
import { type Change, type Due, type Lease, type Load, newDue, type Retry } from '../delivery/due.js';
import type { Backlog } from '../delivery/endpoint-line.js';
import type { WaitingLane } from '../delivery/lanes.js';
import { attemptRows, type KeptAnswer } from './attempt-rows.js';
import type { EndpointHealths } from './endpoint-healths.js';
import { healthOf, readHealth } from './health-rows.js';
import { hasChangedHands, holdLeases } from './hold-shards.js';
import { shardOf } from './shard.js';

export interface PostgresQueueOptions {
  /** For what is written: one transaction at a time. */
  writes: Connection;
  reads: Connection;
  bodies: Pick<Bodies, 'read' | 'readFirst' | 'keep'>;
  workspaceOf(endpoint: string): string;
  /** Whether an endpoint was not forgotten since it was deleted. */
  isKnown(endpoint: string): boolean;
  healths: EndpointHealths;
  /** Told of what was written. */
  written(changes: readonly Change[]): void;
  /** The clock of the lines, ms. */
  now(): number;
}

interface Row {
  run: number;
  position: number;
  stream: string;
  pin: string;
  attempts: number;
}

interface RetryRow extends Row {
  due_in_ms: number;
}

const MOST_KEPT_BYTES = 16 * 1024 * 1024;
const FRESH = `
  select run, position, stream, pin, 0 as attempts from webhooks.fresh
   where endpoint = $1 and run = $2 and position > $3 order by position limit $4`;
const RETRIES = `
  select run, position, stream, pin, attempts, extract(epoch from due_at - clock_timestamp())::float8 * 1000 as due_in_ms
    from webhooks.waiting
   where endpoint = $1 and state = 'retry' order by due_at limit $2`;
const LANE = `
  select run, position, stream, pin, attempts from webhooks.waiting
   where endpoint = $1 and run = $2 and stream = $3 and state = 'behind' order by position limit $4`;
/** The first of each lane tells what it waits for: one lane after the other, however much waits in each. */
const LANES = `
  with recursive lanes as (
    (select run, stream, state from webhooks.waiting where endpoint = $1 and state <> 'given_up'
      order by run, stream, position limit 1)
    union all
    select n.run, n.stream, n.state
      from lanes l cross join lateral (
        select run, stream, state from webhooks.waiting w
         where w.endpoint = $1 and (w.run, w.stream) > (l.run, l.stream) and w.state <> 'given_up'
         order by w.run, w.stream, w.position limit 1) n
  )
  select run, stream, state from lanes`;
const RUNS = `
  with recursive runs as (
    (select run from webhooks.fresh where endpoint = $1 order by run limit 1)
    union all
    select n.run from runs r cross join lateral (
      select run from webhooks.fresh f where f.endpoint = $1 and f.run > r.run order by f.run limit 1) n
  )
  select run from runs`;
const HAS_RETRIES = `select exists (select from webhooks.waiting where endpoint = $1 and state = 'retry') as has`;

const KEYS: Columns<Change> = {
  endpoint: uuid(({ endpoint }) => endpoint),
  run: count(({ due }) => due.run),
  position: int8(({ due }) => due.position),
};

interface WaitingChange extends Change {
  workspace: string;
}

const WAITING: Columns<WaitingChange> = {
  endpoint: uuid(({ endpoint }) => endpoint),
  run: count(({ due }) => due.run),
  position: int8(({ due }) => due.position),
  workspace: uuid(({ workspace }) => workspace),
  stream: uuid(({ due }) => due.lane),
  pin: text(({ due }) => due.pin),
  attempts: count(({ due }) => due.attempts),
  state: text(({ to }) => to),
  due_in_ms: real(({ inMs }) => inMs),
};

const REMOVE = (table: string): string => `
  delete from webhooks.${table} t using ${unnest(KEYS)}
   where t.endpoint = e.endpoint and t.run = e.run and t.position = e.position`;
const MOVE = `
  insert into webhooks.waiting as t (endpoint, run, position, workspace, stream, pin, attempts, state, due_at)
  select e.endpoint, e.run, e.position, e.workspace, e.stream, e.pin, e.attempts, e.state,
         clock_timestamp() + make_interval(secs => e.due_in_ms / 1000)
    from ${unnest(WAITING)} order by 1, 2, 3
  on conflict (endpoint, run, position) do update
    set attempts = excluded.attempts, state = excluded.state, due_at = excluded.due_at, told = false`;

/** What is due, in Postgres: read a page at a time, written many results at a time, each under the tokens of its shards. */
export class PostgresQueue implements DeliveryStore<KeptAnswer> {
  constructor(private readonly options: PostgresQueueOptions) {}

  async backlog(endpoint: string): Promise<Backlog> {
    const { reads, healths } = this.options;
    const values = [idToBytes(endpoint)];
    const [runs, retries, lanes, health] = await Promise.all([
      reads.query<{ run: number }>({ name: 'backlog_runs', text: RUNS, values }),
      reads.query<{ has: boolean }>({ name: 'backlog_retries', text: HAS_RETRIES, values }),
      this.waitingLanes(endpoint),
      reads.query(readHealth(endpoint)),
    ]);
    healths.set(endpoint, healthOf(health.rows));
    return { runs: runs.rows.map(({ run }) => run), hasRetries: retries.rows[0]!.has, lanes };
  }

  async fresh(endpoint: string, { run, after, limit }: Extract<Load, { kind: 'fresh' }>): Promise<Due[]> {
    const values = [idToBytes(endpoint), run, after, limit];
    const { rows } = await this.options.reads.query<Row>({ name: 'read_fresh', text: FRESH, values });
    const dues = rows.map((row) => dueOf(row, 'fresh'));
    await this.readFirst(dues);
    return dues;
  }

  async retries(endpoint: string, { limit }: Extract<Load, { kind: 'retries' }>): Promise<Retry[]> {
    const { reads, now } = this.options;
    const values = [idToBytes(endpoint), limit];
    const { rows } = await reads.query<RetryRow>({ name: 'read_retries', text: RETRIES, values });
    const at = now();
    return rows.map((row) => ({ due: dueOf(row, 'waiting'), at: at + row.due_in_ms }));
  }

  async lane(endpoint: string, { run, lane, limit }: Extract<Load, { kind: 'lane' }>): Promise<Due[]> {
    const values = [idToBytes(endpoint), run, Buffer.from(lane, 'hex'), limit];
    const { rows } = await this.options.reads.query<Row>({ name: 'read_lane', text: LANE, values });
    const dues = rows.map((row) => dueOf(row, 'waiting'));
    await this.readFirst(dues);
    return dues;
  }

  async waitingLanes(endpoint: string): Promise<WaitingLane[]> {
    const { rows } = await this.options.reads.query<{ run: number; stream: string; state: string }>({
      name: 'waiting_lanes',
      text: LANES,
      values: [idToBytes(endpoint)],
    });
    return rows.map(({ run, stream, state }) => ({
      run,
      lane: stream.replaceAll('-', ''),
      state: state === 'retry' ? 'blocked' : state === 'parked' ? 'parked' : 'draining',
    }));
  }

  async readMessages(dues: readonly Due[]): Promise<void> {
    const messages = await this.options.bodies.read(dues);
    for (const due of dues) due.message = messages.get(nameOf(due)) ?? null;
  }

  /** Beforehand; the rest is read when it is its turn. */
  private async readFirst(dues: readonly Due[]): Promise<void> {
    if (dues.length === 0) return;
    const messages = await this.options.bodies.readFirst(dues);
    for (const due of dues) due.message = messages.get(nameOf(due)) ?? null;
  }

  async commit(changes: readonly Change[], attempts: readonly Attempt<KeptAnswer>[]): Promise<void> {
    const leases = new Set([...changes, ...attempts].map(({ lease }) => lease));
    const forgotten = [...leases].filter(({ endpoint }) => !this.options.isKnown(endpoint));
    if (forgotten.length > 0) throw new LeaseLost(forgotten);
    const statements = [holdLeases(leases), ...this.changesOf(changes)];
    if (attempts.length > 0) statements.push(attemptRows(attempts, this.options.workspaceOf));
    const again = this.toBeSentAgain(attempts);
    if (again.length > 0) statements.push(this.options.bodies.keep(again));
    const health = this.options.healths.after(attempts);
    statements.push(...health.statements);
    try {
      await this.options.writes.transaction(statements);
    } catch (error) {
      if (!hasChangedHands(error)) throw error;
      throw new LeaseLost(await this.lost(leases));
    }
    health.written();
    this.options.written(changes);
  }

  private changesOf(changes: readonly Change[]): SqlStatement[] {
    const statements: SqlStatement[] = [];
    const gone = changes.filter(({ to }) => to === 'gone');
    const stays = changes.filter(({ to }) => to !== 'gone');
    const remove = (table: 'fresh' | 'waiting', rows: readonly Change[]): void => {
      if (rows.length === 0) return;
      statements.push({ name: `remove ${table}`, text: REMOVE(table), values: arraysOf(KEYS, rows) });
    };
    if (stays.length > 0) {
      const rows = stays.map((change) => ({ ...change, workspace: this.options.workspaceOf(change.endpoint) }));
      statements.push({ name: 'move to waiting', text: MOVE, values: arraysOf(WAITING, rows) });
    }
    remove(
      'fresh',
      changes.filter(({ due }) => due.table === 'fresh'),
    );
    remove(
      'waiting',
      gone.filter(({ due }) => due.table === 'waiting'),
    );
    return statements;
  }

  /** What was not taken, and is not kept yet: each later attempt is to have the same bytes. */
  private toBeSentAgain(attempts: readonly Attempt<KeptAnswer>[]): MadeBody[] {
    const bodies = new Map<string, MadeBody>();
    let bytes = 0;
    for (const { endpoint, due, message, answer } of attempts) {
      if (answer.taken || message.isKept || bodies.has(nameOf(due))) continue;
      bytes += message.body.length;
      // A writing that is too large for its time would be tried again for ever. What is left is kept after its next attempt.
      if (bytes > MOST_KEPT_BYTES) break;
      const { position, pin } = due;
      bodies.set(nameOf(due), { workspace: this.options.workspaceOf(endpoint), position, pin, message });
    }
    return [...bodies.values()];
  }

  private async lost(leases: ReadonlySet<Lease>): Promise<Lease[]> {
    const { rows } = await this.options.writes.query<{ shard: number; token: number }>({
      text: 'select shard, token from webhooks.shards',
    });
    const tokens = new Map(rows.map(({ shard, token }) => [shard, Number(token)]));
    return [...leases].filter(({ endpoint, token }) => tokens.get(shardOf(endpoint)) !== token);
  }
}

function dueOf({ run, position, stream, pin, attempts }: Row, table: Due['table']): Due {
  return newDue({ run, position: Number(position), lane: stream.replaceAll('-', ''), pin }, table, attempts);
}
