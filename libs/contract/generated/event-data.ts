// Generated from schemas/ by `npm run generate`. Do not edit.

import type { DomainEvent, RecordedEvent } from '../../platform/kernel/event.js';

/** Somebody or something that can act. */
export interface Party {
  /** What it is: user, ai_agent, customer, system, api_key, root. An open set. */
  type: string;
  /** Its id, such as usr_… or cus_…. */
  id: string;
}

/** api_key.created: An API key was made for a workspace. On the key's stream. */
export interface ApiKeyCreatedData {
  /** What it is for. */
  name: string;
  /** What it may do: <resource>:read, <resource>:write, or *. */
  scopes: string[];
  /** SHA-256 of the key's secret; the secret itself is shown once and kept nowhere. */
  secret_hash: Buffer;
}

/** api_key.revoked: An API key stopped being valid. On the key's stream. */
export type ApiKeyRevokedData = Record<string, never>;

/** workspace.created: A workspace was made. On the workspace's stream. */
export interface WorkspaceCreatedData {
  /** What it is called. */
  name: string;
  /** What the installation's owner calls it; unique in the installation. */
  external_id: string | null;
}

/** workspace.renamed: A workspace got another name. On the workspace's stream. */
export interface WorkspaceRenamedData {
  /** The new name. */
  name: string;
}

/** conversation.assigned: Somebody became responsible for a conversation. */
export interface ConversationAssignedData {
  /** A user or an AI agent. */
  assignee: Party;
}

/** conversation.closed: A conversation was closed. */
export interface ConversationClosedData {
  /** The message that resolved it, msg_…. */
  message_id: string | null;
  /** The knowledge article that resolved it, as the workspace names it. */
  article: string | null;
  /** The workspace's own detail under the status, sdt_…. */
  detail: string | null;
}

/** conversation.created: A conversation with a customer was opened. */
export interface ConversationCreatedData {
  /** The customer, cus_…. */
  customer_id: string;
  /** The slug of the channel it was opened on. */
  channel: string;
  /** What it is about. Personal. */
  title: string | null;
  /** What the workspace calls it; unique in the workspace. Personal. */
  external_id: string | null;
}

/** conversation.detail_changed: A conversation's status stayed, and got another detail. */
export interface ConversationDetailChangedData {
  /** The workspace's own detail under the status, sdt_…; null for none. */
  detail: string | null;
}

/** conversation.forked: The conversation began as a fork of another one; what it has of its messages follows as copies. */
export interface ConversationForkedData {
  /** The conversation that it was forked from. */
  from_id: string;
  /** The seq of the first message that was copied. */
  from_seq: number;
  /** The ids of the copies, in their order. */
  message_ids: string[];
  /** The ids of the messages that they are copies of, in the same order. */
  origin_ids: string[];
}

/** conversation.labeled: A label was put on a conversation. */
export interface ConversationLabeledData {
  /** The label, lbl_…. */
  label_id: string;
}

/** conversation.linked: The conversation is linked to another one. */
export interface ConversationLinkedData {
  /** What the other one is to it: related, parent or duplicate_of. */
  kind: string;
  /** The other conversation. */
  conversation_id: string;
}

/** conversation.locked: A conversation takes no more messages. */
export type ConversationLockedData = Record<string, never>;

/** conversation.merged: The conversation goes on in another one: new messages go there. */
export interface ConversationMergedData {
  /** The conversation that it goes on in. */
  into_id: string;
}

/** conversation.priority_changed: A conversation became more or less urgent. */
export interface ConversationPriorityChangedData {
  /** urgent, high, normal or low. */
  priority: string;
}

/** conversation.reference_added: The conversation refers to something of another system, such as an issue, a payment or an order. */
export interface ConversationReferenceAddedData {
  /** Made here. */
  reference_id: string;
  /** What it is, such as issue, payment or order: a free slug. */
  type: string;
  /** The other system's id of it. Personal. */
  external_id: string;
  /** Where it can be seen. Personal. */
  url: string | null;
  /** What it is called. Personal. */
  title: string | null;
}

/** conversation.reference_removed: The conversation does not refer to a thing of another system any more. */
export interface ConversationReferenceRemovedData {
  /** That of conversation.reference_added. */
  reference_id: string;
}

/** conversation.reopened: A closed conversation was opened again. */
export interface ConversationReopenedData {
  /** The message that opened it again, msg_…. */
  message_id: string | null;
  /** The workspace's own detail under the status, sdt_…. */
  detail: string | null;
}

