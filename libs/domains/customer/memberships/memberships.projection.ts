import { type Columns, uuid } from '../../../platform/projections/column.js';
import { type PresentRow, presentRows } from '../../../platform/projections/present-rows.js';
import type { ProjectedEvent, Projection } from '../../../platform/projections/projection.js';
import type { MembershipEvent } from '../customer.events.js';

interface MembershipRow extends PresentRow {
  customer: string;
  /** The company's or the tenant's id. */
  of: string;
  workspace: string;
}

const columnsOf = (column: string): Columns<MembershipRow> => ({
  customer: uuid(({ customer }) => customer),
  [column]: uuid(({ of }: MembershipRow) => of),
  workspace: uuid(({ workspace }) => workspace),
});
const COMPANY = columnsOf('company');
const TENANT = columnsOf('tenant');

/** Which companies and tenants a customer belongs to, kept in the append's own transaction. */
export const membershipsProjection: Projection = {
  name: 'memberships',
  service: 'conversation',
  inline: true,
  personal: false,
  tables: ['customer_companies', 'customer_tenants'],
  definition: ['libs/domains/customer/migrations/0005_memberships.sql'],
  types: ['customer.company_joined', 'customer.company_left', 'customer.tenant_joined', 'customer.tenant_left'],
  project(events, table) {
    const companies = new Map<string, MembershipRow>();
    const tenants = new Map<string, MembershipRow>();
    for (const event of events as readonly (ProjectedEvent & MembershipEvent)[]) {
      const { stream: customer, workspace } = event.meta;
      switch (event.type) {
        case 'customer.company_joined':
        case 'customer.company_left': {
          const of = event.data.company_id;
          const isThere = event.type === 'customer.company_joined';
          companies.set(`${customer} ${of}`, { customer, of, workspace, isThere });
          break;
        }
        case 'customer.tenant_joined':
        case 'customer.tenant_left': {
          const of = event.data.tenant_id;
          const isThere = event.type === 'customer.tenant_joined';
          tenants.set(`${customer} ${of}`, { customer, of, workspace, isThere });
          break;
        }
        default:
          event satisfies never;
      }
    }
    return [
      ...(companies.size > 0 ? [presentRows(table('customer_companies'), COMPANY, 2, companies.values())] : []),
      ...(tenants.size > 0 ? [presentRows(table('customer_tenants'), TENANT, 2, tenants.values())] : []),
    ];
  },
};
