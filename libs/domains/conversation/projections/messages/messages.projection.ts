import { idArray, int4Array, textArray, timestampArray } from '../../../../platform/postgres/binary-array.js';
import type { Projection } from '../../../../platform/projections/projection.js';
import type { MessageCreated } from '../../conversation.events.js';

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
    const data = events.map((event) => (event as unknown as MessageCreated).data);
    return [
      {
        name: `insert ${target}`,
        text: `insert into ${target} (conversation, seq, workspace, message, author_type, author, channel, type, text,
                                      external_id, occurred_at, recorded_at)
               select * from unnest($1::uuid[], $2::integer[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[],
                                    $8::text[], $9::text[], $10::text[], $11::timestamptz[], $12::timestamptz[])`,
        values: [
          idArray(events.map((event) => event.meta.stream)),
          int4Array(events.map((event) => event.meta.seq)),
          idArray(events.map((event) => event.meta.workspace)),
          idArray(data.map((d) => d.message_id)),
          textArray(data.map((d) => d.author.type)),
          textArray(data.map((d) => d.author.id)),
          textArray(data.map((d) => d.channel)),
          textArray(data.map((d) => d.type)),
          textArray(data.map((d) => d.text)),
          textArray(data.map((d) => d.external_id)),
          timestampArray(events.map((event) => event.meta.occurred_at)),
          timestampArray(events.map((event) => event.meta.recorded_at)),
        ],
      },
    ];
  },
};
