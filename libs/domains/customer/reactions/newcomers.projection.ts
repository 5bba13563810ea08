import type { EventData } from '../../../contract/generated/event-data.js';
import type { DomainEvent } from '../../../platform/kernel/event.js';
import { arraysOf, type Columns, count, flag, unnest, uuid } from '../../../platform/projections/column.js';
import type { ProjectedEvent, Projection } from '../../../platform/projections/projection.js';

interface NewcomerRow {
  customer: string;
  workspace: string;
  /** The event that names them; null where it has not come by yet. */
  stream: string | null;
  seq: number | null;
  made: boolean;
}

type Told = DomainEvent<'activity.recorded', EventData['activity.recorded']>;
type Made = DomainEvent<'customer.placeholder_created', EventData['customer.placeholder_created']>;

const COLUMNS: Columns<NewcomerRow> = {
  customer: uuid(({ customer }) => customer),
  workspace: uuid(({ workspace }) => workspace),
  stream: uuid(({ stream }) => stream),
  seq: count(({ seq }) => seq),
  made: flag(({ made }) => made),
};

/**
 * Customers of whom activities told before anybody made them known: what `PlaceholderMaker` has to do, and what it has done.
 * The two kinds of event come by in any order.
 */
export const newcomersProjection: Projection = {
  name: 'newcomers',
  service: 'conversation',
  inline: false,
  gathers: true,
  // Whether there is a name is seen on a sealed one, too.
  personal: false,
  tables: ['newcomers'],
  definition: ['libs/domains/customer/migrations/0012_newcomers.sql'],
  types: ['activity.recorded', 'customer.placeholder_created'],
  project(events, table) {
    const rows = new Map<string, NewcomerRow>();
    for (const event of events as readonly (ProjectedEvent & (Told | Made))[]) {
      const row = newcomerOf(event);
      if (row === null) continue;
      const before = rows.get(row.customer);
      rows.set(row.customer, {
        ...row,
        stream: before?.stream ?? row.stream,
        seq: before?.seq ?? row.seq,
        made: before?.made === true || row.made,
      });
    }
    if (rows.size === 0) return [];
    const target = table('newcomers');
    return [
      {
        name: `upsert ${target}`,
        text: `insert into ${target} as r (${Object.keys(COLUMNS).join(', ')}) select * from ${unnest(COLUMNS)}
               on conflict (customer) do update
                 set stream = coalesce(r.stream, excluded.stream), seq = coalesce(r.seq, excluded.seq),
                     made = r.made or excluded.made`,
        values: arraysOf(COLUMNS, [...rows.values()]),
      },
    ];
  },
};

function newcomerOf(event: ProjectedEvent & (Told | Made)): NewcomerRow | null {
  const { stream, seq, workspace } = event.meta;
  switch (event.type) {
    case 'activity.recorded':
      if (event.data.unknown_customer === null) return null;
      return { customer: event.data.subject_id, workspace, stream, seq, made: false };
    case 'customer.placeholder_created':
      if (event.data.external_id === null) return null;
      return { customer: stream, workspace, stream: null, seq: null, made: true };
    default:
      return event satisfies never;
  }
}
