import { count, flag, text } from '../../../platform/projections/column.js';
import type { AvailabilityChange } from '../availability/availability.events.js';

/** What a batch leaves of the columns that users and AI agents have in common. */
export interface AvailabilityChanges {
  status: string | null;
  capacityChanged: boolean;
  capacity: number | null;
}

type Said = Extract<AvailabilityChange, { verb: 'status_changed' | 'capacity_changed' }>['data'];

/** Those parts of `changed` of `currentRows`. Skills have a table of their own: of those the time alone is kept here. */
export const availabilityChanged = {
  nothing: { status: null, capacityChanged: false, capacity: null } satisfies AvailabilityChanges,
  fold(changes: AvailabilityChanges, data: Said): void {
    if ('status' in data) changes.status = data.status;
    else {
      changes.capacityChanged = true;
      changes.capacity = data.capacity;
    }
  },
  columns: {
    status: text(({ status }: AvailabilityChanges) => status),
    capacity_changed: flag(({ capacityChanged }: AvailabilityChanges) => capacityChanged),
    capacity: count(({ capacity }: AvailabilityChanges) => capacity),
  },
  set: {
    status: 'coalesce(e.status, r.status)',
    capacity: 'case when e.capacity_changed then e.capacity else r.capacity end',
  },
};
