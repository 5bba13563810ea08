import { text } from '../../../platform/projections/column.js';
import { currentRows } from '../../../platform/projections/current-rows.js';
import type { Projection } from '../../../platform/projections/projection.js';
import { type Renaming, renamed } from '../../../platform/projections/renamed.js';
import type { AiAgentEvent } from '../ai-agent.events.js';

/** AI agents as they are now, kept in the append's own transaction. */
export const aiAgentsProjection: Projection = {
  name: 'ai_agents',
  service: 'conversation',
  inline: true,
  personal: false,
  tables: ['ai_agents'],
  definition: ['libs/domains/user/migrations/0002_ai_agents.sql'],
  types: ['ai_agent.created', 'ai_agent.renamed'],
  project: currentRows<AiAgentEvent, 'ai_agent.created', Renaming>({
    table: 'ai_agents',
    key: 'id',
    created: {
      type: 'ai_agent.created',
      columns: { external_id: text(({ data }) => data.external_id), name: text(({ data }) => data.name) },
      set: { created_at: 'e.at', updated_at: 'e.at' },
    },
    changed: renamed,
  }),
};
