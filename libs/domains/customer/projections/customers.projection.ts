import { text } from '../../../platform/projections/column.js';
import { currentRows } from '../../../platform/projections/current-rows.js';
import type { Projection } from '../../../platform/projections/projection.js';
import type { CustomerEvent } from '../customer.events.js';

/** Customers as they are now, kept in the append's own transaction. */
export const customersProjection: Projection = {
  name: 'customers',
  service: 'conversation',
  inline: true,
  personal: true,
  tables: ['customers'],
  definition: [
    'libs/domains/customer/migrations/0001_customers.sql',
    'libs/domains/customer/migrations/0002_customers_unsampled.sql',
  ],
  types: ['customer.created', 'customer.renamed'],
  project: currentRows<CustomerEvent, 'customer.created', { name: string | null }>({
    table: 'customers',
    key: 'id',
    created: {
      type: 'customer.created',
      columns: { external_id: text(({ data }) => data.external_id), name: text(({ data }) => data.name) },
      set: { created_at: 'e.at', updated_at: 'e.at' },
    },
    changed: {
      nothing: { name: null },
      fold(changes, { data }) {
        changes.name = data.name;
      },
      columns: { name: text(({ name }) => name) },
      set: { name: 'coalesce(e.name, r.name)', updated_at: 'e.at' },
    },
  }),
};
