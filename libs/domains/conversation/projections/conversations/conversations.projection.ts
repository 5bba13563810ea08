import { idArray, int4Array, textArray, timestampArray } from '../../../../platform/postgres/binary-array.js';
import type { SqlStatement } from '../../../../platform/postgres/connection.js';
import type { ProjectedEvent, Projection } from '../../../../platform/projections/projection.js';
import type { ConversationEvent } from '../../conversation.events.js';

type Change = Exclude<ConversationEvent, { type: 'conversation.created' | 'message.created' }>;

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
  project(events, table) {
    const target = table('conversations');
    const statements: SqlStatement[] = [];
    const created = events.filter((event) => event.type === 'conversation.created');
    if (created.length > 0) statements.push(insert(target, created));
    const changed = events.filter((event) => event.type !== 'conversation.created');
    if (changed.length > 0) statements.push(update(target, changed));
    return statements;
  },
};

function insert(target: string, events: ProjectedEvent[]): SqlStatement {
  const data = events.map((event) => (event as ConversationEvent & { type: 'conversation.created' }).data);
  return {
    name: `insert ${target}`,
    text: `insert into ${target} (conversation, workspace, customer, channel, title, external_id, status, created_at, updated_at)
           select c, w, u, ch, t, x, 'open', at, at
             from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::timestamptz[])
                  e(c, w, u, ch, t, x, at)`,
    values: [
      idArray(events.map((event) => event.meta.stream)),
      idArray(events.map((event) => event.meta.workspace)),
      idArray(data.map((d) => d.customer_id)),
      textArray(data.map((d) => d.channel)),
      textArray(data.map((d) => d.title)),
      textArray(data.map((d) => d.external_id)),
      timestampArray(events.map((event) => event.meta.occurred_at)),
    ],
  };
}

interface Changes {
  stream: string;
  status: string | null;
  closedAt: number | null;
  assigneeChanged: number;
  assigneeType: string | null;
  assignee: string | null;
  at: number;
}

function update(target: string, events: ProjectedEvent[]): SqlStatement {
  const byStream = new Map<string, Changes>();
  for (const event of events) {
    const { stream, occurred_at: at } = event.meta;
    let change = byStream.get(stream);
    if (change === undefined) {
      change = { stream, status: null, closedAt: null, assigneeChanged: 0, assigneeType: null, assignee: null, at };
      byStream.set(stream, change);
    }
    fold(change, event as unknown as Change, at);
  }
  const changes = [...byStream.values()];
  return {
    name: `update ${target}`,
    text: `update ${target} c
              set status = coalesce(e.status, c.status),
                  closed_at = case e.status when 'closed' then e.closed_at when 'open' then null else c.closed_at end,
                  assignee_type = case when e.assigned = 1 then e.assignee_type else c.assignee_type end,
                  assignee = case when e.assigned = 1 then e.assignee else c.assignee end,
                  updated_at = e.at
             from unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::integer[], $5::text[], $6::uuid[], $7::timestamptz[])
                  e(conversation, status, closed_at, assigned, assignee_type, assignee, at)
            where c.conversation = e.conversation`,
    values: [
      idArray(changes.map((c) => c.stream)),
      textArray(changes.map((c) => c.status)),
      timestampArray(changes.map((c) => c.closedAt)),
      int4Array(changes.map((c) => c.assigneeChanged)),
      textArray(changes.map((c) => c.assigneeType)),
      idArray(changes.map((c) => c.assignee)),
      timestampArray(changes.map((c) => c.at)),
    ],
  };
}

function fold(change: Changes, event: Change, at: number): void {
  change.at = at;
  switch (event.type) {
    case 'conversation.closed':
      change.status = 'closed';
      change.closedAt = at;
      return;
    case 'conversation.reopened':
      change.status = 'open';
      change.closedAt = null;
      return;
    case 'conversation.assigned':
      change.assigneeChanged = 1;
      change.assigneeType = event.data.assignee.type;
      change.assignee = event.data.assignee.id;
      return;
    case 'conversation.unassigned':
      change.assigneeChanged = 1;
      change.assigneeType = null;
      change.assignee = null;
      return;
    default:
      event satisfies never;
  }
}
