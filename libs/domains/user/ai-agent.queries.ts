import type { Resource } from '../../platform/reads/resource-reads.js';
import { availabilityColumns, derivedSkills } from './availability/availability-reads.js';

export const aiAgents: Resource = {
  service: 'conversation',
  table: 'ai_agents',
  prefix: 'aia',
  noun: 'AI agent',
  columns: ['external_id', 'name', ...availabilityColumns, 'created_at', 'updated_at'],
  derived: derivedSkills,
};
