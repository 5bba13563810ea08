import { count, flag, text } from '../../../platform/projections/column.js';
import { currentRows } from '../../../platform/projections/current-rows.js';
import type { Projection } from '../../../platform/projections/projection.js';
import type { EventTypeEvent } from './event-type.events.js';

interface Changes {
  version: number | null;
  digest: string | null;
  described: boolean;
  description: string | null;
  archiving: boolean;
  archived: boolean;
}

/** Event types as they are now, kept in the append's own transaction. */
export const eventTypesProjection: Projection = {
  name: 'event_types',
  service: 'ingest',
  inline: true,
  personal: false,
  tables: ['event_types'],
  definition: ['libs/domains/ingest/migrations/0010_event_types.sql'],
  types: [
    'event_type.created',
    'event_type.version_added',
    'event_type.description_changed',
    'event_type.archived',
    'event_type.restored',
  ],
  project: currentRows<EventTypeEvent, 'event_type.created', Changes>({
    table: 'event_types',
    key: 'id',
    created: {
      type: 'event_type.created',
      columns: {
        type: text(({ data }) => data.name),
        format: text(({ data }) => data.format),
        description: text(({ data }) => data.description),
        schema_digest: text(({ data }) => data.schema_digest),
      },
      set: { version: '1', created_at: 'e.at', updated_at: 'e.at' },
    },
    changed: {
      nothing: {
        version: null,
        digest: null,
        described: false,
        description: null,
        archiving: false,
        archived: false,
      },
      fold(changes, event) {
        switch (event.type) {
          case 'event_type.version_added':
            changes.version = event.data.version;
            changes.digest = event.data.schema_digest;
            return;
          case 'event_type.description_changed':
            changes.described = true;
            changes.description = event.data.description;
            return;
          case 'event_type.archived':
          case 'event_type.restored':
            changes.archiving = true;
            changes.archived = event.type === 'event_type.archived';
            return;
          default:
            event satisfies never;
        }
      },
      columns: {
        version: count(({ version }) => version),
        digest: text(({ digest }) => digest),
        described: flag(({ described }) => described),
        description: text(({ description }) => description),
        archiving: flag(({ archiving }) => archiving),
        archived: flag(({ archived }) => archived),
      },
      set: {
        version: 'coalesce(e.version, r.version)',
        schema_digest: 'coalesce(e.digest, r.schema_digest)',
        description: 'case when e.described then e.description else r.description end',
        archived: 'case when e.archiving then e.archived else r.archived end',
        updated_at: 'e.at',
      },
    },
  }),
};
