import { idToBytes, toId } from '../../../platform/kernel/id.js';
import { Problem } from '../../../platform/kernel/problem.js';
import { ListCursor } from '../../../platform/reads/list-cursor.js';
import { cutToPage, type PageQuery, rowsOfPage, toPage } from '../../../platform/reads/page.js';
import type { ReadPool } from '../../../platform/reads/read-pool.js';
import type { MessageType } from '../messages/message.commands.js';
import { notFound } from '../not-found.js';
import type { KnownDraft } from './draft.commands.js';

export interface DraftRow {
  draft: string;
  conversation: string;
  author_type: string;
  author: string;
  channel: string;
  type: MessageType;
  text: string;
  blocks: string | null;
  in_reply_to: string | null;
  ai_model: string | null;
  ai_confidence: number | null;
  ai_sources: string | null;
  ai_read_through_seq: number | null;
  status: KnownDraft['status'];
  message: string | null;
  settled_by_type: string | null;
  settled_by: string | null;
  reason: string | null;
  created_at: string;
  updated_at: string;
  seqs: number[];
  content_revision: number;
}

const DRAFTS = `select d.*, c.content_revision
    from conversation.drafts d join conversation.conversations c on c.conversation = d.conversation`;

const PAGE = cutToPage(
  `select d.*, octet_length(d.text) + coalesce(octet_length(d.blocks), 0) + coalesce(octet_length(d.ai_sources), 0) as bytes
     from conversation.drafts d
    where d.conversation = $1 and ($2::uuid is null or d.draft < $2) and ($3::text is null or d.status = $3)
    order by d.draft desc limit $4`,
  'bytes',
  'draft desc',
);

/** Reads of drafts; each sees one workspace and never writes. */
export class DraftQueries {
  constructor(private readonly reads: ReadPool) {}

  /** Throws `not_found`. */
  async one(workspace: string, conversation: string, draft: string): Promise<DraftRow> {
    const { rows } = await this.reads.query<DraftRow>(workspace, {
      name: 'draft',
      text: `${DRAFTS} where d.conversation = $1 and d.draft = $2`,
      values: [idToBytes(conversation), idToBytes(draft)],
    });
    const [row] = rows;
    if (row === undefined) {
      throw new Problem('not_found', `There is no draft ${draft} in the conversation ${conversation}.`);
    }
    return row;
  }

  /** Throws `not_found`. */
  async list(
    workspace: string,
    conversation: string,
    status: string | undefined,
    { limit, cursor }: PageQuery,
  ): Promise<object> {
    const list = new ListCursor('drafts', workspace, { conversation, status });
    const before = list.decode(cursor, 16);
    const [{ rows: known }, { rows }] = await Promise.all([
      this.reads.query(workspace, {
        name: 'conversation_of_drafts',
        text: 'select from conversation.conversations where conversation = $1',
        values: [idToBytes(conversation)],
      }),
      this.reads.query<Omit<DraftRow, 'content_revision'> & { bytes: number }>(workspace, {
        name: 'drafts',
        text: PAGE,
        values: [idToBytes(conversation), before, status ?? null, limit + 1],
      }),
    ]);
    if (known.length === 0) throw notFound(conversation);
    return toPage(
      rows,
      rowsOfPage(rows, limit, ({ bytes }) => bytes),
      toDraft,
      (last) => list.encode(idToBytes(toId('dra', last.draft))),
    );
  }
}

export function toDraft(row: Omit<DraftRow, 'content_revision'>): object {
  return {
    id: toId('dra', row.draft),
    conversation_id: toId('conv', row.conversation),
    author: { type: row.author_type, id: row.author },
    channel: row.channel,
    type: row.type,
    text: row.text,
    blocks: row.blocks === null ? null : JSON.parse(row.blocks),
    in_reply_to: row.in_reply_to === null ? null : toId('msg', row.in_reply_to),
    ai:
      row.ai_model === null
        ? null
        : {
            model: row.ai_model,
            confidence: row.ai_confidence,
            sources: row.ai_sources === null ? null : JSON.parse(row.ai_sources),
            read_through_seq: row.ai_read_through_seq,
          },
    status: row.status,
    message_id: row.message === null ? null : toId('msg', row.message),
    settled_by: row.settled_by === null ? null : { type: row.settled_by_type, id: row.settled_by },
    reason: row.reason,
    created_at: row.created_at,
    updated_at: row.updated_at,
  };
}
