import type { EventMeta } from '../../../../platform/kernel/event.js';
import { flag, text, time, uuid } from '../../../../platform/projections/column.js';
import { currentRows } from '../../../../platform/projections/current-rows.js';
import type { Projection } from '../../../../platform/projections/projection.js';
import type { ConversationEvent, MessageCreated } from '../../conversation.events.js';

type Change = Exclude<ConversationEvent, { type: 'conversation.created' | 'message.created' }>;

interface Changes {
  status: string | null;
  closedAt: number | null;
  assigneeChanged: boolean;
  assigneeType: string | null;
  assignee: string | null;
}

/** What a conversation is now, kept in the append's own transaction. */
export const conversationsProjection: Projection = {
  name: 'conversations',
  service: 'conversation',
  inline: true,
  personal: true,
  tables: ['conversations'],
  definition: [
    'libs/domains/conversation/migrations/0001_conversations.sql',
    'libs/domains/conversation/migrations/0003_conversations_unsampled.sql',
  ],
  types: [
    'conversation.created',
    'conversation.assigned',
    'conversation.unassigned',
    'conversation.closed',
    'conversation.reopened',
  ],
  project: currentRows<Exclude<ConversationEvent, MessageCreated>, 'conversation.created', Changes>({
    table: 'conversations',
    key: 'conversation',
    created: {
      type: 'conversation.created',
      columns: {
        customer: uuid(({ data }) => data.customer_id),
        channel: text(({ data }) => data.channel),
        title: text(({ data }) => data.title),
        external_id: text(({ data }) => data.external_id),
      },
      set: { status: "'open'", created_at: 'e.at', updated_at: 'e.at' },
    },
    changed: {
      nothing: { status: null, closedAt: null, assigneeChanged: false, assigneeType: null, assignee: null },
      fold,
      columns: {
        status: text(({ status }) => status),
        closed_at: time(({ closedAt }) => closedAt),
        assignee_changed: flag(({ assigneeChanged }) => assigneeChanged),
        assignee_type: text(({ assigneeType }) => assigneeType),
        assignee: uuid(({ assignee }) => assignee),
      },
      set: {
        status: 'coalesce(e.status, r.status)',
        closed_at: 'case when e.status is null then r.closed_at else e.closed_at end',
        assignee_type: 'case when e.assignee_changed then e.assignee_type else r.assignee_type end',
        assignee: 'case when e.assignee_changed then e.assignee else r.assignee end',
        updated_at: 'e.at',
      },
    },
  }),
};

function fold(changes: Changes, event: Change & { meta: EventMeta }): void {
  switch (event.type) {
    case 'conversation.closed':
      changes.status = 'closed';
      changes.closedAt = event.meta.occurred_at;
      return;
    case 'conversation.reopened':
      changes.status = 'open';
      changes.closedAt = null;
      return;
    case 'conversation.assigned':
      changes.assigneeChanged = true;
      changes.assigneeType = event.data.assignee.type;
      changes.assignee = event.data.assignee.id;
      return;
    case 'conversation.unassigned':
      changes.assigneeChanged = true;
      changes.assigneeType = null;
      changes.assignee = null;
      return;
    default:
      event satisfies never;
  }
}
