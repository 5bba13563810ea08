import { idArray, textArray, timestampArray } from '../../../platform/postgres/binary-array.js';
import type { SqlStatement } from '../../../platform/postgres/connection.js';
import type { ProjectedEvent, Projection } from '../../../platform/projections/projection.js';
import type { CustomerEvent } from '../customer.events.js';

/** Customers as they are now, kept in the append's own transaction. */
export const customersProjection: Projection = {
  name: 'customers',
  service: 'conversation',
  inline: true,
  personal: true,
  tables: ['customers'],
  definition: [
    'libs/domains/customer/migrations/0001_customers.sql',
    'libs/domains/customer/migrations/0002_customers_unsampled.sql',
  ],
  types: ['customer.created', 'customer.renamed'],
  project(events, table) {
    const target = table('customers');
    const created = events.filter((event) => event.type === 'customer.created');
    const changed = events.filter((event) => event.type !== 'customer.created');
    return [
      ...(created.length > 0 ? [insert(target, created)] : []),
      ...(changed.length > 0 ? [update(target, changed)] : []),
    ];
  },
};

function insert(target: string, events: ProjectedEvent[]): SqlStatement {
  const data = events.map((event) => (event as CustomerEvent & { type: 'customer.created' }).data);
  return {
    name: `insert ${target}`,
    text: `insert into ${target} (id, workspace, external_id, name, created_at, updated_at)
           select i, w, x, n, at, at
             from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::timestamptz[]) e(i, w, x, n, at)`,
    values: [
      idArray(events.map((event) => event.meta.stream)),
      idArray(events.map((event) => event.meta.workspace)),
      textArray(data.map((d) => d.external_id)),
      textArray(data.map((d) => d.name)),
      timestampArray(events.map((event) => event.meta.occurred_at)),
    ],
  };
}

interface Changes {
  stream: string;
  name: string | null;
  at: number;
}

function update(target: string, events: ProjectedEvent[]): SqlStatement {
  const byStream = new Map<string, Changes>();
  for (const event of events) {
    const { stream, occurred_at: at } = event.meta;
    const change = byStream.get(stream) ?? { stream, name: null, at };
    byStream.set(stream, change);
    change.at = at;
    const fact = event as ProjectedEvent & CustomerEvent;
    if (fact.type === 'customer.renamed') change.name = fact.data.name;
  }
  const changes = [...byStream.values()];
  return {
    name: `update ${target}`,
    text: `update ${target} p
              set name = coalesce(e.name, p.name), updated_at = e.at
             from unnest($1::uuid[], $2::text[], $3::timestamptz[]) e(id, name, at)
            where p.id = e.id`,
    values: [
      idArray(changes.map((c) => c.stream)),
      textArray(changes.map((c) => c.name)),
      timestampArray(changes.map((c) => c.at)),
    ],
  };
}
