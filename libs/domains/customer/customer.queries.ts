import { idToBytes, toId } from '../../platform/kernel/id.js';
import { Problem } from '../../platform/kernel/problem.js';
import { ListCursor } from '../../platform/reads/list-cursor.js';
import { type PageQuery, toPage } from '../../platform/reads/page.js';
import type { ReadPool } from '../../platform/reads/read-pool.js';

interface CustomerRow {
  id: string;
  external_id: string;
  name: string;
  created_at: string;
  updated_at: string;
  version: number;
}

const ROWS = `
  select p.id, p.external_id, p.name, p.created_at, p.updated_at, s.version
    from conversation.customers p join log.streams s on s.stream = p.id`;

/** Reads of customers; each sees one workspace. */
export class CustomerQueries {
  constructor(private readonly reads: ReadPool) {}

  async one(workspace: string, id: string): Promise<{ body: object; version: number }> {
    const { rows } = await this.reads.query<CustomerRow>(workspace, {
      name: 'customer',
      text: `${ROWS} where p.id = $1`,
      values: [idToBytes(id)],
    });
    const row = rows[0];
    if (row === undefined) throw new Problem('not_found', `There is no customer ${id} in this workspace.`);
    return { body: toResource(row), version: row.version };
  }

  async list(workspace: string, externalId: string | undefined, { limit, cursor }: PageQuery): Promise<object> {
    const list = new ListCursor('customers', workspace, { externalId });
    const { rows } = await this.reads.query<CustomerRow>(workspace, {
      text: `${ROWS}
              where p.workspace = $1 and ($2::uuid is null or p.id < $2)
                ${externalId === undefined ? '' : 'and p.external_id = $4'}
              order by p.id desc limit $3`,
      values: [
        idToBytes(workspace),
        list.decode(cursor, 16),
        limit + 1,
        ...(externalId === undefined ? [] : [externalId]),
      ],
    });
    return toPage(rows, limit, toResource, (last) => list.encode(idToBytes(toId('cus', last.id))));
  }
}

function toResource(row: CustomerRow): object {
  return {
    id: toId('cus', row.id),
    external_id: row.external_id,
    name: row.name,
    created_at: row.created_at,
    updated_at: row.updated_at,
  };
}
