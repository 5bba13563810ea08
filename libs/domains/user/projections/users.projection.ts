import { flag, text } from '../../../platform/projections/column.js';
import { currentRows } from '../../../platform/projections/current-rows.js';
import type { Projection } from '../../../platform/projections/projection.js';
import type { UserEvent } from '../user.events.js';

interface Changes {
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
  definition: ['libs/domains/user/migrations/0001_users.sql', 'libs/domains/user/migrations/0003_users_unsampled.sql'],
  types: ['user.created', 'user.renamed', 'user.email_changed'],
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
      nothing: { name: null, emailChanged: false, email: null },
      fold(changes, { type, data }) {
        if (type === 'user.renamed') changes.name = data.name;
        else {
          changes.emailChanged = true;
          changes.email = data.email;
        }
      },
      columns: {
        name: text(({ name }) => name),
        email_changed: flag(({ emailChanged }) => emailChanged),
        email: text(({ email }) => email),
      },
      set: {
        name: 'coalesce(e.name, r.name)',
        email: 'case when e.email_changed then e.email else r.email end',
        updated_at: 'e.at',
      },
    },
  }),
};
