import { flag, text, uuid } from '../../../platform/projections/column.js';
import { currentRows } from '../../../platform/projections/current-rows.js';
import type { Projection } from '../../../platform/projections/projection.js';
import type { ViewEvent } from './view.events.js';

interface Changes {
  name: string | null;
  filtered: boolean;
  filter: string | null;
  sort: string | null;
  direction: string | null;
  archiving: boolean;
  archived: boolean;
}

/** Views as they are now, kept in the append's own transaction. */
export const viewsProjection: Projection = {
  name: 'views',
  service: 'conversation',
  inline: true,
  personal: false,
  tables: ['views'],
  definition: ['libs/domains/conversation/migrations/0024_views.sql'],
  types: ['view.created', 'view.renamed', 'view.filter_changed', 'view.sort_changed', 'view.archived', 'view.restored'],
  project: currentRows<ViewEvent, 'view.created', Changes>({
    table: 'views',
    key: 'id',
    created: {
      type: 'view.created',
      columns: {
        name: text(({ data }) => data.name),
        owner: uuid(({ data }) => data.owner_id),
        filter: text(({ data }) => data.filter),
        sort: text(({ data }) => data.sort),
        direction: text(({ data }) => data.order),
      },
      set: { created_at: 'e.at', updated_at: 'e.at' },
    },
    changed: {
      nothing: {
        name: null,
        filtered: false,
        filter: null,
        sort: null,
        direction: null,
        archiving: false,
        archived: false,
      },
      fold(changes, event) {
        switch (event.type) {
          case 'view.renamed':
            changes.name = event.data.name;
            return;
          case 'view.filter_changed':
            changes.filtered = true;
            changes.filter = event.data.filter;
            return;
          case 'view.sort_changed':
            changes.sort = event.data.sort;
            changes.direction = event.data.order;
            return;
          case 'view.archived':
          case 'view.restored':
            changes.archiving = true;
            changes.archived = event.type === 'view.archived';
            return;
          default:
            event satisfies never;
        }
      },
      columns: {
        name: text(({ name }) => name),
        filtered: flag(({ filtered }) => filtered),
        filter: text(({ filter }) => filter),
        sort: text(({ sort }) => sort),
        direction: text(({ direction }) => direction),
        archiving: flag(({ archiving }) => archiving),
        archived: flag(({ archived }) => archived),
      },
      set: {
        name: 'coalesce(e.name, r.name)',
        filter: 'case when e.filtered then e.filter else r.filter end',
        sort: 'coalesce(e.sort, r.sort)',
        direction: 'coalesce(e.direction, r.direction)',
        archived: 'case when e.archiving then e.archived else r.archived end',
        updated_at: 'e.at',
      },
    },
  }),
};
