import type { EventData } from '../../../contract/generated/event-data.js';
import type { DomainEvent } from '../../../platform/kernel/event.js';
import { type Columns, uuid } from '../../../platform/projections/column.js';
import { type PresentRow, presentRows } from '../../../platform/projections/present-rows.js';
import type { ProjectedEvent, Projection } from '../../../platform/projections/projection.js';

type MergeEvent =
  | DomainEvent<'customer.merged', EventData['customer.merged']>
  | DomainEvent<'customer.unmerged', EventData['customer.unmerged']>;

interface MergeRow extends PresentRow {
  customer: string;
  into: string;
  workspace: string;
}

const COLUMNS: Columns<MergeRow> = {
  customer: uuid(({ customer }) => customer),
  into_customer: uuid(({ into }) => into),
  workspace: uuid(({ workspace }) => workspace),
};

/** Which customers are read as which others, kept in the append's own transaction. */
export const mergedCustomersProjection: Projection = {
  name: 'merged_customers',
  service: 'conversation',
  inline: true,
  personal: false,
  tables: ['merged_customers'],
  definition: ['libs/domains/conversation/migrations/0050_merged_customers.sql'],
  types: ['customer.merged', 'customer.unmerged'],
  project(events, table) {
    const rows = new Map<string, MergeRow>();
    for (const { type, meta, data } of events as readonly (ProjectedEvent & MergeEvent)[]) {
      const { stream: customer, workspace } = meta;
      const isThere = type === 'customer.merged';
      const into = type === 'customer.merged' ? data.into_id : data.from_id;
      rows.set(`${customer} ${into}`, { customer, into, workspace, isThere });
    }
    return [presentRows(table('merged_customers'), COLUMNS, 2, rows.values())];
  },
};
