import { text } from '../../../platform/projections/column.js';
import { currentRows } from '../../../platform/projections/current-rows.js';
import type { Projection } from '../../../platform/projections/projection.js';
import { type Renaming, renamed } from '../../../platform/projections/renamed.js';
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
  project: currentRows<WorkspaceEvent, 'workspace.created', Renaming>({
    table: 'workspaces',
    key: 'id',
    created: {
      type: 'workspace.created',
      columns: { name: text(({ data }) => data.name), external_id: text(({ data }) => data.external_id) },
      set: { workspace: 'e.id', created_at: 'e.at', updated_at: 'e.at' },
    },
    changed: renamed,
  }),
};
