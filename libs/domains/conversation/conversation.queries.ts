import type { Party } from '../../platform/kernel/event.js';
import { type IdPrefix, idToBytes, toId } from '../../platform/kernel/id.js';
import { Problem } from '../../platform/kernel/problem.js';
import { cutToPage, rowsOfPage } from '../../platform/operations/fields.js';
import { ListCursor, toPage } from '../../platform/operations/list-cursor.js';
import type { ReadPool } from '../../platform/postgres/read-pool.js';

interface ConversationRow {
  conversation: string;
  customer: string;
  channel: string;
  title: string | null;
  external_id: string | null;
  status: string;
  assignee_type: string | null;
  assignee: string | null;
  created_at: string;
  updated_at: string;
  closed_at: string | null;
  version: number;
}

interface MessageRow {
  conversation: string;
  seq: number;
  message: string;
  author_type: string;
  author: string;
  channel: string;
  type: string;
  text: string;
  external_id: string | null;
  occurred_at: string;
  recorded_at: string;
}

export interface ConversationFilters {
  status?: string | undefined;
  assignee?: string | undefined;
  customer?: string | undefined;
  channel?: string | undefined;
  external_id?: string | undefined;
}

export interface Page {
  limit: number;
  cursor?: string | undefined;
}

const CONVERSATION = `
  select c.conversation, c.customer, c.channel, c.title, c.external_id, c.status, c.assignee_type, c.assignee,
         c.created_at, c.updated_at, c.closed_at, s.version
    from conversation.conversations c join log.streams s on s.stream = c.conversation`;

const MESSAGE = `
  select conversation, seq, message, author_type, author, channel, type, text, external_id, occurred_at, recorded_at
    from conversation.messages`;

const MESSAGES = cutToPage(
  `${MESSAGE} where conversation = $1 and seq > $2 order by seq limit $3`,
  'octet_length(text)',
  'seq',
);

/** The newest first; the oldest of them are left out where they are too much for an answer. */
const LAST_MESSAGES = cutToPage(
  `${MESSAGE} where conversation = $1 order by seq desc limit $2`,
  'octet_length(text)',
  'seq desc',
);

/** Reads of the conversation's own models; each sees one workspace and never writes. */
export class ConversationQueries {
  constructor(private readonly reads: ReadPool) {}

  async conversation(workspace: string, id: string, messages: number): Promise<{ body: object; version: number }> {
    const uuid = idToBytes(id);
    const [conversation, last] = await Promise.all([
      this.reads.query<ConversationRow>(workspace, {
        name: 'conversation',
        text: `${CONVERSATION} where c.conversation = $1`,
        values: [uuid],
      }),
      messages === 0
        ? null
        : this.reads.query<MessageRow>(workspace, {
            name: 'last_messages',
            text: LAST_MESSAGES,
            values: [uuid, messages],
          }),
    ]);
    const row = conversation.rows[0];
    if (row === undefined) throw notFound(id);
    const body = toConversation(row);
    return {
      body: last === null ? body : { ...body, messages: pageOf(last.rows, messages).reverse().map(toMessage) },
      version: row.version,
    };
  }

  async conversations(workspace: string, filters: ConversationFilters, { limit, cursor }: Page): Promise<object> {
    const list = new ListCursor('conversations', workspace, { ...filters });
    const conditions: string[] = [];
    const values: unknown[] = [];
    const add = (condition: string, value: unknown) => {
      values.push(value);
      conditions.push(condition.replace('?', `$${values.length}`));
    };
    add('c.workspace = ?', idToBytes(workspace));
    const before = list.decode(cursor, 16);
    if (before !== null) add('c.conversation < ?', before);
    if (filters.status !== undefined) add('c.status = ?', filters.status);
    if (filters.assignee === 'none') conditions.push('c.assignee is null');
    else if (filters.assignee !== undefined) add('c.assignee = ?', idToBytes(filters.assignee));
    if (filters.customer !== undefined) add('c.customer = ?', idToBytes(filters.customer));
    if (filters.channel !== undefined) add('c.channel = ?', filters.channel);
    if (filters.external_id !== undefined) add('c.external_id = ?', filters.external_id);
    values.push(limit + 1);
    const { rows } = await this.reads.query<ConversationRow>(workspace, {
      text: `${CONVERSATION} where ${conditions.join(' and ')} order by c.conversation desc limit $${values.length}`,
      values,
    });
    return toPage(rows, limit, toConversation, (last) =>
      list.encode(idToBytes(`_${last.conversation.replaceAll('-', '')}`)),
    );
  }

  async messages(workspace: string, id: string, { limit, cursor }: Page): Promise<object> {
    const list = new ListCursor('messages', workspace, { id });
    const after = list.decode(cursor, 4)?.readUInt32BE(0) ?? 0;
    const uuid = idToBytes(id);
    const [known, { rows }] = await Promise.all([
      this.exists(workspace, id),
      this.reads.query<MessageRow>(workspace, {
        name: 'messages',
        text: MESSAGES,
        values: [uuid, after, limit + 1],
      }),
    ]);
    if (!known) throw notFound(id);
    return toPage(rows, pageOf(rows, limit).length, toMessage, (last) => {
      const key = Buffer.alloc(4);
      key.writeUInt32BE(last.seq, 0);
      return list.encode(key);
    });
  }

  async exists(workspace: string, id: string): Promise<boolean> {
    const { rows } = await this.reads.query(workspace, {
      name: 'conversation_exists',
      text: 'select from conversation.conversations where conversation = $1',
      values: [idToBytes(id)],
    });
    return rows.length > 0;
  }
}

function pageOf(rows: readonly MessageRow[], limit: number): MessageRow[] {
  return rows.slice(
    0,
    rowsOfPage(rows, limit, ({ text }) => Buffer.byteLength(text)),
  );
}

export function notFound(id: string): Problem {
  return new Problem('not_found', `There is no conversation ${id} in this workspace.`);
}

const ASSIGNEE_PREFIXES: Record<string, IdPrefix> = { user: 'usr', ai_agent: 'aia' };

function toConversation(row: ConversationRow): object {
  return {
    id: toId('conv', row.conversation),
    customer_id: toId('cus', row.customer),
    channel: row.channel,
    title: row.title,
    external_id: row.external_id,
    status: row.status,
    assignee: assigneeOf(row),
    created_at: row.created_at,
    updated_at: row.updated_at,
    closed_at: row.closed_at,
    seq: row.version,
  };
}

function assigneeOf({ assignee_type: type, assignee }: ConversationRow): Party | null {
  if (type === null || assignee === null) return null;
  return { type, id: toId(ASSIGNEE_PREFIXES[type] ?? 'usr', assignee) };
}

function toMessage(row: MessageRow): object {
  return {
    id: toId('msg', row.message),
    conversation_id: toId('conv', row.conversation),
    seq: row.seq,
    author: { type: row.author_type, id: row.author },
    channel: row.channel,
    type: row.type,
    text: row.text,
    external_id: row.external_id,
    occurred_at: row.occurred_at,
    recorded_at: row.recorded_at,
  };
}
