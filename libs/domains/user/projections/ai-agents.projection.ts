import { text } from '../../../platform/projections/column.js';
import { currentRows } from '../../../platform/projections/current-rows.js';
import type { Projection } from '../../../platform/projections/projection.js';
import type { AiAgentEvent } from '../ai-agent.events.js';
import { type AvailabilityChanges, availabilityChanged } from './availability-changes.js';

interface Changes extends AvailabilityChanges {
  name: string | null;
}

/** AI agents as they are now, kept in the append's own transaction. */
export const aiAgentsProjection: Projection = {
  name: 'ai_agents',
  service: 'conversation',
  inline: true,
  personal: false,
  tables: ['ai_agents'],
  definition: [
    'libs/domains/user/migrations/0002_ai_agents.sql',
    'libs/domains/user/migrations/0007_ai_agent_availability.sql',
  ],
  types: [
    'ai_agent.created',
    'ai_agent.renamed',
    'ai_agent.status_changed',
    'ai_agent.skill_added',
    'ai_agent.skill_removed',
    'ai_agent.capacity_changed',
  ],
  project: currentRows<AiAgentEvent, 'ai_agent.created', Changes>({
    table: 'ai_agents',
    key: 'id',
    created: {
      type: 'ai_agent.created',
      columns: { external_id: text(({ data }) => data.external_id), name: text(({ data }) => data.name) },
      set: { created_at: 'e.at', updated_at: 'e.at' },
    },
    changed: {
      nothing: { name: null, ...availabilityChanged.nothing },
      fold(changes, event) {
        switch (event.type) {
          case 'ai_agent.renamed':
            changes.name = event.data.name;
            return;
          case 'ai_agent.status_changed':
          case 'ai_agent.capacity_changed':
            availabilityChanged.fold(changes, event.data);
            return;
          case 'ai_agent.skill_added':
          case 'ai_agent.skill_removed':
            return;
          default:
            event satisfies never;
        }
      },
      columns: { name: text(({ name }) => name), ...availabilityChanged.columns },
      set: { name: 'coalesce(e.name, r.name)', ...availabilityChanged.set, updated_at: 'e.at' },
    },
  }),
};
