import { idToBytes, toId } from '../../../platform/kernel/id.js';
import { Problem } from '../../../platform/kernel/problem.js';
import type { Caller } from '../../../platform/operations/caller.js';
import type { Invoker } from '../../../platform/operations/invoker.js';
import type { ReadPool } from '../../../platform/reads/read-pool.js';

interface Copy {
  conversation: string;
  message: string;
}

interface MessageToCopy {
  id: string;
  seq: number;
  author_type: string;
  author: string;
  channel: string;
  type: string;
  text: string;
  blocks: string | null;
  mentions: string[];
  /** ms. */
  at: number;
}

/** The most that one command copies. */
export const MOST_COPIES = 200;

/**
 * What forks copy, and have copied, of messages. A redaction follows its message into each copy, and theirs; a fork looks, once it is
 * there, whether what it has copied was redacted meanwhile. So one of the two finds the other, whichever came first.
 */
export class Copies {
  constructor(
    private readonly reads: ReadPool,
    private readonly invoker: Invoker,
  ) {}

  /** The messages from one on, or from a place on; one more than can be copied where there are too many. */
  async messagesFrom(
    workspace: string,
    id: string,
    from: { seq: number } | { message: string },
  ): Promise<MessageToCopy[]> {
    const { rows } = await this.reads.query<MessageToCopy>(workspace, {
      name: 'message' in from ? 'messages_from_one' : 'messages_from_seq',
      text: `select message as id, seq, author_type, author, channel, type, text, blocks, mentions,
                    (extract(epoch from occurred_at) * 1000)::float8 as at
               from conversation.messages
              where conversation = $1 and redacted_at is null
                and seq >= ${'message' in from ? '(select seq from conversation.messages where conversation = $1 and message = $2)' : '$2'}
              order by seq limit ${MOST_COPIES + 1}`,
      values: [idToBytes(id), 'message' in from ? idToBytes(from.message) : from.seq],
    });
    return rows.map((row) => ({ ...row, id: toId('msg', row.id) }));
  }

  /** Redacts the copies of a redacted message. May be done again: what is redacted already is passed over. */
  async redactThoseOf(message: string, reason: string | null, caller: Caller): Promise<void> {
    const { rows } = await this.reads.query<Copy>(caller.workspace!, {
      name: 'copies_of_message',
      text: 'select conversation, message from conversation.copies where origin = $1 order by message',
      values: [idToBytes(message)],
    });
    await this.redact(rows, reason, caller);
  }

  /** Redacts what a fork has copied of messages that were redacted meanwhile. */
  async redactThoseIn(fork: string, caller: Caller): Promise<void> {
    const { rows } = await this.reads.query<Copy>(caller.workspace!, {
      name: 'copies_of_redacted',
      text: `select c.conversation, c.message
               from conversation.copies c
               join conversation.links l on l.conversation = c.conversation and l.kind = 'forked_from'
               join conversation.messages m on m.conversation = l.other and m.message = c.origin
              where c.conversation = $1 and m.redacted_at is not null`,
      values: [idToBytes(fork)],
    });
    await this.redact(rows, null, caller);
  }

  private async redact(copies: readonly Copy[], reason: string | null, caller: Caller): Promise<void> {
    for (const { conversation, message } of copies) {
      const params = { id: toId('conv', conversation), message_id: toId('msg', message) };
      const body = reason === null ? {} : { reason };
      try {
        await this.invoker.invoke('messages.redact', { params, body }, { ...caller, idempotency: null, ifMatch: null });
      } catch (error) {
        if (!(error instanceof Problem) || error.code !== 'message_redacted') throw error;
      }
    }
  }
}
