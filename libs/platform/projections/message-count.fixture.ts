import type { MessageCreatedData } from '../../contract/generated/event-data.js';
import { idToBytes } from '../kernel/id.js';
import { int4Array, uuidArray } from '../postgres/binary-array.js';
import type { Projection } from './projection.js';

interface Count {
  workspace: Buffer;
  messages: number;
  author: Buffer;
}

/** A small read model for the specs. An author's id that is no uuid makes its statement fail. */
export const messageCount: Projection = {
  name: 'message_count',
  service: 'analytics',
  inline: false,
  personal: false,
  tables: ['message_count'],
  definition: ['libs/platform/projections/message-count.fixture.sql'],
  types: ['message.created'],
  project(events, table) {
    const counts = new Map<string, Count>();
    for (const { meta, data } of events) {
      const author = idToBytes((data as MessageCreatedData).author.id);
      const count = counts.get(meta.stream);
      if (count === undefined) {
        counts.set(meta.stream, { workspace: idToBytes(meta.workspace), messages: 1, author });
        continue;
      }
      count.messages++;
      if (Buffer.compare(author, count.author) > 0) count.author = author;
    }
    const rows = [...counts.values()];
    return [
      {
        name: `count_in_${table('message_count')}`,
        text: `insert into ${table('message_count')} as c
               select * from unnest($1::uuid[], $2::uuid[], $3::integer[], $4::uuid[]) order by 1
               on conflict (stream) do update set messages = c.messages + excluded.messages,
                 greatest_author = greatest(c.greatest_author, excluded.greatest_author)`,
        values: [
          uuidArray([...counts.keys()].map(idToBytes)),
          uuidArray(rows.map(({ workspace }) => workspace)),
          int4Array(rows.map(({ messages }) => messages)),
          uuidArray(rows.map(({ author }) => author)),
        ],
      },
    ];
  },
};
