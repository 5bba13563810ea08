import { idArray, int4Array, textArray, timestampArray } from '../../../platform/postgres/binary-array.js';
import type { SqlStatement } from '../../../platform/postgres/connection.js';
import type { ProjectedEvent, Projection } from '../../../platform/projections/projection.js';
import type { UserEvent } from '../user.events.js';

/** Users as they are now, kept in the append's own transaction. */
export const usersProjection: Projection = {
  name: 'users',
  service: 'conversation',
  inline: true,
  personal: true,
  tables: ['users'],
  definition: ['libs/domains/user/migrations/0001_users.sql', 'libs/domains/user/migrations/0003_users_unsampled.sql'],
  types: ['user.created', 'user.renamed', 'user.email_changed'],
  project(events, table) {
    const target = table('users');
    const created = events.filter((event) => event.type === 'user.created');
    const changed = events.filter((event) => event.type !== 'user.created');
    return [
      ...(created.length > 0 ? [insert(target, created)] : []),
      ...(changed.length > 0 ? [update(target, changed)] : []),
    ];
  },
};

function insert(target: string, events: ProjectedEvent[]): SqlStatement {
  const data = events.map((event) => (event as UserEvent & { type: 'user.created' }).data);
  return {
    name: `insert ${target}`,
    text: `insert into ${target} (id, workspace, external_id, name, email, created_at, updated_at)
           select i, w, x, n, m, at, at
             from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::timestamptz[], $6::text[]) e(i, w, x, n, at, m)`,
    values: [
      idArray(events.map((event) => event.meta.stream)),
      idArray(events.map((event) => event.meta.workspace)),
      textArray(data.map((d) => d.external_id)),
      textArray(data.map((d) => d.name)),
      timestampArray(events.map((event) => event.meta.occurred_at)),
      textArray(data.map((d) => d.email)),
    ],
  };
}

interface Changes {
  stream: string;
  name: string | null;
  emailChanged: number;
  email: string | null;
  at: number;
}

function update(target: string, events: ProjectedEvent[]): SqlStatement {
  const byStream = new Map<string, Changes>();
  for (const event of events) {
    const { stream, occurred_at: at } = event.meta;
    const change = byStream.get(stream) ?? { stream, name: null, emailChanged: 0, email: null, at };
    byStream.set(stream, change);
    change.at = at;
    const fact = event as ProjectedEvent & UserEvent;
    if (fact.type === 'user.renamed') change.name = fact.data.name;
    if (fact.type === 'user.email_changed') {
      change.emailChanged = 1;
      change.email = fact.data.email;
    }
  }
  const changes = [...byStream.values()];
  return {
    name: `update ${target}`,
    text: `update ${target} p
              set name = coalesce(e.name, p.name), email = case when e.mailed = 1 then e.email else p.email end, updated_at = e.at
             from unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::integer[], $5::text[]) e(id, name, at, mailed, email)
            where p.id = e.id`,
    values: [
      idArray(changes.map((c) => c.stream)),
      textArray(changes.map((c) => c.name)),
      timestampArray(changes.map((c) => c.at)),
      int4Array(changes.map((c) => c.emailChanged)),
      textArray(changes.map((c) => c.email)),
    ],
  };
}
