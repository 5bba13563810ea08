import { count, flag, int8, text, uuid } from '../../../platform/projections/column.js';
import { currentRows } from '../../../platform/projections/current-rows.js';
import type { Projection } from '../../../platform/projections/projection.js';
import type { MessageEvent } from './message.events.js';

/** What endpoints did not take, kept in the append's own transaction: a message is here once its event is on the log. */
export const deadLettersProjection: Projection = {
  name: 'webhook_dead_letters',
  service: 'webhooks',
  inline: true,
  personal: false,
  tables: ['webhook_dead_letters'],
  definition: ['libs/domains/webhooks/migrations/0031_dead_letters.sql'],
  types: ['webhook_message.dead_lettered', 'webhook_message.redriven'],
  project: currentRows<MessageEvent, 'webhook_message.dead_lettered', { run: number }>({
    table: 'webhook_dead_letters',
    key: 'id',
    created: {
      type: 'webhook_message.dead_lettered',
      columns: {
        endpoint: uuid(({ data }) => data.endpoint_id),
        event: uuid(({ data }) => data.event_id),
        event_type: text(({ data }) => data.event_type),
        event_stream: text(({ data }) => data.event_stream),
        event_position: int8(({ data }) => data.event_position),
        run: count(({ data }) => data.run),
        pin: text(({ data }) => data.pin),
        attempts: count(({ data }) => data.attempts),
        status: count(({ data }) => data.status),
        cause: text(({ data }) => data.cause),
        skipped: flag(({ data }) => data.skipped),
      },
      set: { dead_lettered_at: 'e.at' },
    },
    changed: {
      nothing: { run: 0 },
      fold(changes, { data }) {
        changes.run = data.run;
      },
      columns: { redriven_run: count(({ run }) => run) },
      set: { redriven_run: 'e.redriven_run', redriven_at: 'e.at' },
    },
  }),
};
