import type { Resource } from '../../platform/reads/resource-reads.js';

export const aiAgents: Resource = {
  service: 'conversation',
  table: 'ai_agents',
  prefix: 'aia',
  noun: 'AI agent',
  columns: ['external_id', 'name', 'created_at', 'updated_at'],
};
