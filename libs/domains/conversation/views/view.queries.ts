import { idToBytes, toId } from '../../../platform/kernel/id.js';
import { Problem } from '../../../platform/kernel/problem.js';
import { ListCursor } from '../../../platform/reads/list-cursor.js';
import { type PageQuery, toPage } from '../../../platform/reads/page.js';
import type { ReadPool } from '../../../platform/reads/read-pool.js';
import type { Direction, Sort } from '../search/conversation-order.js';
import type { Filter } from '../search/filter.js';

interface ViewRow {
  id: string;
  name: string;
  owner: string | null;
  filter: string | null;
  sort: Sort;
  direction: Direction;
  archived: boolean;
  created_at: string;
  updated_at: string;
}

/** A view as the API shows it. */
export interface View {
  id: string;
  name: string;
  owner_id: string | null;
  filter: Filter | null;
  sort: Sort;
  order: Direction;
  archived: boolean;
  created_at: string;
  updated_at: string;
}

const COLUMNS = 'v.id, v.name, v.owner, v.filter, v.sort, v.direction, v.archived, v.created_at, v.updated_at';

/** Reads of views; each sees one workspace. */
export class ViewQueries {
  constructor(private readonly reads: ReadPool) {}

  /** Throws `not_found`. */
  async one(workspace: string, id: string): Promise<{ view: View; version: number }> {
    const { rows } = await this.reads.query<ViewRow & { version: number }>(workspace, {
      name: 'one of views',
      text: `select ${COLUMNS}, s.version from conversation.views v join log.streams s on s.stream = v.id where v.id = $1`,
      values: [idToBytes(id)],
    });
    const row = rows[0];
    if (row === undefined) throw new Problem('not_found', `There is no view ${id} in this workspace.`);
    return { view: toView(row), version: row.version };
  }

  /**
   * `owner`: those of one user, those that all share (`none`), or both. `archived`: those that are, those that are not, or both.
   * The last made here first.
   */
  async list(
    workspace: string,
    { owner, archived }: { owner?: string | undefined; archived?: 'true' | 'false' | undefined },
    { limit, cursor }: PageQuery,
  ): Promise<object> {
    const list = new ListCursor('views', workspace, { owner, archived });
    const values: unknown[] = [idToBytes(workspace), limit + 1];
    const conditions = ['v.workspace = $1'];
    const before = list.decode(cursor, 16);
    if (before !== null) conditions.push(`v.id < $${values.push(before)}`);
    if (owner === 'none') conditions.push('v.owner is null');
    else if (owner !== undefined) conditions.push(`v.owner = $${values.push(idToBytes(owner))}`);
    if (archived !== undefined) conditions.push(`v.archived = $${values.push(archived)}`);
    const { rows } = await this.reads.query<ViewRow>(workspace, {
      text: `select ${COLUMNS} from conversation.views v where ${conditions.join(' and ')} order by v.id desc limit $2`,
      values,
    });
    return toPage(rows, limit, toView, (last) => list.encode(idToBytes(toId('vie', last.id))));
  }
}

function toView({ id, owner, filter, direction, ...row }: ViewRow): View {
  return {
    id: toId('vie', id),
    name: row.name,
    owner_id: owner === null ? null : toId('usr', owner),
    filter: filter === null ? null : (JSON.parse(filter) as Filter),
    sort: row.sort,
    order: direction,
    archived: row.archived,
    created_at: row.created_at,
    updated_at: row.updated_at,
  };
}
