import { arraysOf, type Columns, count, text, time, unnest, uuid } from '../../../../platform/projections/column.js';
import type { ProjectedEvent, Projection } from '../../../../platform/projections/projection.js';
import type { MessageCreated } from '../../conversation.events.js';

const COLUMNS: Columns<MessageCreated & ProjectedEvent> = {
  conversation: uuid(({ meta }) => meta.stream),
  seq: count(({ meta }) => meta.seq),
  workspace: uuid(({ meta }) => meta.workspace),
  message: uuid(({ data }) => data.message_id),
  author_type: text(({ data }) => data.author.type),
  author: text(({ data }) => data.author.id),
  channel: text(({ data }) => data.channel),
  type: text(({ data }) => data.type),
  text: text(({ data }) => data.text),
  external_id: text(({ data }) => data.external_id),
  occurred_at: time(({ meta }) => meta.occurred_at),
  recorded_at: time(({ meta }) => meta.recorded_at),
};

const ROWS = `(${Object.keys(COLUMNS).join(', ')}) select * from ${unnest(COLUMNS)}`;

/** The messages of a conversation in their order, kept in the append's own transaction. */
export const messagesProjection: Projection = {
  name: 'messages',
  service: 'conversation',
  inline: true,
  personal: true,
  tables: ['messages'],
  definition: [
    'libs/domains/conversation/migrations/0002_messages.sql',
    'libs/domains/conversation/migrations/0004_messages_unsampled.sql',
  ],
  types: ['message.created'],
  project(events, table) {
    const target = table('messages');
    return [
      {
        name: `insert ${target}`,
        text: `insert into ${target} ${ROWS}`,
        values: arraysOf(COLUMNS, events as (MessageCreated & ProjectedEvent)[]),
      },
    ];
  },
};
