import { flag, text } from '../../../platform/projections/column.js';
import { currentRows } from '../../../platform/projections/current-rows.js';
import type { Projection } from '../../../platform/projections/projection.js';
import type { StatusDetailEvent } from './status-detail.events.js';

interface Changes {
  name: string | null;
  archiving: boolean;
  archived: boolean;
}

/** Status details as they are now, kept in the append's own transaction. */
export const statusDetailsProjection: Projection = {
  name: 'status_details',
  service: 'conversation',
  inline: true,
  personal: false,
  tables: ['status_details'],
  definition: ['libs/domains/conversation/migrations/0008_status_details.sql'],
  types: ['status_detail.created', 'status_detail.renamed', 'status_detail.archived', 'status_detail.restored'],
  project: currentRows<StatusDetailEvent, 'status_detail.created', Changes>({
    table: 'status_details',
    key: 'id',
    created: {
      type: 'status_detail.created',
      columns: { status: text(({ data }) => data.status), name: text(({ data }) => data.name) },
      set: { created_at: 'e.at', updated_at: 'e.at' },
    },
    changed: {
      nothing: { name: null, archiving: false, archived: false },
      fold(changes, event) {
        if (event.type === 'status_detail.renamed') changes.name = event.data.name;
        else {
          changes.archiving = true;
          changes.archived = event.type === 'status_detail.archived';
        }
      },
      columns: {
        name: text(({ name }) => name),
        archiving: flag(({ archiving }) => archiving),
        archived: flag(({ archived }) => archived),
      },
      set: {
        name: 'coalesce(e.name, r.name)',
        archived: 'case when e.archiving then e.archived else r.archived end',
        updated_at: 'e.at',
      },
    },
  }),
};
