import { idToBytes, toId } from '../../platform/kernel/id.js';
import { Problem } from '../../platform/kernel/problem.js';
import type { ReadPool } from '../../platform/reads/read-pool.js';
import type { Status, StatusDetail } from './conversation.commands.js';
import { CONVERSATION_COLUMNS, type ConversationRow, conversationJson } from './conversation-row.js';
import { messagePage } from './messages/message-page.js';
import { notFound } from './not-found.js';

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
    const body = conversationJson(row);
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
