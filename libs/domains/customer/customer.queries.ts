import { fieldsOf } from '../../platform/fields/field-reads.js';
import type { Resource } from '../../platform/reads/resource-reads.js';
import { fieldTables } from './fields/field-tables.js';

export const customers: Resource = {
  service: 'conversation',
  table: 'customers',
  prefix: 'cus',
  noun: 'customer',
  columns: ['external_id', 'name', 'created_at', 'updated_at'],
  derived: { fields: `coalesce(${fieldsOf(fieldTables, 'r.id')}, '{}'::json)` },
};
