import { valueRows } from '../../../platform/fields/value-rows.js';
import type { Projection } from '../../../platform/projections/projection.js';

/** What customers, companies and tenants have in custom fields now, kept in the append's own transaction. */
export const customerValuesProjection: Projection = {
  name: 'customer_values',
  service: 'conversation',
  inline: true,
  personal: true,
  tables: ['customer_values'],
  definition: ['libs/domains/customer/migrations/0011_customer_values.sql'],
  types: [
    'customer.field_set',
    'customer.field_cleared',
    'company.field_set',
    'company.field_cleared',
    'tenant.field_set',
    'tenant.field_cleared',
  ],
  project: valueRows('customer_values'),
};
