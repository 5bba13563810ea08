import { idToBytes, toId } from '../../../platform/kernel/id.js';
import { ListCursor } from '../../../platform/reads/list-cursor.js';
import { type PageQuery, toPage } from '../../../platform/reads/page.js';
import type { ReadPool } from '../../../platform/reads/read-pool.js';
import { type Resource, ResourceReads } from '../../../platform/reads/resource-reads.js';

const jobs: Resource = {
  service: 'conversation',
  table: 'jobs',
  prefix: 'job',
  noun: 'job',
  columns: ['kind', 'status', 'total', 'done', 'failed', 'created_at', 'updated_at', 'ended_at'],
  derived: { patch: 'r.body::json', created_by: "json_build_object('type', r.actor_type, 'id', r.actor)" },
};

interface RowRow {
  n: number;
  conversation: string;
  outcome: string | null;
}

export const ROW_STATUSES = ['pending', 'done', 'failed', 'cancelled'] as const;
type RowStatus = (typeof ROW_STATUSES)[number];

/** Reads of jobs; each sees one workspace. */
export class JobQueries {
  private readonly jobs: ResourceReads;

  constructor(private readonly reads: ReadPool) {
    this.jobs = new ResourceReads(reads, jobs);
  }

  /** Throws `not_found`. */
  one(workspace: string, id: string): Promise<{ body: object; version: number }> {
    return this.jobs.one(workspace, id);
  }

  /** How many are running, counted as far as `most`. */
  async running(workspace: string, most: number): Promise<number> {
    const { rows } = await this.reads.query<{ count: number }>(workspace, {
      name: 'count of running jobs',
      text: `select count(*)::integer as count
               from (select from conversation.jobs where workspace = $1 and status = 'running' limit $2) as running`,
      values: [idToBytes(workspace), most],
    });
    return rows[0]!.count;
  }

  /** The last made here first. */
  list(workspace: string, status: string | undefined, page: PageQuery): Promise<object> {
    return this.jobs.list(workspace, undefined, page, { 'status =': status });
  }

  /** What became of each conversation, in the order in which they are changed. Throws `not_found`. */
  async rows(
    workspace: string,
    id: string,
    only: RowStatus | undefined,
    { limit, cursor }: PageQuery,
  ): Promise<object> {
    const list = new ListCursor('job rows', workspace, { id, only });
    const after = list.decodeNumber(cursor);
    const { body } = await this.one(workspace, id);
    const rest: RowStatus = (body as { status: string }).status === 'cancelled' ? 'cancelled' : 'pending';
    if ((only === 'pending' || only === 'cancelled') && only !== rest) return { data: [], next_cursor: null };
    const condition = { done: "= ''", failed: "<> ''", pending: 'is null', cancelled: 'is null' };
    const { rows } = await this.reads.query<RowRow>(workspace, {
      text: `select n, conversation, outcome from conversation.job_rows
              where job = $1 and n > $2 ${only === undefined ? '' : `and outcome ${condition[only]}`} order by n limit $3`,
      values: [idToBytes(id), after ?? -1, limit + 1],
    });
    const shown = ({ conversation, outcome }: RowRow) => ({
      conversation_id: toId('conv', conversation),
      status: outcome === null ? rest : outcome === '' ? 'done' : 'failed',
      code: outcome === '' ? null : outcome,
    });
    return toPage(rows, limit, shown, ({ n }) => list.encodeNumber(n));
  }
}
