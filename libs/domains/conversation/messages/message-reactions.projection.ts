import type { EventData } from '../../../contract/generated/event-data.js';
import type { DomainEvent } from '../../../platform/kernel/event.js';
import { type Columns, count, text, uuid } from '../../../platform/projections/column.js';
import { type PresentRow, presentRows } from '../../../platform/projections/present-rows.js';
import type { ProjectedEvent, Projection } from '../../../platform/projections/projection.js';

type Reaction = ProjectedEvent & DomainEvent<string, EventData['message.reaction_added']>;

interface ReactionRow extends PresentRow {
  event: Reaction;
}

const COLUMNS: Columns<ReactionRow> = {
  conversation: uuid(({ event }) => event.meta.stream),
  message_seq: count(({ event }) => event.data.message_seq),
  author_type: text(({ event }) => event.data.author.type),
  author: text(({ event }) => event.data.author.id),
  emoji: text(({ event }) => event.data.emoji),
  workspace: uuid(({ event }) => event.meta.workspace),
};

/** Who has reacted how to which message, kept in the append's own transaction. */
export const messageReactionsProjection: Projection = {
  name: 'reactions',
  service: 'conversation',
  inline: true,
  personal: false,
  tables: ['message_reactions'],
  definition: ['libs/domains/conversation/migrations/0011_message_reactions.sql'],
  types: ['message.reaction_added', 'message.reaction_removed'],
  project(events, table) {
    const rows = new Map<string, ReactionRow>();
    for (const event of events as readonly Reaction[]) {
      const { author, emoji, message_seq } = event.data;
      const key = JSON.stringify([event.meta.stream, message_seq, author.type, author.id, emoji]);
      rows.set(key, { event, isThere: event.type === 'message.reaction_added' });
    }
    return [presentRows(table('message_reactions'), COLUMNS, 5, rows.values())];
  },
};
