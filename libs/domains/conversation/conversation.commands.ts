import type { Party } from '../../platform/kernel/event.js';

export interface OpenConversation {
  type: 'open';
  customerId: string;
  channel: string;
  title: string | null;
  externalId: string | null;
}

export interface PostMessage {
  type: 'post';
  messageId: string;
  author: Party;
  /** The channel it came or goes on; null for the conversation's own. */
  channel: string | null;
  messageType: string;
  text: string;
  externalId: string | null;
}

export interface AssignConversation {
  type: 'assign';
  assignee: Party | null;
}

export interface CloseConversation {
  type: 'close';
}

export interface ReopenConversation {
  type: 'reopen';
}

/** A conversation as another system tells it: what is not here yet is added, at the times that it happened. */
export interface ImportConversation {
  type: 'import';
  open: OpenConversation & { occurredAt: number };
  /** In their order, without those that are here already. */
  messages: readonly (Omit<PostMessage, 'type'> & {
    occurredAt: number;
    resolves: { article: string | null } | null;
  })[];
}

export type ConversationCommand =
  | OpenConversation
  | PostMessage
  | AssignConversation
  | CloseConversation
  | ReopenConversation
  | ImportConversation;
