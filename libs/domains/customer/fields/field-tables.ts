import { type FieldTables, fieldsOf } from '../../../platform/fields/field-reads.js';
import type { ResourceTable } from '../../../platform/reads/resource-reads.js';

/** Where this domain keeps what is declared for customers, companies and tenants, and what they have of it. */
export const fieldTables: FieldTables = {
  service: 'conversation',
  declarations: 'customer_fields',
  values: 'customer_values',
};

/** What a list of customers, companies or tenants shows of their values. */
export const shownFields: NonNullable<ResourceTable['derived']> = {
  fields: `coalesce(${fieldsOf(fieldTables, 'r.id')}, '{}'::json)`,
};
