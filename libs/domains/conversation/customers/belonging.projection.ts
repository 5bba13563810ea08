import type { EventData } from '../../../contract/generated/event-data.js';
import type { DomainEvent } from '../../../platform/kernel/event.js';
import { type Columns, text, uuid } from '../../../platform/projections/column.js';
import { type PresentRow, presentRows } from '../../../platform/projections/present-rows.js';
import type { ProjectedEvent, Projection } from '../../../platform/projections/projection.js';

type CompanyChange = DomainEvent<
  'customer.company_joined' | 'customer.company_left',
  EventData['customer.company_joined']
>;
type TenantChange = DomainEvent<'customer.tenant_joined' | 'customer.tenant_left', EventData['customer.tenant_joined']>;
type Change = (CompanyChange | TenantChange) & ProjectedEvent;

interface Membership extends PresentRow {
  customer: string;
  kind: string;
  organization: string;
  workspace: string;
}

const COLUMNS: Columns<Membership> = {
  customer: uuid(({ customer }) => customer),
  organization: uuid(({ organization }) => organization),
  kind: text(({ kind }) => kind),
  workspace: uuid(({ workspace }) => workspace),
};

/** Which companies and tenants customers belong to: conversations are found by them. In the append's own transaction. */
export const belongingProjection: Projection = {
  name: 'belonging',
  service: 'conversation',
  inline: true,
  personal: false,
  tables: ['memberships'],
  definition: ['libs/domains/conversation/migrations/0022_memberships.sql'],
  types: ['customer.company_joined', 'customer.company_left', 'customer.tenant_joined', 'customer.tenant_left'],
  project(events, table) {
    const rows = new Map<string, Membership>();
    for (const { type, meta, data } of events as readonly Change[]) {
      const [kind, organization] = 'company_id' in data ? ['company', data.company_id] : ['tenant', data.tenant_id];
      const isThere = type === 'customer.company_joined' || type === 'customer.tenant_joined';
      const { stream: customer, workspace } = meta;
      rows.set(`${customer} ${organization}`, {
        customer,
        kind: kind!,
        organization: organization!,
        workspace,
        isThere,
      });
    }
    return [presentRows(table('memberships'), COLUMNS, 2, rows.values())];
  },
};
