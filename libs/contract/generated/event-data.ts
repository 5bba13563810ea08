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

/** conversation.reopened: A closed conversation was opened again. */
export interface ConversationReopenedData {
  /** The message that opened it again, msg_…. */
  message_id: string | null;
}

/** conversation.unassigned: Nobody is responsible for a conversation any more. */
export type ConversationUnassignedData = Record<string, never>;

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
  'conversation.reopened': ConversationReopenedData;
  'conversation.unassigned': ConversationUnassignedData;
  'message.created': MessageCreatedData;
  'customer.created': CustomerCreatedData;
  'customer.renamed': CustomerRenamedData;
  'ai_agent.created': AiAgentCreatedData;
  'ai_agent.renamed': AiAgentRenamedData;
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
