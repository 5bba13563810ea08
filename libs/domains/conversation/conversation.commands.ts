import type { Party } from '../../platform/kernel/event.js';
import type { ChangeFields, RequiredField } from '../../platform/kernel/fields/held-fields.js';
import type { DraftCommand } from './drafts/draft.commands.js';
import type { ForkConversation, LinkCommand } from './links/link.commands.js';
import type { AiTrace, Content, MessageCommand } from './messages/message.commands.js';

export const STATUSES = ['open', 'snoozed', 'closed'] as const;
export type Status = (typeof STATUSES)[number];

/** A detail of the workspace's own; it goes with one status for good. */
export interface StatusDetail {
  id: string;
  status: Status;
}

/** The most urgent first. */
export const PRIORITIES = ['urgent', 'high', 'normal', 'low'] as const;
export type Priority = (typeof PRIORITIES)[number];

export interface OpenConversation {
  type: 'open';
  customerId: string;
  channel: string;
  title: string | null;
  externalId: string | null;
  /** Its first values in custom fields, the defaults among them. */
  fields?: ChangeFields;
}

export interface PostMessage extends Content {
  type: 'post';
  messageId: string;
  author: Party;
  /** The channel it came or goes on; null for the conversation's own. */
  channel: string | null;
  externalId: string | null;
  /** Whom a note mentions. */
  mentions: readonly string[];
  /** What its channel calls it. */
  channelMessageId: string | null;
  /** The message that it answers. */
  inReplyTo: string | null;
  /** The draft that it was made from. */
  draftId: string | null;
  ai: AiTrace | null;
  /** The merge that leads round to here again, in spite of which it is taken; none as a rule. */
  despiteMerge?: string | null;
  /** The conversation that has it by one of its names, before the merges that led it here; none as a rule. */
  isIn?: string | null;
}

export interface AssignConversation {
  type: 'assign';
  assignee: Party | null;
}

export interface CloseConversation {
  type: 'close';
  detail: StatusDetail | null;
  /** The custom fields that may not be without a value then. */
  required?: readonly RequiredField[];
}

export interface ReopenConversation {
  type: 'reopen';
  detail: StatusDetail | null;
}

export interface SnoozeConversation {
  type: 'snooze';
  /** ms; null: until the customer answers. */
  until: number | null;
  detail: StatusDetail | null;
}

/** The time has come until which it was snoozed. */
export interface WakeConversation {
  type: 'wake';
  /** As it was snoozed: what has been put off anew since is left alone. */
  until: number;
}

export interface AssignTeam {
  type: 'assign_team';
  team: string | null;
}

export interface LabelConversation {
  type: 'label' | 'unlabel';
  label: string;
}

export interface LockConversation {
  type: 'lock' | 'unlock';
}

/** Values in custom fields; those that must have one are asked for where it is closed. */
export interface ChangeConversationFields extends ChangeFields {
  type: 'change_fields';
}

/** A partial update: what is undefined stays as it is, and what is as it should be changes nothing. */
export interface UpdateConversation {
  type: 'update';
  /** Which of the titles that it has had is the given one already; null for none that is known of. */
  title?: { text: string | null; isRevision: number | null } | undefined;
  priority?: Priority | undefined;
  /** Left out with `until`: the one that it has, or snoozed. */
  status?: Status | undefined;
  /** Until when it is snoozed, ms; null: until the customer answers. */
  until?: number | null | undefined;
  /** Null for none. Left out where the status changes, it has none. */
  detail?: StatusDetail | null | undefined;
  assignee?: Party | null | undefined;
  team?: string | null | undefined;
  /** Those that it has from now on, and no others. */
  labels?: readonly string[] | undefined;
  locked?: boolean | undefined;
  /** As of a command to close it, where it is closed by this one. */
  required?: readonly RequiredField[];
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
  | AssignTeam
  | CloseConversation
  | ReopenConversation
  | SnoozeConversation
  | WakeConversation
  | LabelConversation
  | LockConversation
  | ChangeConversationFields
  | UpdateConversation
  | MessageCommand
  | DraftCommand
  | ImportConversation
  | ForkConversation
  | LinkCommand;
