import { text } from '../../../platform/projections/column.js';
import { currentRows } from '../../../platform/projections/current-rows.js';
import type { Projection } from '../../../platform/projections/projection.js';
import { type Renaming, renamed } from '../../../platform/projections/renamed.js';
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
  types: ['customer.created', 'customer.renamed', 'customer.field_set', 'customer.field_cleared'],
  project: currentRows<CustomerEvent, 'customer.created', Renaming>({
    table: 'customers',
    key: 'id',
    created: {
      type: 'customer.created',
      columns: { external_id: text(({ data }) => data.external_id), name: text(({ data }) => data.name) },
      set: { created_at: 'e.at', updated_at: 'e.at' },
    },
    changed: {
      ...renamed,
      // Of a custom field its time alone is kept here.
      fold(changes, event) {
        if (event.type === 'customer.renamed') renamed.fold(changes, event);
      },
    },
  }),
};
