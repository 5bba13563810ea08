import { idToBytes, toId } from '../../../platform/kernel/id.js';
import { Problem } from '../../../platform/kernel/problem.js';
import { ListCursor } from '../../../platform/reads/list-cursor.js';
import { type PageQuery, toPage } from '../../../platform/reads/page.js';
import type { ReadPool } from '../../../platform/reads/read-pool.js';
import { shownColumns, shownRow } from '../../../platform/reads/resource-reads.js';
import { customers } from '../customer.queries.js';
import { hexOf, type Joined } from '../merges/joined-customers.js';

const MEMBERS = {
  com: { table: 'customer_companies', column: 'company', things: 'companies', noun: 'company' },
  ten: { table: 'customer_tenants', column: 'tenant', things: 'tenants', noun: 'tenant' },
} as const;
type MemberOf = keyof typeof MEMBERS;

/** Reads of who belongs to companies and tenants; each sees one workspace. */
export class MembershipQueries {
  constructor(private readonly reads: ReadPool) {}

  /** Who of several belongs to a company or a tenant, the survivor first; null for none of them. */
  async memberOf(workspace: string, { survivor, ids }: Joined, prefix: MemberOf, of: string): Promise<string | null> {
    const { table, column } = MEMBERS[prefix];
    const { rows } = await this.reads.query<{ customer: string }>(workspace, {
      name: `member_of_${column}`,
      text: `select customer from conversation.${table} where ${column} = $1 and customer = any ($2::uuid[])
              order by customer`,
      values: [idToBytes(of), hexOf(ids)],
    });
    const members = rows.map(({ customer }) => toId('cus', customer));
    return members.find((id) => id === survivor) ?? members[0] ?? null;
  }

  /** A page of who belongs to a company or a tenant, the last made here first. Throws `not_found`. */
  async membersOf(workspace: string, prefix: MemberOf, of: string, { limit, cursor }: PageQuery): Promise<object> {
    const { table, column, things, noun } = MEMBERS[prefix];
    const list = new ListCursor(table, workspace, { of });
    const before = list.decode(cursor, 16);
    const [known, { rows }] = await Promise.all([
      this.reads.query(workspace, {
        name: `${noun}_exists`,
        text: `select from conversation.${things} where id = $1`,
        values: [idToBytes(of)],
      }),
      this.reads.query<{ id: string }>(workspace, {
        text: `select ${shownColumns(customers)} from conversation.${table} m join conversation.customers r on r.id = m.customer
                where m.${column} = $1 ${before === null ? '' : 'and m.customer < $3'}
                order by m.customer desc limit $2`,
        values: [idToBytes(of), limit + 1, ...(before === null ? [] : [before])],
      }),
    ]);
    if (known.rows.length === 0) throw new Problem('not_found', `There is no ${noun} ${of} in this workspace.`);
    return toPage(
      rows,
      limit,
      (row) => shownRow(customers, row),
      (last) => list.encode(idToBytes(toId('cus', last.id))),
    );
  }

  /** Throws `archived`. What does not exist is the shell's to refuse. */
  async requireInUse(workspace: string, prefix: MemberOf, id: string): Promise<void> {
    const { things } = MEMBERS[prefix];
    const { rows } = await this.reads.query<{ name: string }>(workspace, {
      name: `archived_of_${things}`,
      text: `select name from conversation.${things} where id = $1 and archived`,
      values: [idToBytes(id)],
    });
    const [found] = rows;
    if (found !== undefined) throw new Problem('archived', `${id} ("${found.name}") is archived. Restore it first.`);
  }
}
