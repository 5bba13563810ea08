import { arraysOf, type Columns, unnest, uuid } from '../../../platform/projections/column.js';
import type { ProjectedEvent, Projection } from '../../../platform/projections/projection.js';
import type { ConversationForked } from './link.events.js';

interface CopyRow {
  conversation: string;
  message: string;
  workspace: string;
  origin: string;
}

const COLUMNS: Columns<CopyRow> = {
  conversation: uuid(({ conversation }) => conversation),
  message: uuid(({ message }) => message),
  workspace: uuid(({ workspace }) => workspace),
  origin: uuid(({ origin }) => origin),
};

/** Which messages forks have copied, kept in the append's own transaction. */
export const copiesProjection: Projection = {
  name: 'copies',
  service: 'conversation',
  inline: true,
  personal: false,
  tables: ['copies'],
  definition: ['libs/domains/conversation/migrations/0042_copies.sql'],
  types: ['conversation.forked'],
  project(events, table) {
    const target = table('copies');
    const rows = (events as readonly (ProjectedEvent & ConversationForked)[]).flatMap(({ meta, data }) =>
      data.message_ids.map((message, i) => ({
        conversation: meta.stream,
        message,
        workspace: meta.workspace,
        origin: data.origin_ids[i]!,
      })),
    );
    return [
      {
        name: `insert ${target}`,
        text: `insert into ${target} (${Object.keys(COLUMNS).join(', ')}) select * from ${unnest(COLUMNS)}`,
        values: arraysOf(COLUMNS, rows),
      },
    ];
  },
};
