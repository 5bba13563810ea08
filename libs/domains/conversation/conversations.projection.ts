import type { EventMeta } from '../../platform/kernel/event.js';
import { count, flag, text, time, uuid } from '../../platform/projections/column.js';
import { currentRows } from '../../platform/projections/current-rows.js';
import type { Projection } from '../../platform/projections/projection.js';
import type { ConversationCreated, ConversationEvent } from './conversation.events.js';
import type { LinkEvent } from './links/link.events.js';

type Change = Exclude<
  ConversationEvent,
  | {
      type: 'conversation.created' | 'message.created' | 'message.delivered' | 'message.read' | 'draft.proposed';
    }
  | LinkEvent
>;

/** What is said in a conversation and of it; of that only the number of changes is kept here. */
type ContentChange = Extract<Change, { type: `message.${string}` | `draft.${string}` }>;

interface Changes {
  titleChanges: number;
  title: string | null;
  priority: string | null;
  status: string | null;
  detailChanged: boolean;
  detail: string | null;
  snoozedUntil: number | null;
  closedAt: number | null;
  assigneeChanged: boolean;
  assigneeType: string | null;
  assignee: string | null;
  teamChanged: boolean;
  team: string | null;
  lockChanged: boolean;
  locked: boolean;
  getsField: boolean;
  contentChanges: number;
  /** When something other than the contents changed; null for not. */
  changedAt: number | null;
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
    'libs/domains/conversation/migrations/0005_conversation_fields.sql',
    'libs/domains/conversation/migrations/0010_content_revision.sql',
    'libs/domains/conversation/migrations/0023_list_indexes.sql',
    'libs/domains/conversation/migrations/0030_workload.sql',
    'libs/domains/conversation/migrations/0033_conversations_with_fields.sql',
  ],
  types: [
    'conversation.created',
    'conversation.title_changed',
    'conversation.priority_changed',
    'conversation.snoozed',
    'conversation.unsnoozed',
    'conversation.closed',
    'conversation.reopened',
    'conversation.detail_changed',
    'conversation.assigned',
    'conversation.unassigned',
    'conversation.team_assigned',
    'conversation.team_unassigned',
    'conversation.labeled',
    'conversation.unlabeled',
    'conversation.locked',
    'conversation.unlocked',
    'conversation.field_set',
    'conversation.field_cleared',
    'message.edited',
    'message.redacted',
    'message.reaction_added',
    'message.reaction_removed',
    'message.delivery_failed',
    'message.choice_made',
    'message.field_set',
    'message.field_cleared',
    'draft.edited',
    'draft.accepted',
    'draft.refused',
  ],
  project: currentRows<Change | ConversationCreated, 'conversation.created', Changes>({
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
      nothing: {
        titleChanges: 0,
        title: null,
        priority: null,
        status: null,
        detailChanged: false,
        detail: null,
        snoozedUntil: null,
        closedAt: null,
        assigneeChanged: false,
        assigneeType: null,
        assignee: null,
        teamChanged: false,
        team: null,
        lockChanged: false,
        locked: false,
        getsField: false,
        contentChanges: 0,
        changedAt: null,
      },
      fold,
      columns: {
        title_changes: count(({ titleChanges }) => titleChanges),
        title: text(({ title }) => title),
        priority: text(({ priority }) => priority),
        status: text(({ status }) => status),
        detail_changed: flag(({ detailChanged }) => detailChanged),
        detail: uuid(({ detail }) => detail),
        snoozed_until: time(({ snoozedUntil }) => snoozedUntil),
        closed_at: time(({ closedAt }) => closedAt),
        assignee_changed: flag(({ assigneeChanged }) => assigneeChanged),
        assignee_type: text(({ assigneeType }) => assigneeType),
        assignee: uuid(({ assignee }) => assignee),
        team_changed: flag(({ teamChanged }) => teamChanged),
        team: uuid(({ team }) => team),
        lock_changed: flag(({ lockChanged }) => lockChanged),
        locked: flag(({ locked }) => locked),
        gets_field: flag(({ getsField }) => getsField),
        content_changes: count(({ contentChanges }) => contentChanges),
        changed_at: time(({ changedAt }) => changedAt),
      },
      set: {
        title_revision: 'r.title_revision + e.title_changes',
        title: 'case when e.title_changes > 0 then e.title else r.title end',
        priority: 'coalesce(e.priority, r.priority)',
        status: 'coalesce(e.status, r.status)',
        detail: 'case when e.detail_changed then e.detail else r.detail end',
        snoozed_until: 'case when e.status is null then r.snoozed_until else e.snoozed_until end',
        closed_at: 'case when e.status is null then r.closed_at else e.closed_at end',
        assignee_type: 'case when e.assignee_changed then e.assignee_type else r.assignee_type end',
        assignee: 'case when e.assignee_changed then e.assignee else r.assignee end',
        team: 'case when e.team_changed then e.team else r.team end',
        locked: 'case when e.lock_changed then e.locked else r.locked end',
        has_fields: 'r.has_fields or e.gets_field',
        content_revision: 'r.content_revision + e.content_changes',
        updated_at: 'coalesce(e.changed_at, r.updated_at)',
      },
    },
  }),
};

function fold(changes: Changes, event: Change & { meta: EventMeta }): void {
  if (!isOfContents(event)) {
    changes.changedAt = event.meta.occurred_at;
    foldField(changes, event);
    return;
  }
  changes.contentChanges++;
}

function isOfContents(event: Change): event is ContentChange {
  return event.type.startsWith('message.') || event.type.startsWith('draft.');
}

function foldField(changes: Changes, event: Exclude<Change, ContentChange> & { meta: EventMeta }): void {
  switch (event.type) {
    case 'conversation.title_changed':
      changes.titleChanges++;
      changes.title = event.data.title;
      return;
    case 'conversation.priority_changed':
      changes.priority = event.data.priority;
      return;
    case 'conversation.snoozed':
      enter(changes, 'snoozed', event.data.detail);
      changes.snoozedUntil = event.data.until;
      return;
    case 'conversation.closed':
      enter(changes, 'closed', event.data.detail);
      changes.closedAt = event.meta.occurred_at;
      return;
    case 'conversation.unsnoozed':
    case 'conversation.reopened':
      enter(changes, 'open', event.data.detail);
      return;
    case 'conversation.detail_changed':
      changes.detailChanged = true;
      changes.detail = event.data.detail;
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
    case 'conversation.team_assigned':
      changes.teamChanged = true;
      changes.team = event.data.team_id;
      return;
    case 'conversation.team_unassigned':
      changes.teamChanged = true;
      changes.team = null;
      return;
    case 'conversation.labeled':
    case 'conversation.unlabeled':
      // Its time alone is kept here.
      return;
    case 'conversation.locked':
    case 'conversation.unlocked':
      changes.lockChanged = true;
      changes.locked = event.type === 'conversation.locked';
      return;
    case 'conversation.field_set':
      changes.getsField = true;
      return;
    case 'conversation.field_cleared':
      return;
    default:
      event satisfies never;
  }
}

/** A status brings its own detail, and leaves behind what belonged to the one before. */
function enter(changes: Changes, status: string, detail: string | null): void {
  changes.status = status;
  changes.detailChanged = true;
  changes.detail = detail;
  changes.snoozedUntil = null;
  changes.closedAt = null;
}
