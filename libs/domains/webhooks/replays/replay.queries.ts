import { idToBytes } from '../../../platform/kernel/id.js';
import type { PageQuery } from '../../../platform/reads/page.js';
import type { ReadPool } from '../../../platform/reads/read-pool.js';
import { type Resource, ResourceReads } from '../../../platform/reads/resource-reads.js';

const progress = (column: string) => `(select p.${column} from webhooks.replays_progress p where p.replay = r.id)`;
/** Bounded by what a replay may have in the queue. */
const rowsIn = (table: string) =>
  `(select count(*) from webhooks.${table} q where q.endpoint = r.endpoint and q.run = r.run)`;
const DUE = `coalesce(r.due, ${progress('due')}, 0)`;
const WAITING = `${rowsIn('fresh')} + ${rowsIn('waiting')}`;
const GIVEN_UP = rowsIn('webhook_dead_letters').replace(/\)$/, ' and q.run > 0)');
const TAKEN_BACK = `coalesce(${progress('taken_back')}, 0)`;

const REPLAYS: Resource = {
  service: 'webhooks',
  table: 'webhook_replays',
  prefix: 'rpl',
  noun: 'webhook replay',
  columns: ['run', 'status', 'types', 'from_position', 'to_position', 'created_at', 'updated_at', 'ended_at'],
  ids: { endpoint_id: 'whe' },
  derived: {
    endpoint_id: 'r.endpoint',
    only: 'r.selection',
    filter: 'r.filter::json',
    position: `case r.status when 'finished' then r.to_position
               else coalesce(${progress('position')}, r.from_position - 1) end`,
    due: DUE,
    // What was told of a moment ago may be in two places.
    delivered: `greatest(0, ${DUE} - (${WAITING}) - ${GIVEN_UP} - ${TAKEN_BACK})`,
    waiting: WAITING,
    given_up: GIVEN_UP,
    passed_over: `coalesce(r.passed_over, ${progress('passed_over')}, 0)`,
    taken_back: TAKEN_BACK,
  },
};

/** Reads of replays; each sees one workspace. */
export class ReplayQueries {
  private readonly replays: ResourceReads;

  constructor(private readonly reads: ReadPool) {
    this.replays = new ResourceReads(reads, REPLAYS);
  }

  /** Throws `not_found`. */
  one(workspace: string, id: string): Promise<{ body: object; version: number }> {
    return this.replays.one(workspace, id);
  }

  /** The last started here first. */
  list(
    workspace: string,
    { endpoint_id: endpoint, status }: { endpoint_id?: string | undefined; status?: string | undefined },
    page: PageQuery,
  ): Promise<object> {
    return this.replays.list(workspace, undefined, page, {
      'r.endpoint =': endpoint === undefined ? undefined : idToBytes(endpoint),
      'r.status =': status,
    });
  }

  /** How many are running, counted as far as `most`. */
  async running(workspace: string, most: number): Promise<number> {
    const { rows } = await this.reads.query<{ count: number }>(workspace, {
      name: 'count of running replays',
      text: `select count(*)::integer as count
               from (select from webhooks.webhook_replays
                      where workspace = $1 and status = 'running' limit $2) as running`,
      values: [idToBytes(workspace), most],
    });
    return rows[0]!.count;
  }
}
