import { idArray, textArray, timestampArray } from '../../../platform/postgres/binary-array.js';
import type { ProjectedEvent, Projection } from '../../../platform/projections/projection.js';
import type { WorkspaceEvent } from '../workspace.events.js';

type Fact = ProjectedEvent & WorkspaceEvent;

/** Workspaces as they are now, kept in the append's own transaction. */
export const workspacesProjection: Projection = {
  name: 'workspaces',
  service: 'access',
  inline: true,
  personal: false,
  tables: ['workspaces'],
  definition: ['libs/domains/access/migrations/0001_workspaces.sql'],
  types: ['workspace.created', 'workspace.renamed'],
  project(events, table) {
    const target = table('workspaces');
    const latest = new Map<string, { first: Fact; last: Fact }>();
    for (const event of events as Fact[]) {
      const seen = latest.get(event.meta.stream);
      latest.set(event.meta.stream, { first: seen?.first ?? event, last: event });
    }
    const rows = [...latest.values()];
    return [
      {
        name: `upsert ${target}`,
        text: `insert into ${target} as w (id, workspace, name, external_id, created_at, updated_at)
               select i, i, n, x, first, last
                 from unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[]) e(i, n, x, first, last)
               on conflict (id) do update set name = excluded.name, updated_at = excluded.updated_at`,
        values: [
          idArray(rows.map(({ last }) => last.meta.stream)),
          textArray(rows.map(({ last }) => last.data.name)),
          textArray(rows.map(({ first }) => (first.type === 'workspace.created' ? first.data.external_id : null))),
          timestampArray(rows.map(({ first }) => first.meta.occurred_at)),
          timestampArray(rows.map(({ last }) => last.meta.occurred_at)),
        ],
      },
    ];
  },
};
