import { text } from '../../../platform/projections/column.js';
import { currentRows } from '../../../platform/projections/current-rows.js';
import type { Projection } from '../../../platform/projections/projection.js';
import type { TeamEvent } from '../team.events.js';

/** Teams as they are now, kept in the append's own transaction; their members have a table of their own. */
export const teamsProjection: Projection = {
  name: 'teams',
  service: 'conversation',
  inline: true,
  personal: false,
  tables: ['teams'],
  definition: ['libs/domains/user/migrations/0004_teams.sql'],
  types: ['team.created', 'team.renamed', 'team.member_added', 'team.member_removed'],
  project: currentRows<TeamEvent, 'team.created', { name: string | null }>({
    table: 'teams',
    key: 'id',
    created: {
      type: 'team.created',
      columns: { external_id: text(({ data }) => data.external_id), name: text(({ data }) => data.name) },
      set: { created_at: 'e.at', updated_at: 'e.at' },
    },
    changed: {
      nothing: { name: null },
      fold(changes, event) {
        if (event.type === 'team.renamed') changes.name = event.data.name;
      },
      columns: { name: text(({ name }) => name) },
      set: { name: 'coalesce(e.name, r.name)', updated_at: 'e.at' },
    },
  }),
};
