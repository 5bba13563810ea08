import type { SqlStatement } from '../../../platform/postgres/connection.js';
import { arraysOf, type Columns, count, flag, text, time, unnest, uuid } from '../../../platform/projections/column.js';
import type { ProjectedEvent, Projection, TableName } from '../../../platform/projections/projection.js';
import type { IdentityEvent } from '../customer.events.js';

type Projected = ProjectedEvent & IdentityEvent;
type Added = Extract<Projected, { type: 'customer.identity_added' }>;

/** What a batch leaves of one identity. */
interface Fate {
  id: string;
  added: Added | null;
  verified: boolean | null;
  /** A seq of the customer's stream. */
  preferredAt: number | null;
  removed: boolean;
}

interface Row extends Fate {
  added: Added;
}

const INSERTED: Columns<Row> = {
  id: uuid(({ id }) => id),
  customer: uuid(({ added }) => added.meta.stream),
  workspace: uuid(({ added }) => added.meta.workspace),
  kind: text(({ added }) => added.data.kind),
  channel: text(({ added }) => added.data.channel),
  value: text(({ added }) => added.data.value),
  verified: flag(({ added, verified }) => verified ?? added.data.verified),
  preferred_at: count(({ added, preferredAt }) => preferredAt ?? (added.data.primary ? added.meta.seq : 0)),
  added_at: time(({ added }) => added.meta.occurred_at),
};

const CHANGED: Columns<Fate> = {
  id: uuid(({ id }) => id),
  verified_changed: flag(({ verified }) => verified !== null),
  verified: flag(({ verified }) => verified === true),
  preferred_at: count(({ preferredAt }) => preferredAt),
};

const GONE: Columns<Fate> = { id: uuid(({ id }) => id) };

/** What customers are known by, kept in the append's own transaction. Which is the primary one is found by a reader. */
export const identitiesProjection: Projection = {
  name: 'identities',
  service: 'conversation',
  inline: true,
  personal: true,
  tables: ['customer_identities'],
  definition: ['libs/domains/customer/migrations/0004_customer_identities.sql'],
  types: [
    'customer.identity_added',
    'customer.identity_verified',
    'customer.identity_unverified',
    'customer.identity_made_primary',
    'customer.identity_removed',
  ],
  project(events, table) {
    const fates = [...fatesOf(events as readonly Projected[]).values()];
    return [
      ...inserts(
        fates.filter((fate): fate is Row => fate.added !== null && !fate.removed),
        table,
      ),
      ...updates(
        fates.filter(({ added, removed }) => added === null && !removed),
        table,
      ),
      ...deletes(
        fates.filter(({ added, removed }) => added === null && removed),
        table,
      ),
    ];
  },
};

function fatesOf(events: readonly Projected[]): Map<string, Fate> {
  const fates = new Map<string, Fate>();
  for (const event of events) {
    const id = event.data.identity_id;
    let fate = fates.get(id);
    if (fate === undefined) {
      fate = { id, added: null, verified: null, preferredAt: null, removed: false };
      fates.set(id, fate);
    }
    switch (event.type) {
      case 'customer.identity_added':
        fate.added = event;
        break;
      case 'customer.identity_verified':
      case 'customer.identity_unverified':
        fate.verified = event.type === 'customer.identity_verified';
        break;
      case 'customer.identity_made_primary':
        fate.preferredAt = event.meta.seq;
        break;
      case 'customer.identity_removed':
        fate.removed = true;
        break;
      default:
        event satisfies never;
    }
  }
  return fates;
}

function inserts(rows: readonly Row[], table: TableName): SqlStatement[] {
  const target = table('customer_identities');
  const text = `insert into ${target} (${Object.keys(INSERTED).join(', ')}) select * from ${unnest(INSERTED)}`;
  return rows.length === 0 ? [] : [{ name: `insert ${target}`, text, values: arraysOf(INSERTED, rows) }];
}

function updates(fates: readonly Fate[], table: TableName): SqlStatement[] {
  const target = table('customer_identities');
  const text = `
    update ${target} r
       set verified = case when e.verified_changed then e.verified else r.verified end,
           preferred_at = coalesce(e.preferred_at, r.preferred_at)
      from ${unnest(CHANGED)} where r.id = e.id`;
  return fates.length === 0 ? [] : [{ name: `update ${target}`, text, values: arraysOf(CHANGED, fates) }];
}

function deletes(fates: readonly Fate[], table: TableName): SqlStatement[] {
  const target = table('customer_identities');
  const text = `delete from ${target} r using ${unnest(GONE)} where r.id = e.id`;
  return fates.length === 0 ? [] : [{ name: `delete ${target}`, text, values: arraysOf(GONE, fates) }];
}
