import { idArray, textArray, timestampArray } from '../../../platform/postgres/binary-array.js';
import type { SqlStatement } from '../../../platform/postgres/connection.js';
import type { ProjectedEvent, Projection } from '../../../platform/projections/projection.js';
import type { ApiKeyEvent } from '../api-key.events.js';

type Fact = ProjectedEvent & ApiKeyEvent;

/** Keys as they are now, without their secrets, kept in the append's own transaction. */
export const apiKeysProjection: Projection = {
  name: 'api_keys',
  service: 'access',
  inline: true,
  personal: false,
  tables: ['api_keys'],
  definition: ['libs/domains/access/migrations/0002_api_keys.sql'],
  types: ['api_key.created', 'api_key.revoked'],
  project(events, table) {
    const target = table('api_keys');
    const facts = events as Fact[];
    const created = facts.filter((fact) => fact.type === 'api_key.created');
    const revoked = facts.filter((fact) => fact.type === 'api_key.revoked');
    return [
      ...(created.length > 0 ? [insert(target, created)] : []),
      ...(revoked.length > 0 ? [update(target, revoked)] : []),
    ];
  },
};

function insert(target: string, events: (Fact & { type: 'api_key.created' })[]): SqlStatement {
  return {
    name: `insert ${target}`,
    text: `insert into ${target} (id, workspace, name, scopes, created_at)
           select i, w, n, string_to_array(s, ' '), at
             from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::timestamptz[]) e(i, w, n, s, at)`,
    values: [
      idArray(events.map(({ meta }) => meta.stream)),
      idArray(events.map(({ meta }) => meta.workspace)),
      textArray(events.map(({ data }) => data.name)),
      textArray(events.map(({ data }) => data.scopes.join(' '))),
      timestampArray(events.map(({ meta }) => meta.occurred_at)),
    ],
  };
}

function update(target: string, events: Fact[]): SqlStatement {
  return {
    name: `update ${target}`,
    text: `update ${target} k set revoked_at = e.at
             from unnest($1::uuid[], $2::timestamptz[]) e(id, at) where k.id = e.id`,
    values: [
      idArray(events.map(({ meta }) => meta.stream)),
      timestampArray(events.map(({ meta }) => meta.occurred_at)),
    ],
  };
}
