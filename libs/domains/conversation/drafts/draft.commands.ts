import type { Party } from '../../../platform/kernel/event.js';
import type { AiTrace, Content, FromReading } from '../messages/message.commands.js';

export interface ProposeDraft extends Content {
  type: 'propose';
  draftId: string;
  author: Party;
  /** Null for the conversation's own. */
  channel: string | null;
  inReplyTo: string | null;
  ai: AiTrace | null;
  /** As of a message that is posted. */
  despiteMerge?: string | null;
}

/** A draft as it was read before the decision. */
export interface KnownDraft {
  id: string;
  status: 'open' | 'accepted' | 'refused';
}

export interface EditDraft extends FromReading {
  type: 'edit_draft';
  draft: KnownDraft;
  editor: Party;
  content: Content;
  /** How many events say what the draft says. */
  versions: number;
}

export interface AcceptDraft extends FromReading {
  type: 'accept_draft';
  draft: KnownDraft;
  by: Party;
  messageId: string;
  /** As the draft has them. */
  author: Party;
  channel: string;
  content: Content;
  inReplyTo: string | null;
  ai: AiTrace | null;
  /** As of a message that is posted. */
  despiteMerge?: string | null;
}

export interface RefuseDraft extends FromReading {
  type: 'refuse_draft';
  draft: KnownDraft;
  by: Party;
  reason: string | null;
}

export type DraftCommand = ProposeDraft | EditDraft | AcceptDraft | RefuseDraft;