/** conversation.snoozed: A conversation was put off. */
export interface ConversationSnoozedData {
  /** When it comes back; null where only an answer of the customer brings it back. */
  until: number | null;
  /** The workspace's own detail under the status, sdt_…. */
  detail: string | null;
}

/** conversation.team_assigned: A team became responsible for a conversation. */
export interface ConversationTeamAssignedData {
  /** The team, team_…. */
  team_id: string;
}

/** conversation.team_unassigned: No team is responsible for a conversation any more. */
export type ConversationTeamUnassignedData = Record<string, never>;

/** conversation.title_changed: A conversation got another title, or lost it. */
export interface ConversationTitleChangedData {
  /** What it is about; null where it has no title any more. Personal. */
  title: string | null;
}

/** conversation.unassigned: Nobody is responsible for a conversation any more. */
export type ConversationUnassignedData = Record<string, never>;

/** conversation.unlabeled: A label was taken off a conversation. */
export interface ConversationUnlabeledData {
  /** The label, lbl_…. */
  label_id: string;
}

/** conversation.unlinked: A link of the conversation to another one is gone. */
export interface ConversationUnlinkedData {
  /** What the other one was to it: related, parent or duplicate_of. */
  kind: string;
  /** The other conversation. */
  conversation_id: string;
}

/** conversation.unlocked: A conversation takes messages again. */
export type ConversationUnlockedData = Record<string, never>;

/** conversation.unsnoozed: A conversation that was snoozed is open again: its time came, the customer answered, or somebody opened it. */
export interface ConversationUnsnoozedData {
  /** The customer's message that opened it, msg_…. */
  message_id: string | null;
  /** The workspace's own detail under the status, sdt_…. */
  detail: string | null;
}

/** label.archived: A label is put on no more conversations; it stays where it is. */
export type LabelArchivedData = Record<string, never>;

/** label.created: A label was made. On the label's stream. */
export interface LabelCreatedData {
  /** Unique in the workspace, whatever its case. */
  name: string;
  /** #rrggbb. */
  color: string;
  /** What it is for. */
  description: string | null;
}

/** label.description_changed: What a label is for was said anew. */
export interface LabelDescriptionChangedData {
  /** What it is for; null for nothing. */
  description: string | null;
}

/** label.recolored: A label got another colour. */
export interface LabelRecoloredData {
  /** #rrggbb. */
  color: string;
}

/** label.renamed: A label got another name. */
export interface LabelRenamedData {
  /** The new name. */
  name: string;
}

/** label.restored: A label that was archived can be put on conversations again. */
export type LabelRestoredData = Record<string, never>;

/** message.created: A message was posted. On its conversation's stream. */
export interface MessageCreatedData {
  /** msg_…. */
  message_id: string;
  /** Who wrote it: customer, user, ai_agent or system. */
  author: Party;
  /** The slug of the channel that it came or goes on. */
  channel: string;
  /** What the text is: text. An open set. */
  type: string;
  /** What was written. Personal. */
  text: string;
  /** What the channel or the workspace calls it; unique in the conversation. Personal. */
  external_id: string | null;
}

/** status_detail.archived: A detail of a status is given to no more conversations; it stays where it is. */
export type StatusDetailArchivedData = Record<string, never>;

/** status_detail.created: A workspace made a detail of its own under a status. On the detail's stream. */
export interface StatusDetailCreatedData {
  /** open, snoozed or closed. */
  status: string;
  /** Unique under its status, whatever its case. */
  name: string;
}

/** status_detail.renamed: A detail of a status got another name. */
export interface StatusDetailRenamedData {
  /** The new name. */
  name: string;
}

/** status_detail.restored: A detail of a status that was archived can be given again. */
export type StatusDetailRestoredData = Record<string, never>;

/** customer.created: A customer became known. On the customer's stream. */
export interface CustomerCreatedData {
  /** What the workspace calls the customer; unique in the workspace. Personal. */
  external_id: string;
  /** The customer's name. Personal. */
  name: string;
}

/** customer.renamed: A customer's name changed. On the customer's stream. */
export interface CustomerRenamedData {
  /** The new name. Personal. */
  name: string;
}

/** ai_agent.created: A program that answers was added. On the AI agent's stream. */
export interface AiAgentCreatedData {
  /** What the workspace calls it; unique in the workspace. */
  external_id: string;
  /** What it is called. */
  name: string;
}

