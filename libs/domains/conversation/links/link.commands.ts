import type { Party } from '../../../platform/kernel/event.js';

/** What another conversation is to the one whose stream holds the link. */
export const HELD_KINDS = ['related', 'parent', 'duplicate_of'] as const;
export type HeldKind = (typeof HELD_KINDS)[number];

export interface LinkConversation {
  type: 'link' | 'unlink';
  kind: HeldKind;
  other: string;
}

export interface AddReference {
  type: 'add_reference';
  reference: string;
  referenceType: string;
  externalId: string;
  url: string | null;
  title: string | null;
}

export interface RemoveReference {
  type: 'remove_reference';
  reference: string;
}

export interface MergeConversation {
  type: 'merge';
  /** Where the merges that are known lead to from the one that was asked for. */
  into: string;
  /** Who are read as the one whose the target is; that one alone, as a rule. */
  customers: readonly string[];
}

/** Makes a conversation of a part of another one. */
export interface ForkConversation {
  type: 'fork';
  from: string;
  fromSeq: number;
  customer: string;
  channel: string;
  title: string | null;
  /** Copies, in their order. */
  messages: readonly {
    messageId: string;
    origin: string;
    author: Party;
    channel: string;
    messageType: string;
    text: string;
    /** JSON text; null for what is not rich. */
    blocks: string | null;
    mentions: readonly string[];
    /** ms. */
    occurredAt: number;
  }[];
}

export type LinkCommand = LinkConversation | AddReference | RemoveReference | MergeConversation;
