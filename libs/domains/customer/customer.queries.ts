import { idToBytes, toId } from '../../platform/kernel/id.js';
import type { PageQuery } from '../../platform/reads/page.js';
import type { ReadPool } from '../../platform/reads/read-pool.js';
import { type Resource, ResourceReads, type RowCondition } from '../../platform/reads/resource-reads.js';
import { shownFields } from './fields/field-tables.js';
import { shownIdentities } from './identities/identity.queries.js';
import { hexOf, type Joined, joinedCustomers } from './merges/joined-customers.js';

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

interface CustomerRow {
  id: string;
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
