import type { Resource } from '../../platform/reads/resource-reads.js';

export const users: Resource = {
  service: 'conversation',
  table: 'users',
  prefix: 'usr',
  noun: 'user',
  columns: ['external_id', 'name', 'email', 'created_at', 'updated_at'],
};
