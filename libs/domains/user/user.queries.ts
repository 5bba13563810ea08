import type { Resource } from '../../platform/reads/resource-reads.js';
import { availabilityColumns, derivedSkills } from './availability/availability-reads.js';

export const users: Resource = {
  service: 'conversation',
  table: 'users',
  prefix: 'usr',
  noun: 'user',
  columns: ['external_id', 'name', 'email', ...availabilityColumns, 'created_at', 'updated_at'],
  derived: derivedSkills,
};
