import { idToBytes, toId } from '../../../../platform/kernel/id.js';
import { Problem } from '../../../../platform/kernel/problem.js';
import type { ReadPool } from '../../../../platform/reads/read-pool.js';

/** `GET /v1/analytics/conversations/{id}`. Times are RFC 3339 in UTC, null for what has not happened. */
export interface ConversationFacts {
  id: string;
  customer_id: string | null;
  channel: string | null;
  status: string;
  created_at: string | null;
  first_customer_message_at: string | null;
  /** The first message of a user or an AI agent. */
  first_response_at: string | null;
  last_message_at: string | null;
  first_closed_at: string | null;
  /** The last time that it was closed, also when it has been reopened since. */
  last_closed_at: string | null;
  messages: number;
  customer_messages: number;
  user_messages: number;
  ai_agent_messages: number;
  system_messages: number;
  closes: number;
  reopens: number;
  assignments: number;
  /** The last event of the conversation that is counted here. */
  last_seq: number;
}

const TEXT = `
select conversation as id, customer as customer_id, channel, status, created_at, first_customer_message_at,
       first_response_at, last_message_at, first_closed_at, last_closed_at, messages, customer_messages, user_messages,
       ai_agent_messages, system_messages, closes, reopens, assignments, last_seq
  from analytics.conversation_facts where conversation = $1`;

/**
 * The facts of a conversation of a workspace (`wsp_…`, `conv_…`). Throws `not_found` where the workspace has no such one,
 * or its events have not arrived.
 */
export async function conversationFacts(
  reads: ReadPool,
  workspace: string,
  conversation: string,
): Promise<ConversationFacts> {
  const { rows } = await reads.query<ConversationFacts>(workspace, {
    name: 'conversation_facts',
    text: TEXT,
    values: [idToBytes(conversation)],
  });
  const row = rows[0];
  if (row === undefined) throw new Problem('not_found', `There is no conversation ${conversation} in this workspace.`);
  return {
    ...row,
    id: toId('conv', row.id),
    customer_id: row.customer_id === null ? null : toId('cus', row.customer_id),
  };
}
