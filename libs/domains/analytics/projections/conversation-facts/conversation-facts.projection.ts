import type { SqlStatement } from '../../../../platform/postgres/connection.js';
import { arraysOf, type Column, count, text, time, unnest, uuid } from '../../../../platform/projections/column.js';
import type { Projection, TableName } from '../../../../platform/projections/projection.js';
import { type ConversationPart, foldConversations } from './conversation-facts.fold.js';

/** A row a conversation with its times and counts. */
export const conversationFactsProjection: Projection = {
  name: 'conversation_facts',
  service: 'analytics',
  inline: false,
  personal: false,
  tables: ['conversation_facts'],
  definition: ['libs/domains/analytics/migrations/0001_conversation_facts.sql'],
  types: [
    'conversation.created',
    'message.created',
    'conversation.assigned',
    'conversation.unassigned',
    'conversation.closed',
    'conversation.reopened',
    'conversation.snoozed',
    'conversation.unsnoozed',
  ],
  project: (events, table) => [upsert(foldConversations(events), table)],
};

const latestStatus = (column: string) =>
  `case when excluded.status_seq > f.status_seq then excluded.${column} else f.${column} end`;
const known = (column: string) => `coalesce(f.${column}, excluded.${column})`;
/** least and greatest pass over nulls. */
const first = (column: string) => `least(f.${column}, excluded.${column})`;
const last = (column: string) => `greatest(f.${column}, excluded.${column})`;
const sum = (column: string) => `f.${column} + excluded.${column}`;

/** Each column: where a part has it, and how a part is added to a row. */
const COLUMNS: readonly [name: string, column: Column<ConversationPart>, add: ((name: string) => string) | null][] = [
  ['conversation', uuid((part) => part.conversation), null],
  ['workspace', uuid((part) => part.workspace), null],
  ['customer', uuid((part) => part.customer), known],
  ['channel', text((part) => part.channel), known],
  ['status', text((part) => part.status), latestStatus],
  ['status_seq', count((part) => part.statusSeq), last],
  ['created_at', time((part) => part.createdAt), known],
  ['first_customer_message_at', time((part) => part.firstCustomerMessageAt), first],
  ['first_response_at', time((part) => part.firstResponseAt), first],
  ['last_message_at', time((part) => part.lastMessageAt), last],
  ['first_closed_at', time((part) => part.firstClosedAt), first],
  ['last_closed_at', time((part) => part.lastClosedAt), last],
  ['messages', count((part) => part.messages), sum],
  ['customer_messages', count((part) => part.customerMessages), sum],
  ['user_messages', count((part) => part.userMessages), sum],
  ['ai_agent_messages', count((part) => part.aiAgentMessages), sum],
  ['system_messages', count((part) => part.systemMessages), sum],
  ['closes', count((part) => part.closes), sum],
  ['reopens', count((part) => part.reopens), sum],
  ['assignments', count((part) => part.assignments), sum],
  ['last_seq', count((part) => part.lastSeq), last],
];

const SENT = Object.fromEntries(COLUMNS.map(([name, column]) => [name, column]));
const ADDITIONS = COLUMNS.flatMap(([name, , add]) => (add === null ? [] : [`${name} = ${add(name)}`])).join(', ');

/** One statement for any number of conversations, in the order of their ids, and no read before it. */
function upsert(parts: readonly ConversationPart[], table: TableName): SqlStatement {
  const target = table('conversation_facts');
  return {
    name: `add_to_${target}`,
    text: `insert into ${target} as f (${Object.keys(SENT).join(', ')})
           select * from ${unnest(SENT)} order by 1
           on conflict (conversation) do update set ${ADDITIONS}`,
    values: arraysOf(SENT, parts),
  };
}
