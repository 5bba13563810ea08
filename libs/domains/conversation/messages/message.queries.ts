import { idToBytes } from '../../../platform/kernel/id.js';
import { Problem } from '../../../platform/kernel/problem.js';
import { ListCursor } from '../../../platform/reads/list-cursor.js';
import type { PageQuery } from '../../../platform/reads/page.js';
import type { ReadPool } from '../../../platform/reads/read-pool.js';
import { notFound } from '../not-found.js';
import type { KnownMessage, MessageType } from './message.commands.js';
import { type MessagePageRow, messagePage } from './message-page.js';

const MESSAGES = messagePage('conversation = $1 and seq > $2', 'asc', '$3::integer');
const MESSAGE = messagePage('conversation = $1 and message = $2', 'asc', '1');

/** A message with what a decision about it needs, all of one moment. */
export interface MessageReading extends KnownMessage {
  contentRevision: number;
  type: MessageType;
  channel: string;
  text: string;
  blocks: string | null;
  mentions: string[];
  /** The numbers of all events that say something personal of it. */
  seqs: number[];
  /** How many of them came after its own. */
  later: number;
  reactions: { author: string; emoji: string }[];
  /** How many. */
  receipts: number;
  /** How often something of it was chosen, and what that weighs as JSON. */
  choices: { count: number; bytes: number };
}

interface ReadingRow {
  content_revision: number;
  seq: number;
  type: MessageType;
  channel: string;
  text: string;
  blocks: string | null;
  mentions: string[];
  redacted: boolean;
  seqs: number[];
  later: number;
  reactions: MessageReading['reactions'];
  receipts: MessageReading['receipts'];
  choices: MessageReading['choices'];
}

const READING = `
  select c.content_revision, m.seq, m.type, m.channel, m.text, m.blocks, m.mentions, m.redacted_at is not null as redacted,
         m.seq || m.later_seqs || coalesce((select d.seqs from conversation.drafts d where d.draft = m.draft), '{}') as seqs,
         cardinality(m.later_seqs) as later,
         (select coalesce(json_agg(json_build_object('author', r.author_type || ' ' || r.author, 'emoji', r.emoji)), '[]')
            from conversation.message_reactions r where r.conversation = m.conversation and r.message_seq = m.seq) as reactions,
         (select count(*)::integer
            from conversation.message_receipts r where r.conversation = m.conversation and r.message_seq = m.seq) as receipts,
         (select json_build_object('count', count(*), 'bytes', coalesce(sum(octet_length(h.choices)), 0))
            from conversation.message_choices h where h.conversation = m.conversation and h.message_seq = m.seq) as choices
    from conversation.messages m join conversation.conversations c on c.conversation = m.conversation
   where m.conversation = $1 and m.message = $2`;

/** Reads of messages; each sees one workspace and never writes. */
export class MessageQueries {
  constructor(private readonly reads: ReadPool) {}

  /** A page of messages, as JSON. Throws `not_found`. */
  async list(workspace: string, id: string, { limit, cursor }: PageQuery): Promise<string> {
    const list = new ListCursor('messages', workspace, { id });
    const after = list.decodeNumber(cursor) ?? 0;
    const [channel, { rows }] = await Promise.all([
      this.channelOf(workspace, id),
      this.reads.query<MessagePageRow>(workspace, {
        name: 'messages',
        text: MESSAGES,
        values: [idToBytes(id), after, limit],
      }),
    ]);
    if (channel === null) throw notFound(id);
    const { items, last, has_more } = rows[0]!;
    const next = has_more === true ? list.encodeNumber(last!) : null;
    return `{"data":[${items ?? ''}],"next_cursor":${JSON.stringify(next)}}`;
  }

  /** A message, as JSON. Throws `not_found`. */
  async one(workspace: string, conversation: string, message: string): Promise<string> {
    const { rows } = await this.reads.query<MessagePageRow>(workspace, {
      name: 'message',
      text: MESSAGE,
      values: [idToBytes(conversation), idToBytes(message)],
    });
    const items = rows[0]!.items;
    if (items === null) throw noMessage(conversation, message);
    return items;
  }

  /** Throws `not_found`. */
  async reading(workspace: string, conversation: string, message: string): Promise<MessageReading> {
    const { rows } = await this.reads.query<ReadingRow>(workspace, {
      name: 'message_reading',
      text: READING,
      values: [idToBytes(conversation), idToBytes(message)],
    });
    const row = rows[0];
    if (row === undefined) throw noMessage(conversation, message);
    const { content_revision: contentRevision, redacted: isRedacted, ...rest } = row;
    return { id: message, contentRevision, isRedacted, ...rest };
  }

  /** The channel that a conversation was opened on; null for a conversation that is not there. */
  async channelOf(workspace: string, conversation: string): Promise<string | null> {
    const { rows } = await this.reads.query<{ channel: string }>(workspace, {
      name: 'conversation_channel',
      text: 'select channel from conversation.conversations where conversation = $1',
      values: [idToBytes(conversation)],
    });
    return rows[0]?.channel ?? null;
  }

  /** Throws `unknown_reference` for a message that the conversation does not have. */
  async requireIn(workspace: string, conversation: string, message: string): Promise<void> {
    const { rows } = await this.reads.query(workspace, {
      name: 'message_exists',
      text: 'select from conversation.messages where conversation = $1 and message = $2',
      values: [idToBytes(conversation), idToBytes(message)],
    });
    if (rows.length === 0) {
      throw new Problem('unknown_reference', `There is no message ${message} in the conversation.`);
    }
  }
}

function noMessage(conversation: string, message: string): Problem {
  return new Problem('not_found', `There is no message ${message} in the conversation ${conversation}.`);
}

/** As `MessageReading` names parties. */
export function partyKey({ type, id }: { type: string; id: string }): string {
  return `${type} ${id}`;
}
