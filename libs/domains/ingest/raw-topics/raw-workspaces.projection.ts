import { arraysOf, type Columns, unnest, uuid } from '../../../platform/projections/column.js';
import type { ProjectedEvent, Projection } from '../../../platform/projections/projection.js';

const COLUMNS: Columns<ProjectedEvent> = { workspace: uuid(({ meta }) => meta.workspace) };

/** The workspaces that are to have a raw topic: all. */
export const rawWorkspacesProjection: Projection = {
  name: 'raw_workspaces',
  service: 'ingest',
  inline: false,
  personal: false,
  tables: ['raw_workspaces'],
  definition: ['libs/domains/ingest/migrations/0012_raw_workspaces.sql'],
  types: ['workspace.created'],
  project(events, table) {
    const target = table('raw_workspaces');
    return [
      {
        name: `add to ${target}`,
        text: `insert into ${target} (workspace) select workspace from ${unnest(COLUMNS)} on conflict do nothing`,
        values: arraysOf(COLUMNS, events),
      },
    ];
  },
};
