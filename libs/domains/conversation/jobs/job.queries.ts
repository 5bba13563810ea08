import { idToBytes, toId } from '../../../platform/kernel/id.js';
import { Problem } from '../../../platform/kernel/problem.js';
import { ListCursor } from '../../../platform/reads/list-cursor.js';
import { type PageQuery, toPage } from '../../../platform/reads/page.js';
import type { ReadPool } from '../../../platform/reads/read-pool.js';

interface JobRow {
  id: string;
  kind: string;
  body: string;
  status: 'running' | 'finished' | 'cancelled';
  total: number;
  actor_type: string;
  actor: string;
  done: number;
  failed: number;
  created_at: string;
  updated_at: string;
  ended_at: string | null;
}

interface RowRow {
  n: number;
  conversation: string;
  outcome: string | null;
}

export const ROW_STATUSES = ['pending', 'done', 'failed', 'cancelled'] as const;
type RowStatus = (typeof ROW_STATUSES)[number];

const COLUMNS =
  'j.id, j.kind, j.body, j.status, j.total, j.done, j.failed, j.actor_type, j.actor, j.created_at, j.updated_at, j.ended_at';

/** Reads of jobs; each sees one workspace. */
export class JobQueries {
  constructor(private readonly reads: ReadPool) {}

  /** Throws `not_found`. */
  async one(workspace: string, id: string): Promise<{ job: object; status: JobRow['status']; version: number }> {
    const { rows } = await this.reads.query<JobRow & { version: number }>(workspace, {
      name: 'one of jobs',
      text: `select ${COLUMNS}, s.version from conversation.jobs j join log.streams s on s.stream = j.id where j.id = $1`,
      values: [idToBytes(id)],
    });
    const row = rows[0];
    if (row === undefined) throw new Problem('not_found', `There is no job ${id} in this workspace.`);
    return { job: toJob(row), status: row.status, version: row.version };
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
  async list(workspace: string, status: string | undefined, { limit, cursor }: PageQuery): Promise<object> {
    const list = new ListCursor('jobs', workspace, { status });
    const values: unknown[] = [idToBytes(workspace), limit + 1];
    const conditions = ['j.workspace = $1'];
    const before = list.decode(cursor, 16);
    if (before !== null) conditions.push(`j.id < $${values.push(before)}`);
    if (status !== undefined) conditions.push(`j.status = $${values.push(status)}`);
    const { rows } = await this.reads.query<JobRow>(workspace, {
      text: `select ${COLUMNS} from conversation.jobs j where ${conditions.join(' and ')} order by j.id desc limit $2`,
      values,
    });
    return toPage(rows, limit, toJob, (last) => list.encode(idToBytes(toId('job', last.id))));
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
    const { status } = await this.one(workspace, id);
    const rest: RowStatus = status === 'cancelled' ? 'cancelled' : 'pending';
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

function toJob({ id, kind, body, ...row }: JobRow): object {
  return {
    id: toId('job', id),
    kind,
    patch: JSON.parse(body),
    status: row.status,
    total: row.total,
    done: row.done,
    failed: row.failed,
    created_by: { type: row.actor_type, id: row.actor },
    created_at: row.created_at,
    updated_at: row.updated_at,
    ended_at: row.ended_at,
  };
}
