import { text } from '../../../platform/projections/column.js';
import { currentRows } from '../../../platform/projections/current-rows.js';
import type { Projection } from '../../../platform/projections/projection.js';
import type { WorkspaceEvent } from '../workspace.events.js';

/** Workspaces as they are now, kept in the append's own transaction. */
export const workspacesProjection: Projection = {
  name: 'workspaces',
  service: 'access',
  inline: true,
  personal: false,
  tables: ['workspaces'],
  definition: ['libs/domains/access/migrations/0001_workspaces.sql'],
  types: ['workspace.created', 'workspace.renamed'],
  project: currentRows<WorkspaceEvent, 'workspace.created', { name: string | null }>({
    table: 'workspaces',
    key: 'id',
    created: {
      type: 'workspace.created',
      columns: { name: text(({ data }) => data.name), external_id: text(({ data }) => data.external_id) },
      set: { workspace: 'e.id', created_at: 'e.at', updated_at: 'e.at' },
    },
    changed: {
      nothing: { name: null },
      fold(changes, { data }) {
        changes.name = data.name;
      },
      columns: { name: text(({ name }) => name) },
      set: { name: 'coalesce(e.name, r.name)', updated_at: 'e.at' },
    },
  }),
};
