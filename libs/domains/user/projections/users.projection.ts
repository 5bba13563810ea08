import { flag, text } from '../../../platform/projections/column.js';
import { currentRows } from '../../../platform/projections/current-rows.js';
import type { Projection } from '../../../platform/projections/projection.js';
import type { UserEvent } from '../user.events.js';
import { type AvailabilityChanges, availabilityChanged } from './availability-changes.js';

interface Changes extends AvailabilityChanges {
  name: string | null;
  emailChanged: boolean;
  email: string | null;
}

/** Users as they are now, kept in the append's own transaction. */
export const usersProjection: Projection = {
  name: 'users',
  service: 'conversation',
  inline: true,
  personal: true,
  tables: ['users'],
  definition: [
    'libs/domains/user/migrations/0001_users.sql',
    'libs/domains/user/migrations/0003_users_unsampled.sql',
    'libs/domains/user/migrations/0006_user_availability.sql',
  ],
  types: [
    'user.created',
    'user.renamed',
    'user.email_changed',
    'user.status_changed',
    'user.skill_added',
    'user.skill_removed',
    'user.capacity_changed',
  ],
  project: currentRows<UserEvent, 'user.created', Changes>({
    table: 'users',
    key: 'id',
    created: {
      type: 'user.created',
      columns: {
        external_id: text(({ data }) => data.external_id),
        name: text(({ data }) => data.name),
        email: text(({ data }) => data.email),
      },
      set: { created_at: 'e.at', updated_at: 'e.at' },
    },
    changed: {
      nothing: { name: null, emailChanged: false, email: null, ...availabilityChanged.nothing },
      fold(changes, event) {
        switch (event.type) {
          case 'user.renamed':
            changes.name = event.data.name;
            return;
          case 'user.email_changed':
            changes.emailChanged = true;
            changes.email = event.data.email;
            return;
          case 'user.status_changed':
          case 'user.capacity_changed':
            availabilityChanged.fold(changes, event.data);
            return;
          case 'user.skill_added':
          case 'user.skill_removed':
            return;
          default:
            event satisfies never;
        }
      },
      columns: {
        name: text(({ name }) => name),
        email_changed: flag(({ emailChanged }) => emailChanged),
        email: text(({ email }) => email),
        ...availabilityChanged.columns,
      },
      set: {
        name: 'coalesce(e.name, r.name)',
        email: 'case when e.email_changed then e.email else r.email end',
        ...availabilityChanged.set,
        updated_at: 'e.at',
      },
    },
  }),
};
