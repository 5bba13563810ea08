import type { Resource } from '../../platform/reads/resource-reads.js';

export const customers: Resource = {
  service: 'conversation',
  table: 'customers',
  prefix: 'cus',
  noun: 'customer',
  columns: ['external_id', 'name', 'created_at', 'updated_at'],
};
