import type { EventData } from '../../../contract/generated/event-data.js';
import type { DomainEvent } from '../../../platform/kernel/event.js';
import { arraysOf, type Columns, int8, time, unnest, uuid } from '../../../platform/projections/column.js';
import type { ProjectedEvent, Projection } from '../../../platform/projections/projection.js';

type Activity = ProjectedEvent & DomainEvent<'activity.recorded', EventData['activity.recorded']>;

const COLUMNS: Columns<Activity> = {
  position: int8(({ position }) => position!),
  workspace: uuid(({ meta }) => meta.workspace),
  subject: uuid(({ data }) => data.subject_id),
  occurred_at: time(({ meta }) => meta.occurred_at),
  recorded_at: time(({ meta }) => meta.recorded_at),
};

/** Those that a timeline can have: what is about a tenant is about all who use it, and in nobody's. */
const SUBJECTS: ReadonlySet<string> = new Set(['customer', 'conversation']);

/** Where the log has the activities of customers and conversations. */
export const activitiesProjection: Projection = {
  name: 'activities',
  service: 'conversation',
  inline: false,
  places: true,
  personal: false,
  tables: ['activities'],
  definition: ['libs/domains/conversation/migrations/0060_activities.sql'],
  types: ['activity.recorded'],
  project(events, table) {
    const rows = (events as readonly Activity[]).filter(({ data }) => SUBJECTS.has(data.subject_type));
    const target = table('activities');
    return [
      {
        name: `insert ${target}`,
        text: `insert into ${target} (${Object.keys(COLUMNS).join(', ')})
               select * from ${unnest(COLUMNS)} order by 1 on conflict do nothing`,
        values: arraysOf(COLUMNS, rows),
      },
    ];
  },
};