/** ai_agent.renamed: An AI agent got another name. On the AI agent's stream. */
export interface AiAgentRenamedData {
  /** The new name. */
  name: string;
}

/** team.created: A team was made. On the team's stream. */
export interface TeamCreatedData {
  /** What the workspace calls it; unique in the workspace. */
  external_id: string;
  /** What people call it. */
  name: string;
}

/** team.member_added: A user or an AI agent came to a team. */
export interface TeamMemberAddedData {
  /** A user or an AI agent. */
  member: Party;
}

/** team.member_removed: A user or an AI agent left a team. */
export interface TeamMemberRemovedData {
  /** A user or an AI agent. */
  member: Party;
}

/** team.renamed: A team got another name. */
export interface TeamRenamedData {
  /** The new name. */
  name: string;
}

/** user.created: A person who answers was added. On the user's stream. */
export interface UserCreatedData {
  /** What the workspace calls the user; unique in the workspace. Personal. */
  external_id: string;
  /** The user's name. Personal. */
  name: string;
  /** The user's e-mail address. Personal. */
  email: string | null;
}

/** user.email_changed: A user's e-mail address changed. On the user's stream. */
export interface UserEmailChangedData {
  /** The new address; null when it was taken away. Personal. */
  email: string | null;
}

/** user.renamed: A user's name changed. On the user's stream. */
export interface UserRenamedData {
  /** The new name. Personal. */
  name: string;
}

/** Every event's data, by its type. */
export interface EventData {
  'api_key.created': ApiKeyCreatedData;
  'api_key.revoked': ApiKeyRevokedData;
  'workspace.created': WorkspaceCreatedData;
  'workspace.renamed': WorkspaceRenamedData;
  'conversation.assigned': ConversationAssignedData;
  'conversation.closed': ConversationClosedData;
  'conversation.created': ConversationCreatedData;
  'conversation.detail_changed': ConversationDetailChangedData;
  'conversation.forked': ConversationForkedData;
  'conversation.labeled': ConversationLabeledData;
  'conversation.linked': ConversationLinkedData;
  'conversation.locked': ConversationLockedData;
  'conversation.merged': ConversationMergedData;
  'conversation.priority_changed': ConversationPriorityChangedData;
  'conversation.reference_added': ConversationReferenceAddedData;
  'conversation.reference_removed': ConversationReferenceRemovedData;
  'conversation.reopened': ConversationReopenedData;
  'conversation.snoozed': ConversationSnoozedData;
  'conversation.team_assigned': ConversationTeamAssignedData;
  'conversation.team_unassigned': ConversationTeamUnassignedData;
  'conversation.title_changed': ConversationTitleChangedData;
  'conversation.unassigned': ConversationUnassignedData;
  'conversation.unlabeled': ConversationUnlabeledData;
  'conversation.unlinked': ConversationUnlinkedData;
  'conversation.unlocked': ConversationUnlockedData;
  'conversation.unsnoozed': ConversationUnsnoozedData;
  'label.archived': LabelArchivedData;
  'label.created': LabelCreatedData;
  'label.description_changed': LabelDescriptionChangedData;
  'label.recolored': LabelRecoloredData;
  'label.renamed': LabelRenamedData;
  'label.restored': LabelRestoredData;
  'message.created': MessageCreatedData;
  'status_detail.archived': StatusDetailArchivedData;
  'status_detail.created': StatusDetailCreatedData;
  'status_detail.renamed': StatusDetailRenamedData;
  'status_detail.restored': StatusDetailRestoredData;
  'customer.created': CustomerCreatedData;
  'customer.renamed': CustomerRenamedData;
  'ai_agent.created': AiAgentCreatedData;
  'ai_agent.renamed': AiAgentRenamedData;
  'team.created': TeamCreatedData;
  'team.member_added': TeamMemberAddedData;
  'team.member_removed': TeamMemberRemovedData;
  'team.renamed': TeamRenamedData;
  'user.created': UserCreatedData;
  'user.email_changed': UserEmailChangedData;
  'user.renamed': UserRenamedData;
}

/** The name of an event, as the API shows it. */
export type EventType = keyof EventData;

/** Any event of the contract, as a decider states it. */
export type AnyEvent = { [Type in EventType]: DomainEvent<Type, EventData[Type]> }[EventType];

/** Any event of the contract, as it is read from the log. */
export type AnyRecordedEvent = { [Type in EventType]: RecordedEvent<Type, EventData[Type]> }[EventType];
