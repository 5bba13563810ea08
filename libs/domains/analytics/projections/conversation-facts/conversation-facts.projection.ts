import { idToBytes } from '../../../../platform/kernel/id.js';
import { int4Array, textArray, timestampArray, uuidArray } from '../../../../platform/postgres/binary-array.js';
import type { SqlStatement } from '../../../../platform/postgres/connection.js';
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
  ],
  project: (events, table) => [upsert(foldConversations(events), table)],
};

type Encode = (parts: readonly ConversationPart[]) => Buffer;

const uuid = (of: (part: ConversationPart) => string | null): Encode => {
  const bytes = (id: string | null) => (id === null ? null : idToBytes(id));
  return (parts) => uuidArray(parts.map((part) => bytes(of(part))));
};
const text = (of: (part: ConversationPart) => string | null): Encode => {
  return (parts) => textArray(parts.map(of));
};
const time = (of: (part: ConversationPart) => number | null): Encode => {
  return (parts) => timestampArray(parts.map(of));
};
const count = (of: (part: ConversationPart) => number): Encode => {
  return (parts) => int4Array(parts.map(of));
};

const latestStatus = (column: string) =>
  `case when excluded.status_seq > f.status_seq then excluded.${column} else f.${column} end`;
const known = (column: string) => `coalesce(f.${column}, excluded.${column})`;
/** least and greatest pass over nulls. */
const first = (column: string) => `least(f.${column}, excluded.${column})`;
const last = (column: string) => `greatest(f.${column}, excluded.${column})`;
const sum = (column: string) => `f.${column} + excluded.${column}`;

/** Each column: its type, where a part has it, and how a part is added to a row. */
const COLUMNS: readonly [name: string, type: string, encode: Encode, add: ((column: string) => string) | null][] = [
  ['conversation', 'uuid', uuid((part) => part.conversation), null],
  ['workspace', 'uuid', uuid((part) => part.workspace), null],
  ['customer', 'uuid', uuid((part) => part.customer), known],
  ['channel', 'text', text((part) => part.channel), known],
  ['status', 'text', text((part) => part.status), latestStatus],
  ['status_seq', 'integer', count((part) => part.statusSeq), last],
  ['created_at', 'timestamptz', time((part) => part.createdAt), known],
  ['first_customer_message_at', 'timestamptz', time((part) => part.firstCustomerMessageAt), first],
  ['first_response_at', 'timestamptz', time((part) => part.firstResponseAt), first],
  ['last_message_at', 'timestamptz', time((part) => part.lastMessageAt), last],
  ['first_closed_at', 'timestamptz', time((part) => part.firstClosedAt), first],
  ['last_closed_at', 'timestamptz', time((part) => part.lastClosedAt), last],
  ['messages', 'integer', count((part) => part.messages), sum],
  ['customer_messages', 'integer', count((part) => part.customerMessages), sum],
  ['user_messages', 'integer', count((part) => part.userMessages), sum],
  ['ai_agent_messages', 'integer', count((part) => part.aiAgentMessages), sum],
  ['system_messages', 'integer', count((part) => part.systemMessages), sum],
  ['closes', 'integer', count((part) => part.closes), sum],
  ['reopens', 'integer', count((part) => part.reopens), sum],
  ['assignments', 'integer', count((part) => part.assignments), sum],
  ['last_seq', 'integer', count((part) => part.lastSeq), last],
];

const NAMES = COLUMNS.map(([name]) => name).join(', ');
const PARAMETERS = COLUMNS.map(([, type], i) => `$${i + 1}::${type}[]`).join(', ');
const ADDITIONS = COLUMNS.flatMap(([name, , , add]) => (add === null ? [] : [`${name} = ${add(name)}`])).join(', ');

/** One statement for any number of conversations, in the order of their ids, and no read before it. */
function upsert(parts: readonly ConversationPart[], table: TableName): SqlStatement {
  const target = table('conversation_facts');
  return {
    name: `add_to_${target}`,
    text: `insert into ${target} as f (${NAMES})
           select * from unnest(${PARAMETERS}) order by 1
           on conflict (conversation) do update set ${ADDITIONS}`,
    values: COLUMNS.map(([, , encode]) => encode(parts)),
  };
}
