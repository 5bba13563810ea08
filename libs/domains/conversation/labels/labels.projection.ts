import { flag, text } from '../../../platform/projections/column.js';
import { currentRows } from '../../../platform/projections/current-rows.js';
import type { Projection } from '../../../platform/projections/projection.js';
import type { LabelEvent } from './label.events.js';

interface Changes {
  name: string | null;
  color: string | null;
  described: boolean;
  description: string | null;
  archiving: boolean;
  archived: boolean;
}

/** Labels as they are now, kept in the append's own transaction. */
export const labelsProjection: Projection = {
  name: 'labels',
  service: 'conversation',
  inline: true,
  personal: false,
  tables: ['labels'],
  definition: ['libs/domains/conversation/migrations/0007_labels.sql'],
  types: [
    'label.created',
    'label.renamed',
    'label.recolored',
    'label.description_changed',
    'label.archived',
    'label.restored',
  ],
  project: currentRows<LabelEvent, 'label.created', Changes>({
    table: 'labels',
    key: 'id',
    created: {
      type: 'label.created',
      columns: {
        name: text(({ data }) => data.name),
        color: text(({ data }) => data.color),
        description: text(({ data }) => data.description),
      },
      set: { created_at: 'e.at', updated_at: 'e.at' },
    },
    changed: {
      nothing: {
        name: null,
        color: null,
        described: false,
        description: null,
        archiving: false,
        archived: false,
      },
      fold(changes, event) {
        switch (event.type) {
          case 'label.renamed':
            changes.name = event.data.name;
            return;
          case 'label.recolored':
            changes.color = event.data.color;
            return;
          case 'label.description_changed':
            changes.described = true;
            changes.description = event.data.description;
            return;
          case 'label.archived':
          case 'label.restored':
            changes.archiving = true;
            changes.archived = event.type === 'label.archived';
            return;
          default:
            event satisfies never;
        }
      },
      columns: {
        name: text(({ name }) => name),
        color: text(({ color }) => color),
        described: flag(({ described }) => described),
        description: text(({ description }) => description),
        archiving: flag(({ archiving }) => archiving),
        archived: flag(({ archived }) => archived),
      },
      set: {
        name: 'coalesce(e.name, r.name)',
        color: 'coalesce(e.color, r.color)',
        description: 'case when e.described then e.description else r.description end',
        archived: 'case when e.archiving then e.archived else r.archived end',
        updated_at: 'e.at',
      },
    },
  }),
};
