import { fieldsOf } from '../../platform/fields/field-reads.js';
import type { Party } from '../../platform/kernel/event.js';
import { type IdPrefix, idToBytes, toId } from '../../platform/kernel/id.js';
import { Problem } from '../../platform/kernel/problem.js';
import type { ReadPool } from '../../platform/reads/read-pool.js';
import type { Status, StatusDetail } from './conversation.commands.js';
import { fieldTables } from './fields/field-tables.js';
import { messagePage } from './messages/message-page.js';
import { notFound } from './not-found.js';

export interface ConversationRow {
  conversation: string;
  customer: string;
  channel: string;
  title: string | null;
  external_id: string | null;
  status: string;
  detail: string | null;
  snoozed_until: string | null;
  priority: string;
  team: string | null;
  labels: string[];
  locked: boolean;
  fields: Record<string, unknown> | null;
  assignee_type: string | null;
  assignee: string | null;
  created_at: string;
  updated_at: string;
  closed_at: string | null;
  version: number;
}

/** Of the conversation `c` with its stream's head `s`. */
export const CONVERSATION_COLUMNS = `c.conversation, c.customer, c.channel, c.title, c.external_id, c.status, c.detail, c.snoozed_until,
         c.priority, c.assignee_type, c.assignee, c.team, c.locked,
         array(select l.label from conversation.labelings l
                where l.conversation = c.conversation order by l.label) as labels,
         case when c.has_fields then ${fieldsOf(fieldTables, 'c.conversation')} end as fields,
         c.created_at, c.updated_at, c.closed_at, s.version`;
const FROM = 'conversation.conversations c join log.streams s on s.stream = c.conversation';
const CONVERSATION = `select ${CONVERSATION_COLUMNS} from ${FROM}`;

const CONVERSATION_WITH_MESSAGES = `
  select ${CONVERSATION_COLUMNS}, m.items
    from ${FROM}
   cross join lateral (${messagePage('conversation = c.conversation', 'desc', '$2::integer')}) as m
   where c.conversation = $1`;

/** Reads of the conversation's own models; each sees one workspace and never writes. */
export class ConversationQueries {
  constructor(private readonly reads: ReadPool) {}

  /** A conversation, as JSON, with so many of its last messages, the newest last; fewer where they weigh too much. */
  async conversation(workspace: string, id: string, messages: number): Promise<{ body: string; version: number }> {
    const uuid = idToBytes(id);
    const { rows } = await this.reads.query<ConversationRow & { items?: string | null }>(
      workspace,
      messages === 0
        ? { name: 'conversation', text: `${CONVERSATION} where c.conversation = $1`, values: [uuid] }
        : { name: 'conversation_with_messages', text: CONVERSATION_WITH_MESSAGES, values: [uuid, messages] },
    );
    const row = rows[0];
    if (row === undefined) throw notFound(id);
    const body = JSON.stringify(toConversation(row));
    return {
      body: messages === 0 ? body : `${body.slice(0, -1)},"messages":[${row.items ?? ''}]}`,
      version: row.version,
    };
  }

  /** Its title, and how often that has changed; null for a conversation that is not there. */
  async titleOf(workspace: string, id: string): Promise<{ title: string | null; revision: number } | null> {
    const { rows } = await this.reads.query<{ title: string | null; revision: number }>(workspace, {
      name: 'conversation_title',
      text: 'select title, title_revision as revision from conversation.conversations where conversation = $1',
      values: [idToBytes(id)],
    });
    return rows[0] ?? null;
  }

  /** Throws `archived` for a label that is put on nothing more. What does not exist is the shell's to refuse. */
  async requireLabelsInUse(workspace: string, labels: readonly string[]): Promise<void> {
    if (labels.length === 0) return;
    const { rows } = await this.reads.query<{ id: string; name: string }>(workspace, {
      name: 'archived_labels',
      text: 'select id, name from conversation.labels where id = any ($1::uuid[]) and archived limit 1',
      values: [labels.map((id) => idToBytes(id).toString('hex'))],
    });
    const [found] = rows;
    if (found === undefined) return;
    throw new Problem(
      'archived',
      `The label ${toId('lbl', found.id)} ("${found.name}") is archived. Restore it first.`,
    );
  }

  /** Throws `unknown_reference`, and `archived`. */
  async statusDetail(workspace: string, id: string): Promise<StatusDetail> {
    const { rows } = await this.reads.query<{ status: Status; name: string; archived: boolean }>(workspace, {
      name: 'status_detail',
      text: 'select status, name, archived from conversation.status_details where id = $1',
      values: [idToBytes(id)],
    });
    const [found] = rows;
    if (found === undefined) throw new Problem('unknown_reference', `There is no ${id} in this workspace.`);
    if (found.archived)
      throw new Problem('archived', `The detail ${id} ("${found.name}") is archived. Restore it first.`);
    return { id, status: found.status };
  }
}

const ASSIGNEE_PREFIXES: Record<string, IdPrefix> = { user: 'usr', ai_agent: 'aia' };

export function toConversation(row: ConversationRow): object {
  return {
    id: toId('conv', row.conversation),
    customer_id: toId('cus', row.customer),
    channel: row.channel,
    title: row.title,
    external_id: row.external_id,
    status: row.status,
    status_detail_id: row.detail === null ? null : toId('sdt', row.detail),
    snoozed_until: row.snoozed_until,
    priority: row.priority,
    assignee: assigneeOf(row),
    team_id: row.team === null ? null : toId('team', row.team),
    label_ids: row.labels.map((label) => toId('lbl', label)),
    locked: row.locked,
    fields: row.fields ?? {},
    created_at: row.created_at,
    updated_at: row.updated_at,
    closed_at: row.closed_at,
    seq: row.version,
  };
}

export function assigneeOf({
  assignee_type: type,
  assignee,
}: Pick<ConversationRow, 'assignee_type' | 'assignee'>): Party | null {
  if (type === null || assignee === null) return null;
  return { type, id: toId(ASSIGNEE_PREFIXES[type] ?? 'usr', assignee) };
}
