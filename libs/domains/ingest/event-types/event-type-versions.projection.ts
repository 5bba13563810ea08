import type { EventData } from '../../../contract/generated/event-data.js';
import type { DomainEvent } from '../../../platform/kernel/event.js';
import { arraysOf, type Columns, count, text, time, unnest, uuid } from '../../../platform/projections/column.js';
import type { ProjectedEvent, Projection } from '../../../platform/projections/projection.js';

type SchemaEvent = ProjectedEvent &
  (
    | DomainEvent<'event_type.created', EventData['event_type.created']>
    | DomainEvent<'event_type.version_added', EventData['event_type.version_added']>
  );

const COLUMNS: Columns<SchemaEvent> = {
  event_type: uuid(({ meta }) => meta.stream),
  version: count((event) => (event.type === 'event_type.created' ? 1 : event.data.version)),
  workspace: uuid(({ meta }) => meta.workspace),
  schema: text(({ data }) => data.schema),
  schema_digest: text(({ data }) => data.schema_digest),
  created_at: time(({ meta }) => meta.occurred_at),
};

/** Every version of every event type's schema, kept in the append's own transaction. */
export const eventTypeVersionsProjection: Projection = {
  name: 'event_type_versions',
  service: 'ingest',
  inline: true,
  personal: false,
  tables: ['event_type_versions'],
  definition: ['libs/domains/ingest/migrations/0011_event_type_versions.sql'],
  types: ['event_type.created', 'event_type.version_added'],
  project(events, table) {
    const target = table('event_type_versions');
    const names = Object.keys(COLUMNS).join(', ');
    return [
      {
        name: `add to ${target}`,
        text: `insert into ${target} (${names}) select ${names} from ${unnest(COLUMNS)}`,
        values: arraysOf(COLUMNS, events as readonly SchemaEvent[]),
      },
    ];
  },
};
