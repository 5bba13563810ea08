import type { FieldTables } from '../../../platform/fields/field-reads.js';

/** Where this domain keeps what is declared for customers, companies and tenants, and what they have of it. */
export const fieldTables: FieldTables = {
  service: 'conversation',
  declarations: 'customer_fields',
  values: 'customer_values',
};
