import { idArray, uuidArray } from '../../../platform/postgres/binary-array.js';
import type { ProjectedEvent, Projection } from '../../../platform/projections/projection.js';
import type { ActivityEvent } from './activity.events.js';

/**
 * Which of the senders' ids were recorded, and as which event: kept in the append's own transaction, for ever. The primary
 * key is what refuses a second one, whoever appends it.
 */
export const activityIdsProjection: Projection = {
  name: 'activity_ids',
  service: 'ingest',
  inline: true,
  personal: false,
  tables: ['activity_ids'],
  definition: ['libs/domains/ingest/migrations/0001_activity_ids.sql'],
  types: ['activity.recorded'],
  project(events, table) {
    const target = table('activity_ids');
    const known = (events as readonly (ProjectedEvent & ActivityEvent)[]).filter(
      ({ data }) => data.deduplication_key !== null,
    );
    if (known.length === 0) return [];
    return [
      {
        name: `insert ${target}`,
        text: `insert into ${target} (key, workspace, event)
               select * from unnest($1::uuid[], $2::uuid[], $3::uuid[])`,
        values: [
          uuidArray(known.map(({ data }) => Buffer.from(data.deduplication_key!, 'hex'))),
          idArray(known.map(({ meta }) => meta.workspace)),
          idArray(known.map(({ meta }) => meta.id)),
        ],
      },
    ];
  },
};
