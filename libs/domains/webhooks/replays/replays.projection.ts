import type { EventMeta } from '../../../platform/kernel/event.js';
import { count, int8, text, time, uuid } from '../../../platform/projections/column.js';
import { currentRows } from '../../../platform/projections/current-rows.js';
import type { Projection } from '../../../platform/projections/projection.js';
import type { ReplayEvent } from './replay.events.js';

interface Changes {
  status: string;
  due: number | null;
  passedOver: number | null;
  endedAt: number | null;
}

/** Replays as they are now, kept in the append's own transaction. How far they have come is told by the queue. */
export const replaysProjection: Projection = {
  name: 'webhook_replays',
  service: 'webhooks',
  inline: true,
  personal: false,
  tables: ['webhook_replays'],
  definition: ['libs/domains/webhooks/migrations/0040_replays.sql'],
  types: ['webhook_replay.started', 'webhook_replay.finished', 'webhook_replay.cancelled'],
  project: currentRows<ReplayEvent, 'webhook_replay.started', Changes>({
    table: 'webhook_replays',
    key: 'id',
    created: {
      type: 'webhook_replay.started',
      columns: {
        endpoint: uuid(({ data }) => data.endpoint_id),
        run: count(({ data }) => data.run),
        from_position: int8(({ data }) => data.from_position),
        to_position: int8(({ data }) => data.to_position),
        types: text(({ data }) => data.types.join(',')),
        filter: text(({ data }) => data.filter),
        selection: text(({ data }) => data.only),
      },
      set: {
        types: `string_to_array(e.types, ',')`,
        status: `'running'`,
        created_at: 'e.at',
        updated_at: 'e.at',
      },
    },
    changed: {
      nothing: { status: 'running', due: null, passedOver: null, endedAt: null },
      fold(changes, event) {
        changes.endedAt = (event as { meta: EventMeta }).meta.occurred_at;
        if (event.type === 'webhook_replay.cancelled') {
          changes.status = 'cancelled';
          return;
        }
        changes.status = 'finished';
        changes.due = event.data.due;
        changes.passedOver = event.data.passed_over;
      },
      columns: {
        status: text(({ status }) => status),
        due: int8(({ due }) => due),
        passed_over: int8(({ passedOver }) => passedOver),
        ended_at: time(({ endedAt }) => endedAt),
      },
      set: {
        status: 'e.status',
        due: 'e.due',
        passed_over: 'e.passed_over',
        ended_at: 'e.ended_at',
        updated_at: 'e.at',
      },
    },
  }),
};
