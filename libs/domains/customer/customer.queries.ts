import { idToBytes, toId } from '../../platform/kernel/id.js';
import { Problem } from '../../platform/kernel/problem.js';
import { ListCursor } from '../../platform/reads/list-cursor.js';
import { type PageQuery, toPage } from '../../platform/reads/page.js';
import type { ReadPool } from '../../platform/reads/read-pool.js';
import {
  type Resource,
  ResourceReads,
  type RowCondition,
  shownColumns,
  shownRow,
} from '../../platform/reads/resource-reads.js';
import { shownFields } from './fields/field-tables.js';
import { shownIdentities } from './identities/identity.queries.js';
import { type Joined, joinedCustomers } from './merges/joined-customers.js';

export const customers: Resource = {
  service: 'conversation',
  table: 'customers',
  prefix: 'cus',
  noun: 'customer',
  columns: [
    'external_id',
    'name',
    'language',
    'time_zone',
    'placeholder',
    'merged_into_id',
    'undo_until',
    'created_at',
    'updated_at',
  ],
  ids: { merged_into_id: 'cus' },
  derived: shownFields,
};

const MEMBERS = {
  com: { table: 'customer_companies', column: 'company', things: 'companies', noun: 'company' },
  ten: { table: 'customer_tenants', column: 'tenant', things: 'tenants', noun: 'tenant' },
} as const;
type MemberOf = keyof typeof MEMBERS;

interface CustomerRow {
  id: string;
  merged_into_id: string | null;
}

interface MembershipsRow {
  companies: string[];
  tenants: string[];
}

const MEMBERSHIPS = `
  select array(select distinct m.company from conversation.customer_companies m
                where m.customer = any ($1::uuid[]) order by m.company) as companies,
         array(select distinct m.tenant from conversation.customer_tenants m
                where m.customer = any ($1::uuid[]) order by m.tenant) as tenants`;

/** Reads of customers; each sees one workspace and never writes. */
export class CustomerQueries {
  private readonly rows: ResourceReads;

  constructor(private readonly reads: ReadPool) {
    this.rows = new ResourceReads(reads, customers);
  }

  /** Whom an id stands for, with all that is known of those who are read as one. Throws `not_found`. */
  async one(workspace: string, id: string): Promise<{ body: object; version: number }> {
    const { survivor, ids } = await joinedCustomers(this.reads, workspace, id);
    const { body, version } = await this.shown(workspace, survivor, ids);
    const merged_ids = ids.filter((other) => other !== survivor);
    return { body: { ...body, merged_ids, asked_for_id: id === survivor ? null : id }, version };
  }

  /** A customer as they were without any merge. Throws `not_found`. */
  async alone(workspace: string, id: string): Promise<{ body: object; version: number }> {
    const { body, version } = await this.shown(workspace, id, [id]);
    return { body: { ...body, merged_ids: [], asked_for_id: null }, version };
  }

  list(
    workspace: string,
    externalId: string | undefined,
    page: PageQuery,
    condition: RowCondition | undefined,
  ): Promise<object> {
    return this.rows.list(workspace, externalId, page, undefined, condition);
  }

  joined(workspace: string, id: string): Promise<Joined> {
    return joinedCustomers(this.reads, workspace, id);
  }

  /** Whom an external id stands for where its customer was merged; null where it was not, or is not known. */
  async joinedByExternalId(workspace: string, externalId: string): Promise<Joined | null> {
    const { rows } = await this.reads.query<CustomerRow>(workspace, {
      name: 'merged_by_external_id',
      text: `select id from conversation.customers
              where workspace = $1 and external_id = $2 and merged_into_id is not null`,
      values: [idToBytes(workspace), externalId],
    });
    const [merged] = rows;
    return merged === undefined ? null : this.joined(workspace, toId('cus', merged.id));
  }

  /** Who of several has an identity; null for none of them. */
  async holderOf(workspace: string, ids: readonly string[], identity: string): Promise<string | null> {
    const { rows } = await this.reads.query<{ customer: string }>(workspace, {
      name: 'holder_of_identity',
      text: 'select customer from conversation.customer_identities where id = $1 and customer = any ($2::uuid[])',
      values: [idToBytes(identity), hexOf(ids)],
    });
    const [found] = rows;
    return found === undefined ? null : toId('cus', found.customer);
  }

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
      this.reads.query<CustomerRow>(workspace, {
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

  private async shown(workspace: string, id: string, ids: readonly string[]) {
    const [{ body, version }, identities, { rows }] = await Promise.all([
      this.rows.one(workspace, id),
      shownIdentities(this.reads, workspace, id, ids),
      this.reads.query<MembershipsRow>(workspace, {
        name: 'memberships',
        text: MEMBERSHIPS,
        values: [hexOf(ids)],
      }),
    ]);
    const { companies, tenants } = rows[0]!;
    return {
      body: {
        ...body,
        identities,
        company_ids: companies.map((company) => toId('com', company)),
        tenant_ids: tenants.map((tenant) => toId('ten', tenant)),
      },
      version,
    };
  }
}

function hexOf(ids: readonly string[]): string[] {
  return ids.map((id) => idToBytes(id).toString('hex'));
}
