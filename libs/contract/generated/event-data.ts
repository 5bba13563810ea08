// Generated from schemas/ by `npm run generate`. Do not edit.

import type { DomainEvent, RecordedEvent } from '../../platform/kernel/event.js';

/** When a custom field is asked for. */
export interface FieldDependency {
  /** The field that decides, fld_…. */
  field_id: string;
  /** Those of its values with which it is asked for; true and false of a boolean. */
  values: string[];
}

/** A value that a custom field can have. */
export interface FieldOption {
  /** A slug: what values hold. */
  value: string;
  /** What people read. */
  name: string;
}

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

/** conversation.field_cleared: A conversation has no value in a custom field any more. */
export interface ConversationFieldClearedData {
  /** The field, fld_…. */
  field_id: string;
  /** The field's key, which never changes. */
  key: string;
}

/** conversation.field_set: A conversation got a value in a custom field, or another one. */
export interface ConversationFieldSetData {
  /** The field, fld_…. */
  field_id: string;
  /** The field's key, which never changes. */
  key: string;
  /** The field's kind, which never changes. */
  kind: string;
  /** The version of the field under which it was set. */
  version: number;
  /** The value as JSON; null where the field is personal. */
  value: string | null;
  /** The value as JSON, where the field is personal; else null. Personal. */
  personal_value: string | null;
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

/** custom_field.archived: A custom field takes no more values; those that there are stay. */
export type CustomFieldArchivedData = Record<string, never>;

/** custom_field.created: A workspace declared a custom field. */
export interface CustomFieldCreatedData {
  /** What has values for it: conversation, message, customer, company or tenant. An open set. */
  object: string;
  /** Its slug, unique among the fields of its object. */
  key: string;
  /** string, text, number, currency, boolean, date, enum, multi_enum or reference. An open set. */
  kind: string;
  /** What people read. */
  name: string;
  /** What it is for. */
  description: string | null;
  /** Whether its values are sealed with a person's key. */
  personal: boolean;
  /** Whether a value may not be missing. */
  required: boolean;
  /** What a new thing gets, as JSON; null for none. */
  default_value: string | null;
  /** Of an enum or a multi_enum, in their order; else none. */
  options: FieldOption[];
  /** Where it is asked for; null for everywhere. */
  depends_on: FieldDependency | null;
  /** What a reference leads to, such as user; null for every other kind. */
  reference_to: string | null;
}

/** custom_field.default_changed: New things get another value in a custom field, or none. */
export interface CustomFieldDefaultChangedData {
  /** What a new thing gets, as JSON; null for none. */
  default_value: string | null;
}

/** custom_field.dependency_changed: A custom field is asked for elsewhere than before. */
export interface CustomFieldDependencyChangedData {
  /** Where it is asked for; null for everywhere. */
  depends_on: FieldDependency | null;
}

/** custom_field.description_changed: A custom field got another description, or lost it. */
export interface CustomFieldDescriptionChangedData {
  /** What it is for; null for none. */
  description: string | null;
}

/** custom_field.options_changed: A custom field got other options, or another order or names of them. */
export interface CustomFieldOptionsChangedData {
  /** All of them, in their order. */
  options: FieldOption[];
}

/** custom_field.renamed: A custom field got another name. */
export interface CustomFieldRenamedData {
  /** What people read. */
  name: string;
}

/** custom_field.required_changed: A custom field became required, or stopped being so. */
export interface CustomFieldRequiredChangedData {
  /** Whether a value may not be missing. */
  required: boolean;
}

/** custom_field.restored: An archived custom field takes values again. */
export type CustomFieldRestoredData = Record<string, never>;

/** draft.accepted: A draft became a message. On its conversation's stream, after the message's own event. */
export interface DraftAcceptedData {
  /** dra_…. */
  draft_id: string;
  /** The message that it became, msg_…. */
  message_id: string;
  /** Who accepted it: user, ai_agent or system. */
  by: Party;
}

/** draft.edited: A draft says something else from now on. On its conversation's stream. */
export interface DraftEditedData {
  /** dra_…. */
  draft_id: string;
  /** Who changed it: user, ai_agent or system. */
  editor: Party;
  /** What it says now. Personal. */
  text: string;
  /** The blocks of a rich message, as JSON text; null for any other. Personal. */
  blocks: string | null;
}

/** draft.proposed: Somebody proposed what could be answered. On its conversation's stream. */
export interface DraftProposedData {
  /** dra_…. */
  draft_id: string;
  /** Who proposes: user, ai_agent or system. */
  author: Party;
  /** The slug of the channel that it would go on. */
  channel: string;
  /** What kind of message it would be: text, note or rich. An open set. */
  type: string;
  /** What it says. Personal. */
  text: string;
  /** The blocks of a rich message, as JSON text; null for any other. Personal. */
  blocks: string | null;
  /** The message that it answers, msg_…; null where it names none. */
  in_reply_to: string | null;
  /** The model that wrote it; null where none did. */
  ai_model: string | null;
  /** How sure the model is, from 0 to 1; null where it does not say. */
  ai_confidence: number | null;
  /** What the model drew on, as JSON text: a list of {id?, title?, url?}; null where it does not say. Personal. */
  ai_sources: string | null;
  /** The number on this stream up to which the model had read; null where it does not say. */
  ai_read_through_seq: number | null;
}

/** draft.refused: A draft will not be sent. On its conversation's stream. */
export interface DraftRefusedData {
  /** dra_…. */
  draft_id: string;
  /** Who refused it: user, ai_agent or system. */
  by: Party;
  /** Why; null where nobody said. Personal. */
  reason: string | null;
}

/** job.cancelled: A job was told to go no further. On the job's stream. */
export type JobCancelledData = Record<string, never>;

/** job.created: A change of many conversations was asked for. On its own stream. */
export interface JobCreatedData {
  /** The operation that is done to each, such as conversations.update. */
  kind: string;
  /** The operation's body, as JSON, without what may name a person. */
  body: string;
  /** How many conversations it is about. */
  total: number;
}

/** job.finished: Every row of a job has its outcome. On the job's stream. */
export type JobFinishedData = Record<string, never>;

/** job.progressed: The next rows of a job have been done, or have failed. On the job's stream. */
export interface JobProgressedData {
  /** The number of the first of them, from 0. */
  first: number;
  /** Of each, in their order: the code of the problem that it met, or an empty text where it was changed. */
  outcomes: string[];
}

/** job.rows_added: Conversations that a job is about, the next of them. On the job's stream. */
export interface JobRowsAddedData {
  /** The number of the first of them, from 0. */
  first: number;
  /** In the order in which they are changed, conv_…. */
  conversation_ids: string[];
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

/** message.choice_made: The customer chose one of the things that a rich message offers, or filled in its form. On its conversation's stream. */
export interface MessageChoiceMadeData {
  /** msg_…: the message that offers it. */
  message_id: string;
  /** The number of that message's own event on this stream. */
  message_seq: number;
  /** Who chose. */
  author: Party;
  /** What was chosen, as JSON text: a list of {block_id, value}, where value is a button's or quick reply's value, or what was put into a form field. Personal. */
  choices: string;
}

/** message.created: A message was posted. On its conversation's stream. */
export interface MessageCreatedData {
  /** msg_…. */
  message_id: string;
  /** Who wrote it: customer, user, ai_agent or system. */
  author: Party;
  /** The slug of the channel that it came or goes on. */
  channel: string;
  /** What kind of message it is: text, note or rich. An open set. */
  type: string;
  /** What was written. Personal. */
  text: string;
  /** What the channel or the workspace calls it; unique in the conversation. Personal. */
  external_id: string | null;
  /** The blocks of a rich message, as JSON text; null for any other. Personal. */
  blocks: string | null;
  /** Whom a note mentions: usr_… and aia_…. */
  mentions: string[];
  /** What the channel calls it; unique in the conversation and channel. Null where it has no name there, or not yet. Personal. */
  channel_message_id: string | null;
  /** The message that it answers, msg_…; null where it names none. */
  in_reply_to: string | null;
  /** The draft that it was made from, dra_…; null for none. */
  draft_id: string | null;
  /** The model that wrote it; null where none did. */
  ai_model: string | null;
  /** How sure the model is, from 0 to 1; null where it does not say. */
  ai_confidence: number | null;
  /** What the model drew on, as JSON text: a list of {id?, title?, url?}; null where it does not say. Personal. */
  ai_sources: string | null;
  /** The number on this stream up to which the model had read; null where it does not say. */
  ai_read_through_seq: number | null;
}

/** message.delivered: A channel delivered a message. On its conversation's stream. */
export interface MessageDeliveredData {
  /** msg_…. */
  message_id: string;
  /** The number of the message's own event on this stream. */
  message_seq: number;
  /** The slug of the channel that says so. */
  channel: string;
}

/** message.delivery_failed: A channel could not deliver a message. On its conversation's stream. */
export interface MessageDeliveryFailedData {
  /** msg_…. */
  message_id: string;
  /** The number of the message's own event on this stream. */
  message_seq: number;
  /** The slug of the channel that says so. */
  channel: string;
  /** The channel's own word for why, as a slug. */
  code: string;
  /** What the channel said, in its words; null where it said nothing. Personal. */
  detail: string | null;
}

/** message.edited: A message says something else from now on. On its conversation's stream; what it said before stays in the events before. */
export interface MessageEditedData {
  /** msg_…. */
  message_id: string;
  /** The number of the message's own event on this stream. */
  message_seq: number;
  /** What it says now; of a rich message what is shown where blocks are not. Personal. */
  text: string;
  /** The blocks of a rich message, as JSON text; null for any other. Personal. */
  blocks: string | null;
  /** Whom a note mentions now: usr_… and aia_…. */
  mentions: string[];
}

/** message.field_cleared: A message has no value in a custom field any more. */
export interface MessageFieldClearedData {
  /** The message, msg_…. */
  message_id: string;
  /** Its number on the conversation's stream. */
  message_seq: number;
  /** The field, fld_…. */
  field_id: string;
  /** The field's key, which never changes. */
  key: string;
}

/** message.field_set: A message got a value in a custom field, or another one. */
export interface MessageFieldSetData {
  /** The message, msg_…. */
  message_id: string;
  /** Its number on the conversation's stream. */
  message_seq: number;
  /** The field, fld_…. */
  field_id: string;
  /** The field's key, which never changes. */
  key: string;
  /** The field's kind, which never changes. */
  kind: string;
  /** The version of the field under which it was set. */
  version: number;
  /** The value as JSON; null where the field is personal. */
  value: string | null;
  /** The value as JSON, where the field is personal; else null. Personal. */
  personal_value: string | null;
}

/** message.reaction_added: Somebody reacted to a message. On its conversation's stream. */
export interface MessageReactionAddedData {
  /** msg_…. */
  message_id: string;
  /** The number of the message's own event on this stream. */
  message_seq: number;
  /** Who reacted: customer, user, ai_agent or system. */
  author: Party;
  /** With what: an emoji, or a short name of one. */
  emoji: string;
}

/** message.reaction_removed: Somebody took a reaction back. On its conversation's stream. */
export interface MessageReactionRemovedData {
  /** msg_…. */
  message_id: string;
  /** The number of the message's own event on this stream. */
  message_seq: number;
  /** Whose reaction it was. */
  author: Party;
  /** Which one. */
  emoji: string;
}

/** message.read: Somebody read a message. On its conversation's stream. */
export interface MessageReadData {
  /** msg_…. */
  message_id: string;
  /** The number of the message's own event on this stream. */
  message_seq: number;
  /** The slug of the channel that says so. */
  channel: string;
  /** Who read it. */
  reader: Party;
}

/** message.redacted: What a message says is not to be read any more, in any version. On its conversation's stream. */
export interface MessageRedactedData {
  /** msg_…. */
  message_id: string;
  /** The number of the message's own event on this stream. */
  message_seq: number;
  /** The numbers on this stream of the events whose sealed fields read redacted from now on: its creation, its edits, and the draft that it was made from. */
  seqs: number[];
  /** Why; null where nobody said. Personal. */
  reason: string | null;
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

/** view.archived: A view is not in use any more. On the view's stream. */
export type ViewArchivedData = Record<string, never>;

/** view.created: A view of conversations was made. On its own stream. */
export interface ViewCreatedData {
  /** What it is called; the workspace's own word, unique among its owner's views, or among those that all share. */
  name: string;
  /** The user whose view it is, usr_…; null where all share it. */
  owner_id: string | null;
  /** Which conversations are in it, as JSON: a ConversationFilter of the API without what may name a person; null for all. */
  filter: string | null;
  /** What they are ordered by: id, created_at, updated_at, last_message_at or priority. */
  sort: string;
  /** asc or desc. */
  order: string;
}

/** view.filter_changed: A view has other conversations in it. On the view's stream. */
export interface ViewFilterChangedData {
  /** Which conversations are in it from now on, as JSON: a ConversationFilter of the API; null for all. */
  filter: string | null;
}

/** view.renamed: A view is called something else. On the view's stream. */
export interface ViewRenamedData {
  /** What it is called from now on. */
  name: string;
  /** The user among whose views the name is unique, usr_…; null where all share it. */
  owner_id: string | null;
}

/** view.restored: A view is in use again. On the view's stream. */
export type ViewRestoredData = Record<string, never>;

/** view.sort_changed: A view is in another order. On the view's stream. */
export interface ViewSortChangedData {
  /** What its conversations are ordered by from now on. */
  sort: string;
  /** asc or desc. */
  order: string;
}

/** company.archived: A company went to the archive: its customers stay, and no more join. */
export type CompanyArchivedData = Record<string, never>;

/** company.created: A company became known. On the company's stream. Nothing of it is about a person. */
export interface CompanyCreatedData {
  /** What the workspace calls the company; unique in the workspace. */
  external_id: string;
  /** The company's name. */
  name: string;
  /** The internet domains that are the company's, in lower case, such as example.org. */
  domains: string[];
}

/** company.domains_changed: Other internet domains are a company's. */
export interface CompanyDomainsChangedData {
  /** All that are the company's now, in lower case. */
  domains: string[];
}

/** company.field_cleared: A company has no value in a custom field any more. */
export interface CompanyFieldClearedData {
  /** The field, fld_…. */
  field_id: string;
  /** The field's key, which never changes. */
  key: string;
}

/** company.field_set: A company got a value in a custom field, or another one. */
export interface CompanyFieldSetData {
  /** The field, fld_…. */
  field_id: string;
  /** The field's key, which never changes. */
  key: string;
  /** The field's kind, which never changes. */
  kind: string;
  /** The version of the field under which it was set. */
  version: number;
  /** The value as JSON. */
  value: string | null;
}

/** company.renamed: A company got another name. */
export interface CompanyRenamedData {
  /** The name that it has now. */
  name: string;
}

/** company.restored: A company came back from the archive. */
export type CompanyRestoredData = Record<string, never>;

/** customer.company_joined: A customer belongs to a company. */
export interface CustomerCompanyJoinedData {
  /** The company, com_…. */
  company_id: string;
}

/** customer.company_left: A customer belongs to a company no more. */
export interface CustomerCompanyLeftData {
  /** The company, com_…. */
  company_id: string;
}

/** customer.created: A customer became known. On the customer's stream. */
export interface CustomerCreatedData {
  /** What the workspace calls the customer; unique in the workspace. Personal. */
  external_id: string;
  /** The customer's name. Personal. */
  name: string;
}

/** customer.field_cleared: A customer has no value in a custom field any more. */
export interface CustomerFieldClearedData {
  /** The field, fld_…. */
  field_id: string;
  /** The field's key, which never changes. */
  key: string;
}

/** customer.field_set: A customer got a value in a custom field, or another one. */
export interface CustomerFieldSetData {
  /** The field, fld_…. */
  field_id: string;
  /** The field's key, which never changes. */
  key: string;
  /** The field's kind, which never changes. */
  kind: string;
  /** The version of the field under which it was set. */
  version: number;
  /** The value as JSON; null where the field is personal. */
  value: string | null;
  /** The value as JSON, where the field is personal; else null. Personal. */
  personal_value: string | null;
}

/** customer.identified: A placeholder got its external id: from then on it is a customer like any other. */
export interface CustomerIdentifiedData {
  /** What the workspace calls the customer; unique in the workspace. Personal. */
  external_id: string;
}

/** customer.identity_added: A customer got an identity: something that they are known by on a channel. It is nobody else's in the workspace until it is removed. */
export interface CustomerIdentityAddedData {
  /** The identity's id, idn_…. */
  identity_id: string;
  /** email, phone or handle. An open set. */
  kind: string;
  /** Of a handle, the channel that it is one of; null for the other kinds. */
  channel: string | null;
  /** An e-mail address in lower case, a phone number in E.164, or a handle as it was given. Personal. */
  value: string;
  /** Whether it is known to be theirs. */
  verified: boolean;
  /** Whether it is the first choice among theirs of its kind and channel; another that was it is so no more. */
  primary: boolean;
}

/** customer.identity_made_primary: An identity became the first choice among the customer's of its kind and channel; the one that was it is so no more. */
export interface CustomerIdentityMadePrimaryData {
  /** The identity's id, idn_…. */
  identity_id: string;
}

/** customer.identity_removed: A customer lost an identity. From then on it may be another's. */
export interface CustomerIdentityRemovedData {
  /** The identity's id, idn_…. */
  identity_id: string;
  /** email, phone or handle. An open set. */
  kind: string;
  /** Of a handle, the channel that it is one of; null for the other kinds. */
  channel: string | null;
  /** As it was added. Personal. */
  value: string;
}

/** customer.identity_unverified: An identity is not known to be the customer's any more. */
export interface CustomerIdentityUnverifiedData {
  /** The identity's id, idn_…. */
  identity_id: string;
}

/** customer.identity_verified: An identity was found to be the customer's. */
export interface CustomerIdentityVerifiedData {
  /** The identity's id, idn_…. */
  identity_id: string;
}

/** customer.language_changed: Another language is known of a customer, or none any more. */
export interface CustomerLanguageChangedData {
  /** A BCP 47 tag such as en or pt-BR; null where none is known any more. Personal. */
  language: string | null;
}

/** customer.merged: A customer was found to be the same person as another, and is read as that one. On the stream of the one that was merged. */
export interface CustomerMergedData {
  /** The customer that it is read as, cus_…; that one may have been merged further, or be merged later. */
  into_id: string;
  /** Until when it can be undone. */
  undo_until: number;
}

/** customer.placeholder_created: A customer became known by an identity alone, as the workspace's rules have it, or by an external id alone, with which somebody told what they did. On the customer's stream, as its first event. */
export interface CustomerPlaceholderCreatedData {
  /** The channel that they were first met on, such as email. */
  channel: string;
  /** What they are called until more is known. Personal. */
  name: string;
  /** The external id that they are known by; null where an identity is all that is known. Personal. */
  external_id: string | null;
}

/** customer.renamed: A customer's name changed. On the customer's stream. */
export interface CustomerRenamedData {
  /** The new name. Personal. */
  name: string;
}

/** customer.tenant_joined: A customer belongs to a tenant. */
export interface CustomerTenantJoinedData {
  /** The tenant, ten_…. */
  tenant_id: string;
}

/** customer.tenant_left: A customer belongs to a tenant no more. */
export interface CustomerTenantLeftData {
  /** The tenant, ten_…. */
  tenant_id: string;
}

/** customer.time_zone_changed: Another time zone is known of a customer, or none any more. */
export interface CustomerTimeZoneChangedData {
  /** A name of the IANA database such as Europe/Lisbon; null where none is known any more. Personal. */
  time_zone: string | null;
}

/** customer.unmerged: A merge was undone: the customer is one of their own again. On the stream of the one that had been merged. */
export interface CustomerUnmergedData {
  /** The customer that they had been merged into, cus_…. */
  from_id: string;
}

/** customer_rules.merge_window_set: A workspace said for how long a merge of customers can be undone. */
export interface CustomerRulesMergeWindowSetData {
  /** How long, from the merge on; 0: not at all. */
  hours: number;
}

/** customer_rules.placeholder_rule_removed: A channel has no rule of its own any more for somebody unknown. */
export interface CustomerRulesPlaceholderRuleRemovedData {
  /** The channel that the rule was for; null for the one of every other channel. */
  channel: string | null;
}

/** customer_rules.placeholder_rule_set: A workspace said what becomes of somebody unknown on a channel. On the stream of the workspace's rules for customers. */
export interface CustomerRulesPlaceholderRuleSetData {
  /** The channel that the rule is for; null for every channel without a rule of its own. */
  channel: string | null;
  /** What becomes of somebody unknown: make (a placeholder) or refuse. An open set. */
  unknown: string;
  /** The kinds of identity that a value is looked up as, in this order; empty: as the one that it came as. */
  match_by: string[];
  /** What a placeholder is called; null: as the channel calls them, or as their identity reads. */
  name: string | null;
}

/** tenant.archived: A tenant went to the archive: its customers stay, and no more join. */
export type TenantArchivedData = Record<string, never>;

/** tenant.company_changed: A tenant belongs to another company, or to none any more. */
export interface TenantCompanyChangedData {
  /** The company that it belongs to now, com_…; null for none. */
  company_id: string | null;
}

/** tenant.created: A tenant became known: an account in the workspace's product. On the tenant's stream. Nothing of it is about a person. */
export interface TenantCreatedData {
  /** What the workspace calls the tenant; unique in the workspace. */
  external_id: string;
  /** The tenant's name. */
  name: string;
  /** The company that it belongs to, com_…; null for none. */
  company_id: string | null;
}

/** tenant.field_cleared: A tenant has no value in a custom field any more. */
export interface TenantFieldClearedData {
  /** The field, fld_…. */
  field_id: string;
  /** The field's key, which never changes. */
  key: string;
}

/** tenant.field_set: A tenant got a value in a custom field, or another one. */
export interface TenantFieldSetData {
  /** The field, fld_…. */
  field_id: string;
  /** The field's key, which never changes. */
  key: string;
  /** The field's kind, which never changes. */
  kind: string;
  /** The version of the field under which it was set. */
  version: number;
  /** The value as JSON. */
  value: string | null;
}

/** tenant.renamed: A tenant got another name. */
export interface TenantRenamedData {
  /** The name that it has now. */
  name: string;
}

/** tenant.restored: A tenant came back from the archive. */
export type TenantRestoredData = Record<string, never>;

/** activity.recorded: A system of the workspace's own told what happened, such as invoice.paid. On the stream of its subject's activities. */
export interface ActivityRecordedData {
  /** The workspace's own name for it, such as invoice.paid. */
  activity_type: string;
  /** The version of the registered event type that the data fits; null where the type is not registered. */
  type_version: number | null;
  /** Who told it: api, or the sender's own name, such as a URI of CloudEvents. */
  source: string;
  /** Under the workspace's key the hash of source and the sender's id, 32 hex digits, by which it is known again; null where the sender gave no id. */
  deduplication_key: string | null;
  /** The sender's own id of it; null for none. Personal. */
  external_id: string | null;
  /** What it is about: customer, tenant or conversation. An open set. */
  subject_type: string;
  /** The id of what it is about, such as cus_…. */
  subject_id: string;
  /** The customer whom it is about, cus_…: the subject itself, or who the conversation is with; null for a tenant. Their key seals it. */
  customer_id: string | null;
  /** The external id that the customer was named by, where nobody was known by it: the subject is a new customer, who has this name from here on. Personal. */
  unknown_customer: string | null;
  /** How occurred_at lies to recorded_at: on_time, late or future. An open set. */
  timing: string;
  /** What happened, as the sender's JSON. Personal. */
  data: string;
}

/** event_type.archived: Events of the type are refused from now on. */
export type EventTypeArchivedData = Record<string, never>;

/** event_type.created: A workspace registered a type of its own events, with the first version of its schema. On the event type's stream. */
export interface EventTypeCreatedData {
  /** The type, such as invoice.paid: unique in the workspace. */
  name: string;
  /** Of its schemas: json_schema or avro. An open set. */
  format: string;
  /** The schema of version 1, as JSON. */
  schema: string;
  /** 32 hex digits, the same for schemas that differ in spaces and the order of names only. */
  schema_digest: string;
  /** What it is for. */
  description: string | null;
}

/** event_type.description_changed: What an event type is for is said in other words. */
export interface EventTypeDescriptionChangedData {
  /** What it is for; null for nothing. */
  description: string | null;
}

/** event_type.restored: Events of the type are taken again. */
export type EventTypeRestoredData = Record<string, never>;

/** event_type.version_added: A new version of an event type's schema. Data that was right before stays right. */
export interface EventTypeVersionAddedData {
  /** Its number, from 2, without gaps. */
  version: number;
  /** The schema, as JSON. */
  schema: string;
  /** 32 hex digits, the same for schemas that differ in spaces and the order of names only. */
  schema_digest: string;
}

/** ai_agent.capacity_changed: An AI agent is meant to have another number of open conversations. */
export interface AiAgentCapacityChangedData {
  /** How many at most; null for no bound. */
  capacity: number | null;
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

/** ai_agent.skill_added: An AI agent is there for something more. */
export interface AiAgentSkillAddedData {
  /** A slug of the workspace's own, such as german. */
  skill: string;
}

/** ai_agent.skill_removed: An AI agent is not there for something any more. */
export interface AiAgentSkillRemovedData {
  /** A slug of the workspace's own, such as german. */
  skill: string;
}

/** ai_agent.status_changed: It was said whether an AI agent is there to answer. */
export interface AiAgentStatusChangedData {
  /** available, away or offline. An open set. */
  status: string;
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

/** user.capacity_changed: A user is meant to have another number of open conversations. */
export interface UserCapacityChangedData {
  /** How many at most; null for no bound. */
  capacity: number | null;
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

/** user.skill_added: A user is there for something more. */
export interface UserSkillAddedData {
  /** A slug of the workspace's own, such as german. */
  skill: string;
}

/** user.skill_removed: A user is not there for something any more. */
export interface UserSkillRemovedData {
  /** A slug of the workspace's own, such as german. */
  skill: string;
}

/** user.status_changed: A user said whether they are there to answer. */
export interface UserStatusChangedData {
  /** available, away or offline. An open set. */
  status: string;
}

/** webhook_endpoint.client_certificate_changed: An endpoint is shown another certificate, or none. */
export interface WebhookEndpointClientCertificateChangedData {
  /** SHA-256 of the certificate that it is shown over TLS, in hex; null for none. */
  client_certificate_sha256: string | null;
  /** All its secrets, under a key of the workspace's. */
  sealed: Buffer;
}

/** webhook_endpoint.created: An endpoint was made, to which events are sent. On the endpoint's stream. */
export interface WebhookEndpointCreatedData {
  /** Where events are sent to. */
  url: string;
  /** What it is for; null for nothing. */
  description: string | null;
  /** Which events it wants: types, groups such as conversation.updated, <noun>.* or *. */
  types: string[];
  /** What those events have to meet, as JSON: a WebhookFilter of the API; null for no conditions. */
  filter: string | null;
  /** The versions that it is sent, such as message.created@1.0; several with commas between, none for the newest. */
  pin: string;
  /** Whether events of a stream come one after another. */
  ordered: boolean;
  /** How many attempts may be under way at a time. */
  concurrency: number;
  /** How many attempts a second at most; null for no bound. */
  rate_limit: number | null;
  /** The seconds before each further attempt. */
  retry_schedule: number[];
  /** v1 (HMAC-SHA256), v1a (ed25519), or both. */
  signatures: string[];
  /** The header that has the hex HMAC-SHA256 of the body beside them; null for none. */
  body_signature_header: string | null;
  /** Names of the headers of its own that each attempt has; their values are sealed. */
  header_names: string[];
  /** SHA-256 of the certificate that it is shown over TLS, in hex; null for none. */
  client_certificate_sha256: string | null;
  /** All its secrets, under a key of the workspace's. */
  sealed: Buffer;
}

/** webhook_endpoint.deleted: An endpoint is gone for good: nothing is sent to it any more. */
export type WebhookEndpointDeletedData = Record<string, never>;

/** webhook_endpoint.description_changed: What an endpoint is for was said anew. */
export interface WebhookEndpointDescriptionChangedData {
  /** What it is for; null for nothing. */
  description: string | null;
}

/** webhook_endpoint.disabled: Nothing is sent to an endpoint until it is enabled. */
export interface WebhookEndpointDisabledData {
  /** request: somebody wanted it; gone: it answered 410; failing: it failed for days. An open set. */
  reason: string;
}

/** webhook_endpoint.enabled: An endpoint that was disabled is sent events again. */
export type WebhookEndpointEnabledData = Record<string, never>;

/** webhook_endpoint.filter_changed: An endpoint wants events that meet other conditions. */
export interface WebhookEndpointFilterChangedData {
  /** What those events have to meet, as JSON: a WebhookFilter of the API; null for no conditions. */
  filter: string | null;
}

/** webhook_endpoint.headers_changed: An endpoint is sent other headers of its own. */
export interface WebhookEndpointHeadersChangedData {
  /** Names of the headers of its own that each attempt has; their values are sealed. */
  header_names: string[];
  /** All its secrets, under a key of the workspace's. */
  sealed: Buffer;
}

/** webhook_endpoint.lane_parked: A message of an ordered endpoint has had all its attempts: the later events of its stream wait until somebody resumes the lane, or skips the message. On the endpoint's stream. */
export interface WebhookEndpointLaneParkedData {
  /** The stream whose events wait. */
  stream: string;
  /** 0 for what happened then; else the number of the replay or redrive that it was sent by. */
  run: number;
  /** The event that it is about, evt_…. */
  event_id: string;
  /** Its type. */
  event_type: string;
  /** Its place in the store. */
  event_position: number;
  /** How many attempts it has had. */
  attempts: number;
  /** What its last attempt was answered with; null where no answer came. */
  status: number | null;
  /** Why its last attempt failed: status for an answer that is none of success; else a word such as timeout. An open set. */
  cause: string;
}

/** webhook_endpoint.lane_resumed: A parked lane goes on: its message is attempted again, from the first attempt on. */
export interface WebhookEndpointLaneResumedData {
  /** The stream whose events wait. */
  stream: string;
  /** 0 for what happened then; else the number of the replay or redrive that it was sent by. */
  run: number;
  /** The event that it is about, evt_…. */
  event_id: string;
  /** Its type. */
  event_type: string;
  /** Its place in the store. */
  event_position: number;
}

/** webhook_endpoint.lane_skipped: A parked lane goes on without its message, which becomes a dead letter. */
export interface WebhookEndpointLaneSkippedData {
  /** The stream whose events wait. */
  stream: string;
  /** 0 for what happened then; else the number of the replay or redrive that it was sent by. */
  run: number;
  /** The event that it is about, evt_…. */
  event_id: string;
  /** Its type. */
  event_type: string;
  /** Its place in the store. */
  event_position: number;
}

/** webhook_endpoint.limits_changed: An endpoint is sent more at a time, or less. */
export interface WebhookEndpointLimitsChangedData {
  /** How many attempts may be under way at a time. */
  concurrency: number;
  /** How many attempts a second at most; null for no bound. */
  rate_limit: number | null;
}

/** webhook_endpoint.pin_changed: An endpoint is sent events in other versions. */
export interface WebhookEndpointPinChangedData {
  /** The versions that it is sent, such as message.created@1.0; several with commas between, none for the newest. */
  pin: string;
}

/** webhook_endpoint.retry_schedule_changed: What an endpoint does not take is sent again after other waits. */
export interface WebhookEndpointRetryScheduleChangedData {
  /** The seconds before each further attempt. */
  retry_schedule: number[];
}

/** webhook_endpoint.secret_rotated: An endpoint has new keys that sign what it is sent. */
export interface WebhookEndpointSecretRotatedData {
  /** Until then what was signed with before signs as well; null where it does so no more. */
  previous_until: number | null;
  /** All its secrets, under a key of the workspace's. */
  sealed: Buffer;
}

/** webhook_endpoint.signatures_changed: What is sent to an endpoint is signed otherwise. */
export interface WebhookEndpointSignaturesChangedData {
  /** v1 (HMAC-SHA256), v1a (ed25519), or both. */
  signatures: string[];
  /** The header that has the hex HMAC-SHA256 of the body beside them; null for none. */
  body_signature_header: string | null;
}

/** webhook_endpoint.types_changed: An endpoint wants other types of events. */
export interface WebhookEndpointTypesChangedData {
  /** Which events it wants: types, groups such as conversation.updated, <noun>.* or *. */
  types: string[];
}

/** webhook_endpoint.url_changed: Events are sent to another address from now on. */
export interface WebhookEndpointUrlChangedData {
  /** Where events are sent to. */
  url: string;
}

/** webhook_message.dead_lettered: An endpoint did not take a message in any of its attempts, or somebody skipped it. On a stream of its own. */
export interface WebhookMessageDeadLetteredData {
  /** The endpoint that did not take it, whe_…. */
  endpoint_id: string;
  /** The event that the message is about, evt_…. */
  event_id: string;
  /** Its type. */
  event_type: string;
  /** Its stream. */
  event_stream: string;
  /** Its place in the store. */
  event_position: number;
  /** 0 for what happened then; else the number of the replay or redrive that it was sent by. */
  run: number;
  /** The version that its body was pinned to; empty for the newest that there was. */
  pin: string;
  /** How many attempts it has had. */
  attempts: number;
  /** What its last attempt was answered with; null where no answer came. */
  status: number | null;
  /** Why its last attempt failed: status for an answer that is none of success; else a word such as timeout. An open set. */
  cause: string;
  /** Whether somebody skipped it, for others to go on. */
  skipped: boolean;
}

/** webhook_message.redriven: A dead letter is sent again, as a message of another run. */
export interface WebhookMessageRedrivenData {
  /** The endpoint that did not take it, whe_…. */
  endpoint_id: string;
  /** The event that the message is about, evt_…. */
  event_id: string;
  /** Its type. */
  event_type: string;
  /** The number of the run that it is sent again by. */
  run: number;
}

/** webhook_replay.cancelled: A replay goes no further, and what waits of it is taken back. */
export interface WebhookReplayCancelledData {
  /** The endpoint that is sent it, whe_…. */
  endpoint_id: string;
}

/** webhook_replay.finished: Nothing of a replay waits any more: all of it was taken, or given up. */
export interface WebhookReplayFinishedData {
  /** The endpoint that is sent it, whe_…. */
  endpoint_id: string;
  /** How many events were to be sent. */
  due: number;
  /** How many were left out for what became of them before. */
  passed_over: number;
}

/** webhook_replay.started: An endpoint is to be sent a part of the log again, or for the first time. On a stream of its own. */
export interface WebhookReplayStartedData {
  /** The endpoint that is sent it, whe_…. */
  endpoint_id: string;
  /** Its number among the runs of the endpoint. */
  run: number;
  /** The first place in the store that is looked at. */
  from_position: number;
  /** The last one. */
  to_position: number;
  /** Types of events, groups, all of a noun, or all, as the endpoint says them. */
  types: string[];
  /** What the events have to meet, as JSON; null for nothing more. */
  filter: string | null;
  /** all, never_attempted, or failed: which of them are sent, by what became of them before. */
  only: string;
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
  'conversation.field_cleared': ConversationFieldClearedData;
  'conversation.field_set': ConversationFieldSetData;
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
  'custom_field.archived': CustomFieldArchivedData;
  'custom_field.created': CustomFieldCreatedData;
  'custom_field.default_changed': CustomFieldDefaultChangedData;
  'custom_field.dependency_changed': CustomFieldDependencyChangedData;
  'custom_field.description_changed': CustomFieldDescriptionChangedData;
  'custom_field.options_changed': CustomFieldOptionsChangedData;
  'custom_field.renamed': CustomFieldRenamedData;
  'custom_field.required_changed': CustomFieldRequiredChangedData;
  'custom_field.restored': CustomFieldRestoredData;
  'draft.accepted': DraftAcceptedData;
  'draft.edited': DraftEditedData;
  'draft.proposed': DraftProposedData;
  'draft.refused': DraftRefusedData;
  'job.cancelled': JobCancelledData;
  'job.created': JobCreatedData;
  'job.finished': JobFinishedData;
  'job.progressed': JobProgressedData;
  'job.rows_added': JobRowsAddedData;
  'label.archived': LabelArchivedData;
  'label.created': LabelCreatedData;
  'label.description_changed': LabelDescriptionChangedData;
  'label.recolored': LabelRecoloredData;
  'label.renamed': LabelRenamedData;
  'label.restored': LabelRestoredData;
  'message.choice_made': MessageChoiceMadeData;
  'message.created': MessageCreatedData;
  'message.delivered': MessageDeliveredData;
  'message.delivery_failed': MessageDeliveryFailedData;
  'message.edited': MessageEditedData;
  'message.field_cleared': MessageFieldClearedData;
  'message.field_set': MessageFieldSetData;
  'message.reaction_added': MessageReactionAddedData;
  'message.reaction_removed': MessageReactionRemovedData;
  'message.read': MessageReadData;
  'message.redacted': MessageRedactedData;
  'status_detail.archived': StatusDetailArchivedData;
  'status_detail.created': StatusDetailCreatedData;
  'status_detail.renamed': StatusDetailRenamedData;
  'status_detail.restored': StatusDetailRestoredData;
  'view.archived': ViewArchivedData;
  'view.created': ViewCreatedData;
  'view.filter_changed': ViewFilterChangedData;
  'view.renamed': ViewRenamedData;
  'view.restored': ViewRestoredData;
  'view.sort_changed': ViewSortChangedData;
  'company.archived': CompanyArchivedData;
  'company.created': CompanyCreatedData;
  'company.domains_changed': CompanyDomainsChangedData;
  'company.field_cleared': CompanyFieldClearedData;
  'company.field_set': CompanyFieldSetData;
  'company.renamed': CompanyRenamedData;
  'company.restored': CompanyRestoredData;
  'customer.company_joined': CustomerCompanyJoinedData;
  'customer.company_left': CustomerCompanyLeftData;
  'customer.created': CustomerCreatedData;
  'customer.field_cleared': CustomerFieldClearedData;
  'customer.field_set': CustomerFieldSetData;
  'customer.identified': CustomerIdentifiedData;
  'customer.identity_added': CustomerIdentityAddedData;
  'customer.identity_made_primary': CustomerIdentityMadePrimaryData;
  'customer.identity_removed': CustomerIdentityRemovedData;
  'customer.identity_unverified': CustomerIdentityUnverifiedData;
  'customer.identity_verified': CustomerIdentityVerifiedData;
  'customer.language_changed': CustomerLanguageChangedData;
  'customer.merged': CustomerMergedData;
  'customer.placeholder_created': CustomerPlaceholderCreatedData;
  'customer.renamed': CustomerRenamedData;
  'customer.tenant_joined': CustomerTenantJoinedData;
  'customer.tenant_left': CustomerTenantLeftData;
  'customer.time_zone_changed': CustomerTimeZoneChangedData;
  'customer.unmerged': CustomerUnmergedData;
  'customer_rules.merge_window_set': CustomerRulesMergeWindowSetData;
  'customer_rules.placeholder_rule_removed': CustomerRulesPlaceholderRuleRemovedData;
  'customer_rules.placeholder_rule_set': CustomerRulesPlaceholderRuleSetData;
  'tenant.archived': TenantArchivedData;
  'tenant.company_changed': TenantCompanyChangedData;
  'tenant.created': TenantCreatedData;
  'tenant.field_cleared': TenantFieldClearedData;
  'tenant.field_set': TenantFieldSetData;
  'tenant.renamed': TenantRenamedData;
  'tenant.restored': TenantRestoredData;
  'activity.recorded': ActivityRecordedData;
  'event_type.archived': EventTypeArchivedData;
  'event_type.created': EventTypeCreatedData;
  'event_type.description_changed': EventTypeDescriptionChangedData;
  'event_type.restored': EventTypeRestoredData;
  'event_type.version_added': EventTypeVersionAddedData;
  'ai_agent.capacity_changed': AiAgentCapacityChangedData;
  'ai_agent.created': AiAgentCreatedData;
  'ai_agent.renamed': AiAgentRenamedData;
  'ai_agent.skill_added': AiAgentSkillAddedData;
  'ai_agent.skill_removed': AiAgentSkillRemovedData;
  'ai_agent.status_changed': AiAgentStatusChangedData;
  'team.created': TeamCreatedData;
  'team.member_added': TeamMemberAddedData;
  'team.member_removed': TeamMemberRemovedData;
  'team.renamed': TeamRenamedData;
  'user.capacity_changed': UserCapacityChangedData;
  'user.created': UserCreatedData;
  'user.email_changed': UserEmailChangedData;
  'user.renamed': UserRenamedData;
  'user.skill_added': UserSkillAddedData;
  'user.skill_removed': UserSkillRemovedData;
  'user.status_changed': UserStatusChangedData;
  'webhook_endpoint.client_certificate_changed': WebhookEndpointClientCertificateChangedData;
  'webhook_endpoint.created': WebhookEndpointCreatedData;
  'webhook_endpoint.deleted': WebhookEndpointDeletedData;
  'webhook_endpoint.description_changed': WebhookEndpointDescriptionChangedData;
  'webhook_endpoint.disabled': WebhookEndpointDisabledData;
  'webhook_endpoint.enabled': WebhookEndpointEnabledData;
  'webhook_endpoint.filter_changed': WebhookEndpointFilterChangedData;
  'webhook_endpoint.headers_changed': WebhookEndpointHeadersChangedData;
  'webhook_endpoint.lane_parked': WebhookEndpointLaneParkedData;
  'webhook_endpoint.lane_resumed': WebhookEndpointLaneResumedData;
  'webhook_endpoint.lane_skipped': WebhookEndpointLaneSkippedData;
  'webhook_endpoint.limits_changed': WebhookEndpointLimitsChangedData;
  'webhook_endpoint.pin_changed': WebhookEndpointPinChangedData;
  'webhook_endpoint.retry_schedule_changed': WebhookEndpointRetryScheduleChangedData;
  'webhook_endpoint.secret_rotated': WebhookEndpointSecretRotatedData;
  'webhook_endpoint.signatures_changed': WebhookEndpointSignaturesChangedData;
  'webhook_endpoint.types_changed': WebhookEndpointTypesChangedData;
  'webhook_endpoint.url_changed': WebhookEndpointUrlChangedData;
  'webhook_message.dead_lettered': WebhookMessageDeadLetteredData;
  'webhook_message.redriven': WebhookMessageRedrivenData;
  'webhook_replay.cancelled': WebhookReplayCancelledData;
  'webhook_replay.finished': WebhookReplayFinishedData;
  'webhook_replay.started': WebhookReplayStartedData;
}

/** The name of an event, as the API shows it. */
export type EventType = keyof EventData;

/** Any event of the contract, as a decider states it. */
export type AnyEvent = { [Type in EventType]: DomainEvent<Type, EventData[Type]> }[EventType];

/** Any event of the contract, as it is read from the log. */
export type AnyRecordedEvent = { [Type in EventType]: RecordedEvent<Type, EventData[Type]> }[EventType];
